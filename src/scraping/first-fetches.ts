import { randomUUID } from 'node:crypto';
import { Poller } from '../async/poller';
import { noteBatchFetches } from '../store/batch-fetches';
import type { BatchFetches } from '../store/batch-fetches';
import type { Queryable } from '../store/database';
import type { StoredJob } from '../store/jobs';

/** How late the counts of a batch may be (ms). */
const NOTE_EVERY_MS = 1_000;
/** Unchanged counts are noted again in time, because old ones are not believed: see `FIRST_FETCHES`. */
const REPEAT_EVERY_MS = 4_000;

/**
 * Counts the first fetches of the URLs of batches, for the counts that clients see. Until its first fetch has ended, a URL has no
 * row of its own that could tell that it is being fetched, and a row for each would double the cost of a page. Further fetches are
 * counted apart: they tell when nothing of a paused batch is in flight any more.
 */
export class FirstFetches {
  readonly #database: Queryable;
  readonly #workerId = randomUUID();
  readonly #counts = new Map<string, { first: number; again: number }>();
  /** What was noted last, and when. */
  readonly #noted = new Map<string, BatchFetches & { readonly atMs: number }>();
  readonly #poller: Poller;

  /** @param onError hears that a note has to wait; the next one says the same again */
  constructor(database: Queryable, onError: (error: unknown) => void) {
    this.#database = database;
    this.#poller = new Poller({ run: () => this.#note(), everyMs: NOTE_EVERY_MS, onError });
  }

  run(): void {
    this.#poller.start();
  }

  /** Ends the notes. What was noted last is not believed for long. */
  stop(): Promise<void> {
    return this.#poller.stop();
  }

  /**
   * Counts a fetch that begins now, if it is one of a URL of a batch: the first one, or one that follows.
   * @returns a function to be called once, when what came of it is durable
   */
  begin({ batchId, attempts }: Pick<StoredJob, 'batchId' | 'attempts'>): () => void {
    if (batchId === undefined) return NOTHING;
    const counts = this.#counts.get(batchId) ?? { first: 0, again: 0 };
    this.#counts.set(batchId, counts);
    const kind = attempts === 0 ? 'first' : 'again';
    counts[kind] += 1;
    return () => (counts[kind] -= 1);
  }

  async #note(): Promise<void> {
    const now = Date.now();
    const news = new Map<string, BatchFetches>();
    for (const [batchId, { first, again }] of this.#counts) {
      const noted = this.#noted.get(batchId) ?? { first: 0, again: 0, atMs: 0 };
      const isSame = first === noted.first && again === noted.again;
      if (!isSame || (first + again > 0 && now - noted.atMs >= REPEAT_EVERY_MS)) news.set(batchId, { first, again });
      else if (first + again === 0) this.#forget(batchId);
    }
    await noteBatchFetches(this.#database, this.#workerId, news);
    for (const [batchId, counts] of news) this.#noted.set(batchId, { ...counts, atMs: now });
  }

  #forget(batchId: string): void {
    this.#counts.delete(batchId);
    this.#noted.delete(batchId);
  }
}

const NOTHING = (): void => undefined;
