import type { RenderRequest } from '../../jobs/fetch-outcome';
import type { HeaderPair } from '../../http/header-value';
import type { Guard } from '../../net/guard';
import type { EgressProxy } from '../egress/egress-proxy';
import type { Proxy } from '../proxies/proxy';

/** How a browser is obtained. */
export type BrowserSource =
  | { readonly kind: 'executable'; readonly path: string }
  /** A browser that runs already. It has to run on this machine, because the egress proxy listens on loopback. */
  | { readonly kind: 'cdp'; readonly url: string };

/** A cookie as CDP and Playwright write it. */
export interface BrowserCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  /** Seconds since the epoch; -1 for a cookie that ends with the session. */
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
  /** Headers of the caller. They are sent with the navigation only, not with what the page loads. */
  readonly headers: readonly HeaderPair[];
  readonly deviceType: 'desktop' | 'mobile';
  readonly render: RenderRequest;
  /** False: the 3xx itself is the result. @default true */
  readonly followRedirects?: boolean;
  readonly cookies: readonly BrowserCookie[];
  /** Undefined: the page is loaded directly. Either way traffic passes the egress proxy, which guards every connection. */
  readonly proxy: Proxy | undefined;
}

/** The document after scripts and steps, as UTF-8 HTML; a file that is no document comes as it is. */
export interface RenderedPage {
  readonly finalUrl: string;
  /** Status of the last navigation's answer. */
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  readonly screenshot: Buffer | undefined;
  readonly cookies: readonly BrowserCookie[];
}

export interface RenderOptions {
  /** Runs waits that are not the target's fault: for a free slot, and for the browser to start. @default runs them as they are */
  readonly waitForUs?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Loads pages in a real browser, each in its own context. */
export interface BrowserEngine {
  /** Loads one page. Rejects with the signal's reason, an error of the network or the guard, or a `RenderError`. */
  render(order: RenderOrder, signal: AbortSignal, options?: RenderOptions): Promise<RenderedPage>;
  close(): Promise<void>;
}

export interface BrowserEngineOptions {
  /** Result of `findBrowser`. */
  readonly source: BrowserSource;
  /** Proxy that all traffic of the browser goes through. */
  readonly egress: Pick<EgressProxy, 'addressFor' | 'troubleOf'>;
  readonly guard: Pick<Guard, 'assertUrl'>;
  /** Maximum number of pages at once. Each takes about 150 MB and, while it loads, a good part of a core. @default 4 */
  readonly maxPages?: number;
  /** Time until the document has come. @default 30 s */
  readonly navigationTimeoutMs?: number;
  /** Maximum size of one document or file. @default 50 MB */
  readonly maxBodyBytes?: number;
  /** Maximum of all that one page loads, unpacked; after that it gets nothing more. @default 100 MB */
  readonly maxPageBytes?: number;
  /** Maximum number of requests of one page. @default 2,000 */
  readonly maxPageRequests?: number;
  /** Number of pages after which the browser is restarted. @default 500 */
  readonly pagesPerBrowser?: number;
  /** Memory of all processes of the browser beyond which it is restarted. Linux only. @default 2 GB */
  readonly maxMemoryBytes?: number;
  readonly onWarning?: (message: string) => void;
}
