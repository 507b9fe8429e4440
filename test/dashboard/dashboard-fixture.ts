import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findBrowser } from '../../src/fetch/browser/find-browser';
import { startRelay } from '../support/relay';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';
import { buildDashboard } from './build-dashboard';

export interface Dashboard {
  readonly service: TestService;
  /** Address of the service as the browser knows it. */
  readonly url: string;
  /** The only browser tab, signed in with the key of the suite. */
  readonly page: Page;
  readonly browser: Browser;
  /** What must not happen in the browser: violations of the policy, errors of scripts, requests to other origins. */
  readonly complaints: readonly string[];
  /** Opens a tab with a state of its own, which is watched as well. */
  readonly newPage: (options?: Parameters<Browser['newContext']>[0]) => Promise<Page>;
  /** Goes to a view of the tab by its hash, and waits until everything there has been loaded. */
  readonly go: (hash: string) => Promise<void>;
  /** Cuts all connections between browser and service, or lets them through again. */
  readonly setAway: (isAway: boolean) => void;
  close(): Promise<void>;
}

/** Browsers note refused requests as errors of their console; those are what some tests are about. */
const EXPECTED_ERROR = /^Failed to load resource: (the server responded with a status of|net::ERR_)/;

/** The whole service and a real Chromium with the dashboard. */
export async function openDashboard(env: Record<string, string>): Promise<Dashboard> {
  const source = findBrowser('auto');
  if (source?.kind !== 'executable') throw new Error('no Chromium is installed');
  await buildDashboard();
  const { chromium } = await import('playwright-core');
  const [service, browser] = await Promise.all([
    startTestService({ env }),
    chromium.launch({ executablePath: source.path, chromiumSandbox: process.getuid?.() !== 0 }),
  ]);
  let isAway = false;
  const meddle = (bytes: Buffer) => (isAway ? 'cut' : bytes);
  const relay = await startRelay(Number(new URL(service.url).port), { up: meddle, down: meddle });
  const complaints: string[] = [];
  const newPage: Dashboard['newPage'] = async (options) => {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(15_000);
    watch(context, relay.url, complaints);
    return context.newPage();
  };
  const page = await newPage({ viewport: { width: 1_280, height: 900 } });
  await signIn(page, relay.url, TEST_KEY);
  return {
    ...{ service, url: relay.url, page, browser, complaints, newPage },
    go: (hash) => goTo(page, hash),
    setAway: (away) => void (isAway = away),
    async close() {
      await browser.close();
      await relay.close();
      await service.stop();
    },
  };
}

function watch(context: BrowserContext, origin: string, complaints: string[]): void {
  context.on('console', (message) => {
    const text = message.text();
    if (/content security policy/i.test(text) || (message.type() === 'error' && !EXPECTED_ERROR.test(text)))
      complaints.push(text);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (asked !== origin && protocol !== 'blob:' && protocol !== 'data:')
      complaints.push(`request to ${request.url()}`);
  });
}

/** Signs in as people do. */
export async function signIn(page: Page, url: string, key: string): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens a view by its hash, and waits until everything there has been loaded. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await settled(page);
}

/** Waits until the view has its title and nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').waitFor();
  // Playwright's own way to wait for a function evaluates it in the page, which the policy forbids.
  await waitFor(() => page.evaluate<boolean>("document.querySelector('.loading, [aria-busy=true]') === null"));
}
