import type { Queryable } from '../store/database';
import { recordCalls } from '../store/deliveries';
import type { CallRecord } from '../store/deliveries';
import { retryTransient } from '../store/retry-transient';

interface Waiting {
  readonly call: CallRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** So many are written at once … */
const DUE_CALLS = 100;
const MAX_GROUP = 400;
/** … or what has come within this time: a statement each would cost more than the calls (measured: 14 to a statement, half of the rate). */
const MAX_WAIT_MS = 50;

/**
 * Writes down what calls came to, for all receivers of a worker: one statement at a time, and what comes in meanwhile goes with
 * the next one. The first after a pause is written at once. What waits is bounded by the calls that the shifts leave unrecorded.
 */
export class CallRecorder {
  readonly #db: Queryable;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #wroteAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Resolves when it is durable. */
  record(call: CallRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#writeWhenDue();
    });
  }

  #writeWhenDue(): void {
    if (this.#isWriting || this.#waiting.length === 0) return;
    const waitMs = this.#wroteAt + MAX_WAIT_MS - performance.now();
    if (this.#waiting.length >= DUE_CALLS || waitMs <= 0) void this.#writeGroup();
    else this.#timer ??= setTimeout(() => void this.#writeGroup(), waitMs);
  }

  async #writeGroup(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWriting = true;
    const group = this.#waiting.splice(0, MAX_GROUP);
    try {
      await retryTransient(() =>
        recordCalls(
          this.#db,
          group.map(({ call }) => call),
        ),
      );
      group.forEach(({ resolve }) => resolve());
    } catch (error) {
      group.forEach(({ reject }) => reject(error));
    }
    this.#isWriting = false;
    this.#wroteAt = performance.now();
    this.#writeWhenDue();
  }
}
