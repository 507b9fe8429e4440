import { setTimeout as sleep } from 'node:timers/promises';

/** Asked after each step of long work. Resolves when the next one may begin; false when there is no time for it. */
export type MayGoOn = () => Promise<boolean>;

export interface PaceOptions {
  /** How long to rest after a step, in times of what the step took. */
  readonly restFactor: number;
  readonly endsAtMs: number;
  /** Ends a rest at once. The question then rejects. */
  readonly signal: AbortSignal;
  readonly onStep: () => void;
}

const LONGEST_REST_MS = 5_000;

/** Work that others must not notice: a step that had to wait for them takes longer, and so does the rest after it. */
export function createPace({ restFactor, endsAtMs, signal, onStep }: PaceOptions): MayGoOn {
  let startedAt = performance.now();
  return async () => {
    onStep();
    const stepMs = performance.now() - startedAt;
    await sleep(Math.min(stepMs * restFactor, LONGEST_REST_MS), undefined, { signal });
    startedAt = performance.now();
    return Date.now() < endsAtMs;
  };
}
