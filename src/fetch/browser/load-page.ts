import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { untilAborted } from '../../async/until-aborted';
import { AttemptTimeoutError } from '../attempt-clock';
import type { IsolatedWorld } from './isolated-world';
import type { MainDocument } from './main-document';
import type { NetworkActivity } from './network-activity';
import { NO_BODY, netErrorIn, RenderError } from './render-error';
import { documentReaches } from './rendered-document';

/** A page in its context, and what watches it. */
export interface OpenPage {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly session: CDPSession;
  readonly main: MainDocument;
  readonly network: NetworkActivity;
  readonly world: IsolatedWorld;
  /** What an attempt that ends now ended in. */
  readonly progress: { isWaitingForSelector: boolean };
}

/** Share of the navigation time that pictures, frames and scripts may take; a page whose pictures hang is a page all the same. */
const LOAD_SHARE = 0.6;
/** Pages fetch their data once they have loaded. */
const SETTLE_QUIET_MS = 250;
const SETTLE_TIMEOUT_MS = 2_500;
/** Pages that send each other on for ever. */
const MAX_DOCUMENTS = 20;

/**
 * Goes to the URL and waits until the page that the visitor ends at is there: its document complete, its parts loaded or given up, its own
 * requests answered. Also resolves when it turned out to be a file. Rejects with what went wrong, by the browser's words.
 */
export async function loadPage(opened: OpenPage, url: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
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

async function settle(opened: OpenPage, leftOf: (share: number) => number, signal: AbortSignal): Promise<void> {
  const { main, network, world } = opened;
  if (main.navigation.isUnderWay) await untilAborted(main.navigation.changed(leftOf(LOAD_SHARE)), signal);
  if (main.file !== undefined) return;
  if (!(await documentReaches('interactive', world, leftOf(1))))
    throw new RenderError('ATTEMPT_TIMEOUT', 'the document did not come in time');
  await documentReaches('complete', world, leftOf(LOAD_SHARE));
  await network.quiet(SETTLE_QUIET_MS, Math.min(SETTLE_TIMEOUT_MS, leftOf(LOAD_SHARE)), signal);
}

/** Whether the navigation failed because there is nothing to show. Throws what else it failed for. */
async function hasBecomeFile({ main }: OpenPage, error: unknown, signal: AbortSignal): Promise<boolean> {
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

/** Until an element is in the document, seen or not; as long as the attempt lasts. */
export async function waitForSelector({ page, progress }: OpenPage, selector: string): Promise<void> {
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

/** What the end of an attempt means while the selector is waited for; a cancellation stays what it is. */
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
