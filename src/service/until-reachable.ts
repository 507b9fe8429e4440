import { setTimeout as sleep } from 'node:timers/promises';
import { untilAborted } from '../async/until-aborted';
import type { Reach } from '../net/reach';
import { UnavailableError } from './errors';

export interface Wanted {
  /** Server with its address and the setting that names it, such as `PostgreSQL at db:5432/everfetch (DATABASE_URL)`. */
  readonly what: string;
  readonly probe: () => Promise<Reach>;
  /** Advice for the case that waiting was in vain, beginning with a verb. */
  readonly advice: string;
}

export interface Patience {
  /** Shows one line. */
  readonly say: (line: string) => void;
  /** Ends the waiting at once. */
  readonly signal: AbortSignal;
  /** Time that a starting server may take (ms); with 0, it is asked once. @default 60_000 */
  readonly limitMs?: number;
  /** Time between two lines (ms). @default 10_000 */
  readonly sayEveryMs?: number;
}

const LIMIT_MS = 60_000;
const SAY_EVERY_MS = 10_000;
const ASK_EVERY_MS = 500;

/**
 * Waits for a server that may still be starting, and says so at once and then every few seconds.
 * @throws UnavailableError when it refuses for good, or cannot be reached in time; the signal's reason when that is aborted
 */
export async function untilReachable(wanted: Wanted, patience: Patience): Promise<void> {
  const { say, signal, limitMs = LIMIT_MS, sayEveryMs = SAY_EVERY_MS } = patience;
  const startedAt = Date.now();
  let saidAt = -Infinity;
  for (;;) {
    const reach = await untilAborted(wanted.probe(), signal);
    if (reach.kind === 'ready') return;
    assertNotRefused(wanted, reach);
    const waitedMs = Date.now() - startedAt;
    if (waitedMs + ASK_EVERY_MS > limitMs) {
      const since = limitMs === 0 ? '' : `, and has not been usable for ${Math.round(waitedMs / 1_000)} s`;
      throw new UnavailableError(`${wanted.what} cannot be used: ${reach.why}${since}; ${wanted.advice}.`);
    }
    if (Date.now() - saidAt >= sayEveryMs) {
      saidAt = Date.now();
      say(`waiting for ${wanted.what}: ${reach.why} (${Math.round(waitedMs / 1_000)} of ${limitMs / 1_000} s)`);
    }
    await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** @throws UnavailableError when waiting would not help */
export function assertNotRefused({ what }: Pick<Wanted, 'what'>, reach: Reach): void {
  if (reach.kind === 'refused') throw new UnavailableError(`${what} cannot be used: ${reach.why}; ${reach.advice}.`);
}
