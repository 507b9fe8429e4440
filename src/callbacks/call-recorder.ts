import type { Queryable } from '../store/database';
import { recordCalls } from '../store/deliveries';
import type { CallRecord } from '../store/deliveries';
import { retryTransient } from '../store/retry-transient';

interface Waiting {
  /** Undefined: somebody waits for the calls before it. */
  readonly call: CallRecord | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A group is written as soon as it has this many calls, or when `MAX_WAIT_MS` is over. */
const DUE_CALLS = 100;
const MAX_GROUP = 400;
/** Calls are collected for this long, because a statement for each would cost more than the call (measured: 14 to a statement, half of the rate). */
const MAX_WAIT_MS = 50;

/**
 * Records the outcomes of calls, for all receivers of a worker: one statement at a time, and outcomes that come in meanwhile go
 * with the next one. The first after a pause is written at once. The shifts bound how many wait, by their unrecorded calls.
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

  /** Resolves when the outcome of the call is in the database. */
  record(call: CallRecord): Promise<void> {
    return this.#enqueue(call);
  }

  /** Resolves when nothing that was handed over by now is left to be written, also when writing it failed. */
  recorded(): Promise<void> {
    return this.#enqueue(undefined).catch(() => undefined);
  }

  #enqueue(call: CallRecord | undefined): Promise<void> {
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
    const calls = group.flatMap(({ call }) => call ?? []);
    try {
      if (calls.length > 0) await retryTransient(() => recordCalls(this.#db, calls));
      group.forEach(({ resolve }) => resolve());
    } catch (error) {
      group.forEach(({ reject }) => reject(error));
    }
    this.#isWriting = false;
    this.#wroteAt = performance.now();
    this.#writeWhenDue();
  }
}
