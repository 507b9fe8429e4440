import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../store/database';
import { recordCalls } from '../store/deliveries';
import type { CallRecord } from '../store/deliveries';

interface Waiting {
  readonly call: CallRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const MAX_GROUP = 200;
/** A restart of PostgreSQL takes seconds; what is forgotten is sent twice. */
const PATIENCE_MS = 15_000;
const TRY_AGAIN_MS = 500;

/**
 * Writes down what calls came to, for all receivers of a worker: one statement at a time, and what comes in meanwhile goes with
 * the next one. What waits is bounded by the calls that the shifts leave unrecorded.
 */
export class CallRecorder {
  readonly #db: Queryable;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Resolves when it is durable. */
  record(call: CallRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      if (this.#isWriting) return;
      this.#isWriting = true;
      setImmediate(() => void this.#writeAll());
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_GROUP);
      try {
        await this.#write(group.map(({ call }) => call));
        group.forEach(({ resolve }) => resolve());
      } catch (error) {
        group.forEach(({ reject }) => reject(error));
      }
    }
    this.#isWriting = false;
  }

  async #write(calls: readonly CallRecord[]): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await recordCalls(this.#db, calls);
      } catch (error) {
        if ((error as Error).name !== 'StoreUnavailableError' || Date.now() > deadline) throw error;
      }
      await sleep(TRY_AGAIN_MS);
    }
  }
}
