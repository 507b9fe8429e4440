import type { EgressProxy } from '../egress/egress-proxy';
import type { Guard } from '../../net/guard';
import { HostLimiter } from '../../scheduling/host-limiter';
import type { BrowserEngine, BrowserSource, RenderOptions, RenderOrder, RenderedPage } from './browser-engine';
import { BrowserPool } from './browser-pool';
import { RenderSession } from './render-session';

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

const MEGABYTE = 1024 * 1024;

/** Starts nothing yet: the browser comes up with the first page. */
export function createBrowserEngine(options: BrowserEngineOptions): BrowserEngine {
  const { source, egress, guard, onWarning = () => undefined } = options;
  // A limiter of one host is a queue: first come, first served, and who gives up leaves it.
  const slots = new HostLimiter(options.maxPages ?? 4);
  const pool = new BrowserPool({
    source,
    pagesPerBrowser: options.pagesPerBrowser ?? 500,
    maxMemoryBytes: options.maxMemoryBytes ?? 2_048 * MEGABYTE,
    onWarning,
  });
  const limits = {
    navigationTimeoutMs: options.navigationTimeoutMs ?? 30_000,
    maxBodyBytes: options.maxBodyBytes ?? 50 * MEGABYTE,
    maxTotalBytes: options.maxPageBytes ?? 100 * MEGABYTE,
    maxRequests: options.maxPageRequests ?? 2_000,
  };

  const render = async (
    order: RenderOrder,
    signal: AbortSignal,
    { waitForUs = (work) => work() }: RenderOptions = {},
  ): Promise<RenderedPage> => {
    guard.assertUrl(order.url);
    const leave = await waitForUs(() => slots.acquire('browser', signal));
    try {
      const { browser, end } = await waitForUs(() => pool.lease(signal));
      try {
        return await new RenderSession({ browser, egress, guard, limits, onWarning }, order, signal).run();
      } finally {
        end();
      }
    } finally {
      leave();
    }
  };

  return { render, close: () => pool.close() };
}
