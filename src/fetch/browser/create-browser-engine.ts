import { HostLimiter } from '../../scheduling/host-limiter';
import type { BrowserEngine, BrowserEngineOptions, RenderOptions, RenderOrder, RenderedPage } from './browser-engine';
import { BrowserPool } from './browser-pool';
import { RenderSession } from './render-session';

const MEGABYTE = 1024 * 1024;

/** Creates the engine. The browser is started for the first page. */
export function createBrowserEngine(options: BrowserEngineOptions): BrowserEngine {
  const { source, egress, guard, onWarning = () => undefined } = options;
  // With a single host, the limiter is a fair queue that callers can leave.
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
