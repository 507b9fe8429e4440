import { setTimeout as sleep } from 'node:timers/promises';

/** Called after each step of long work. Resolves with true when the next step may begin, or with false when there is no time left. */
export type MayGoOn = () => Promise<boolean>;

export interface PaceOptions {
  /** How long to rest after a step, as a multiple of what the step took. */
  readonly restFactor: number;
  readonly endsAtMs: number;
  /** Ends a rest at once; the call then rejects. */
  readonly signal: AbortSignal;
  readonly onStep: () => void;
}

const MAX_REST_MS = 5_000;

/** Paces work that must not slow others down. A step that had to wait for them takes longer, and so does the rest after it. */
export function createPace({ restFactor, endsAtMs, signal, onStep }: PaceOptions): MayGoOn {
  let startedAt = performance.now();
  return async () => {
    onStep();
    const stepMs = performance.now() - startedAt;
    await sleep(Math.min(stepMs * restFactor, MAX_REST_MS), undefined, { signal });
    startedAt = performance.now();
    return Date.now() < endsAtMs;
  };
}
