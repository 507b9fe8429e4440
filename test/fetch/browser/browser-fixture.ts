import { createEgressProxy } from '../../../src/fetch/egress/egress-proxy';
import type { EgressProxy } from '../../../src/fetch/egress/egress-proxy';
import type {
  BrowserEngine,
  RenderOrder,
  RenderedPage,
  BrowserEngineOptions,
} from '../../../src/fetch/browser/browser-engine';
import { createBrowserEngine } from '../../../src/fetch/browser/create-browser-engine';
import { findBrowser } from '../../../src/fetch/browser/find-browser';
import { createGuard } from '../../../src/net/guard';
import type { GuardOptions } from '../../../src/net/guard';

const source = findBrowser('auto');

/** `describe`, or a skipped one that says why when there is no browser. */
export const describeWithBrowser =
  source === undefined
    ? (name: string, body: () => void) => describe.skip(`${name} (skipped: no Chromium is installed)`, body)
    : describe;

export interface BrowserFixture {
  readonly engine: BrowserEngine;
  readonly egress: EgressProxy;
  readonly warnings: readonly string[];
  readonly close: () => Promise<void>;
}

export interface FixtureOptions extends Partial<BrowserEngineOptions> {
  /** @default 127.0.0.1 alone */
  readonly allow?: readonly string[];
  readonly resolve?: GuardOptions['resolve'];
}

export async function openBrowser({
  allow = ['127.0.0.1'],
  resolve,
  ...options
}: FixtureOptions = {}): Promise<BrowserFixture> {
  if (source === undefined) throw new Error('no Chromium is installed');
  const guard = createGuard(allow, { ...(resolve !== undefined && { resolve }) });
  const egress = await createEgressProxy({ guard });
  const warnings: string[] = [];
  const engine = createBrowserEngine({
    ...{ source, egress, guard, navigationTimeoutMs: 15_000 },
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  return {
    ...{ engine, egress, warnings },
    close: async () => {
      await engine.close();
      await egress.close();
    },
  };
}

export interface OrderOptions extends Partial<Omit<RenderOrder, 'url' | 'render'>>, Partial<RenderOrder['render']> {
  readonly signal?: AbortSignal;
}

export function renderWith(engine: BrowserEngine, url: string, options: OrderOptions = {}): Promise<RenderedPage> {
  const { waitForSelector, isScreenshotWanted = false, instructions = [], signal, ...order } = options;
  return engine.render(
    {
      ...{ url: new URL(url), method: 'GET', body: undefined, headers: [], deviceType: 'desktop' as const },
      ...{ cookies: [], proxy: undefined },
      render: { isScreenshotWanted, instructions, ...(waitForSelector !== undefined && { waitForSelector }) },
      ...order,
    },
    signal ?? AbortSignal.timeout(30_000),
  );
}

export const textOf = (page: RenderedPage): string => page.body.toString('utf8');
