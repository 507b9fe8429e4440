import { documentReaches } from './document-state';
import type { OpenPage } from './open-page';
import { NO_BODY, netErrorIn } from './network-error-of';
import { RenderError } from './render-error';
import { untilAborted } from '../../async/until-aborted';

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

export function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError';
}
