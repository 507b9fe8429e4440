import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { untilAborted } from '../../async/until-aborted';
import { AttemptTimeoutError } from '../attempt-clock';
import type { IsolatedWorld } from './isolated-world';
import type { MainDocument } from './main-document';
import type { NetworkActivity } from './network-activity';
import { NO_BODY, netErrorIn, RenderError } from './render-error';
import { documentReaches } from './rendered-document';

/** A page in its context, and the objects that watch it. */
export interface BrowserPage {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly session: CDPSession;
  readonly main: MainDocument;
  readonly network: NetworkActivity;
  readonly world: IsolatedWorld;
  /** Step of the rendering, which tells what a time-out means. */
  readonly progress: { isWaitingForSelector: boolean };
}

/** Share of the navigation time that pictures, frames and scripts may take. A page whose pictures hang is still a page. */
const LOAD_SHARE = 0.6;
/** Time without requests after which a page has settled, because pages fetch their data once they have loaded. */
const SETTLE_QUIET_MS = 250;
const SETTLE_TIMEOUT_MS = 2_500;
/** Limit for pages that send each other on for ever. */
const MAX_DOCUMENTS = 20;

/**
 * Goes to the URL and waits for the page where the visitor ends up: its document is complete, its parts are loaded or given up, its own
 * requests are answered. Also resolves when the answer turns out to be a file. Rejects with the browser's own error.
 */
export async function loadPage(
  opened: BrowserPage,
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { page, main } = opened;
  const startedAt = performance.now();
  const leftOf = (share: number) => Math.max(1, startedAt + share * timeoutMs - performance.now());
  try {
    await page.goto(url, { waitUntil: 'commit', timeout: timeoutMs });
  } catch (error) {
    if (await hasBecomeFile(opened, error, signal)) return;
  }
  for (let documents = 0; documents < MAX_DOCUMENTS && main.file === undefined; documents += 1) {
    await settle(opened, leftOf, signal);
    if (!main.navigation.isUnderWay) return;
    await untilAborted(main.navigation.changed(leftOf(1)), signal);
  }
}

async function settle(opened: BrowserPage, leftOf: (share: number) => number, signal: AbortSignal): Promise<void> {
  const { main, network, world } = opened;
  if (main.navigation.isUnderWay) await untilAborted(main.navigation.changed(leftOf(LOAD_SHARE)), signal);
  if (main.file !== undefined) return;
  if (!(await documentReaches('interactive', world, leftOf(1))))
    throw new RenderError('ATTEMPT_TIMEOUT', 'the document did not come in time');
  await documentReaches('complete', world, leftOf(LOAD_SHARE));
  await network.quiet(SETTLE_QUIET_MS, Math.min(SETTLE_TIMEOUT_MS, leftOf(LOAD_SHARE)), signal);
}

/** Tells whether the navigation failed because the answer is a file. Throws other errors. */
async function hasBecomeFile({ main }: BrowserPage, error: unknown, signal: AbortSignal): Promise<boolean> {
  while (main.isTakingFile) await untilAborted(main.navigation.changed(1_000), signal);
  if (main.file !== undefined) return true;
  const text = textOf(error);
  if (/interrupted by another navigation/.test(text)) return false;
  const netError = netErrorIn(text);
  if (netError?.name === NO_BODY && main.head !== undefined) {
    main.file = Buffer.alloc(0);
    return true;
  }
  if (netError?.name === 'ERR_ABORTED' || /Download is starting/.test(text))
    throw new RenderError('NOT_A_DOCUMENT', 'the answer is no document');
  if (isTimeout(error)) throw new RenderError('ATTEMPT_TIMEOUT', 'no answer came in time');
  if (netError !== undefined) main.netError = netError;
  throw error;
}

/** Waits until an element is in the document, visible or not. Only the end of the attempt limits the wait. */
export async function waitForSelector({ page, progress }: BrowserPage, selector: string): Promise<void> {
  progress.isWaitingForSelector = true;
  try {
    await page.locator(`css=${selector}`).first().waitFor({ state: 'attached', timeout: 0 });
  } catch (error) {
    if (/not a valid selector|Unexpected token|while parsing/i.test(textOf(error)))
      throw new RenderError('SELECTOR_INVALID', 'wait_for_selector is no CSS selector', { cause: error });
    throw error;
  }
  progress.isWaitingForSelector = false;
}

/** Error for the end of an attempt during {@link waitForSelector}; a cancellation stays what it is. */
export function selectorTimeout(reason: unknown): unknown {
  return reason instanceof AttemptTimeoutError
    ? new RenderError('SELECTOR_NOT_FOUND', 'wait_for_selector did not appear', { cause: reason })
    : reason;
}

export function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError';
}
