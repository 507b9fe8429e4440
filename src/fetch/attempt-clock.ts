import { setMaxListeners } from 'node:events';

/** Our own limit of one attempt is over. Becomes the outcome ATTEMPT_TIMEOUT. */
export class AttemptTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`the attempt took longer than ${timeoutMs} ms`);
    this.name = 'AttemptTimeoutError';
  }
}

export interface AttemptClock {
  /** Aborts with the caller's own reason, or with an {@link AttemptTimeoutError}. */
  readonly signal: AbortSignal;
  /** The time that `work` takes does not count: waiting for a slot or for memory is our doing, not the target's. */
  paused<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Not `AbortSignal.any` with `AbortSignal.timeout`, because that timer could not be stopped while an attempt waits its turn. */
export function startAttemptClock(timeoutMs: number, caller: AbortSignal): AttemptClock {
  const controller = new AbortController();
  const onAbort = () => controller.abort(caller.reason);
  let leftMs = timeoutMs;
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const run = () => {
    startedAt = performance.now();
    timer = setTimeout(() => controller.abort(new AttemptTimeoutError(timeoutMs)), Math.max(0, leftMs));
  };
  const halt = () => {
    clearTimeout(timer);
    leftMs -= performance.now() - startedAt;
  };
  if (caller.aborted) onAbort();
  else {
    setMaxListeners(0, caller); // attempts of one sweep share its signal; each takes its listener away at the end
    caller.addEventListener('abort', onAbort);
  }
  run();
  return {
    signal: controller.signal,
    async paused(work) {
      halt();
      try {
        return await work();
      } finally {
        run();
      }
    },
    stop() {
      clearTimeout(timer);
      caller.removeEventListener('abort', onAbort);
    },
  };
}
