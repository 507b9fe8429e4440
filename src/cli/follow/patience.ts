import { setTimeout as sleep } from 'node:timers/promises';

/** How long a service may be away before a command that waits gives up (ms). */
const GIVE_UP_AFTER_MS = 300_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Thrown when an answer broke off. */
export class BrokenAnswerError extends Error {
  override readonly name = 'ConnectionError';
}

/** Whether the same request may succeed later. */
export function isTransient(error: unknown): boolean {
  const { name, status } = error as { readonly name?: string; readonly status?: number };
  return name === 'ConnectionError' || (status !== undefined && (status >= 500 || status === 429));
}

/** Waits out the time in which a service cannot be reached. */
export class Patience {
  readonly #signal: AbortSignal;
  readonly #giveUpAfterMs: number;
  #onChange: ((isLost: boolean) => void) | undefined;
  #lostAtMs: number | undefined;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: {
    readonly signal: AbortSignal;
    /** This is called when the service cannot be reached, and when it can be again. */
    readonly onChange?: (isLost: boolean) => void;
    readonly giveUpAfterMs?: number;
  }) {
    this.#signal = options.signal;
    this.#onChange = options.onChange;
    this.#giveUpAfterMs = options.giveUpAfterMs ?? GIVE_UP_AFTER_MS;
  }

  succeeded(): void {
    if (this.#lostAtMs === undefined) return;
    this.#lostAtMs = undefined;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#onChange?.(false);
  }

  /** Waits before the next try. @throws the error itself when trying again is of no use, or has been for too long */
  async afterError(error: unknown): Promise<void> {
    this.#signal.throwIfAborted();
    if (!isTransient(error)) throw error;
    if (this.#lostAtMs === undefined) {
      this.#lostAtMs = Date.now();
      this.#onChange?.(true);
    }
    if (Date.now() - this.#lostAtMs >= this.#giveUpAfterMs) throw error;
    await sleep(this.#pauseMs, undefined, { signal: this.#signal });
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
