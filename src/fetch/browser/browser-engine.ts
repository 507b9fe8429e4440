import type { RenderRequest } from '../../jobs/fetch-outcome';
import type { HeaderPair } from '../../http/header-value';
import type { Guard } from '../../net/guard';
import type { EgressProxy } from '../egress/egress-proxy';
import type { Proxy } from '../proxies/proxy';

/** Where a browser comes from. */
export type BrowserSource =
  | { readonly kind: 'executable'; readonly path: string }
  /** One that runs already. It has to run on this machine: the egress proxy listens on loopback. */
  | { readonly kind: 'cdp'; readonly url: string };

/** A cookie as CDP and Playwright write it. */
export interface BrowserCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  /** Seconds since the epoch; -1 for one that ends with the session. */
  readonly expires: number;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: 'Strict' | 'Lax' | 'None';
}

/** One page to load. */
export interface RenderOrder {
  readonly url: URL;
  readonly method: string;
  readonly body: string | undefined;
  /** Go out with the navigation only, not with what the page loads. */
  readonly headers: readonly HeaderPair[];
  readonly deviceType: 'desktop' | 'mobile';
  readonly render: RenderRequest;
  /** False: the 3xx itself is the result. @default true */
  readonly followRedirects?: boolean;
  readonly cookies: readonly BrowserCookie[];
  /** Undefined: directly. Either way through the egress proxy, which guards every connection. */
  readonly proxy: Proxy | undefined;
}

/** The document after scripts and steps, as UTF-8 HTML; a file that is no document comes as it is. */
export interface RenderedPage {
  readonly finalUrl: string;
  /** Of the last navigation's answer. */
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  readonly screenshot: Buffer | undefined;
  readonly cookies: readonly BrowserCookie[];
}

export interface RenderOptions {
  /** Runs what is a wait for us and not for the target: for a page's turn, and for the browser to start. @default runs it */
  readonly waitForUs?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Loads pages in a real browser, each in a context of its own. */
export interface BrowserEngine {
  /** Rejects with the signal's reason, with what the network or the guard said, or with a `RenderError`. */
  render(order: RenderOrder, signal: AbortSignal, options?: RenderOptions): Promise<RenderedPage>;
  close(): Promise<void>;
}

export interface BrowserEngineOptions {
  /** See `findBrowser`. */
  readonly source: BrowserSource;
  /** All that the browser does goes through it. */
  readonly egress: Pick<EgressProxy, 'addressFor' | 'troubleOf'>;
  readonly guard: Pick<Guard, 'assertUrl'>;
  /** Pages at once. Each takes about 150 MB and, while it loads, a good part of a core. @default 4 */
  readonly maxPages?: number;
  /** Until the document has come. @default 30 s */
  readonly navigationTimeoutMs?: number;
  /** One document or file. @default 50 MB */
  readonly maxBodyBytes?: number;
  /** All that one page loads, unpacked; then it gets nothing more. @default 100 MB */
  readonly maxPageBytes?: number;
  /** @default 2,000 */
  readonly maxPageRequests?: number;
  /** After so many pages the browser is started afresh. @default 500 */
  readonly pagesPerBrowser?: number;
  /** Of all processes of the browser; with more it is started afresh. Linux only. @default 2 GB */
  readonly maxMemoryBytes?: number;
  readonly onWarning?: (message: string) => void;
}
