import type { StoredBatch } from '../store/batches';
import { ProblemError } from './problem';

/** Is called with each state that was read; undefined when the batch is gone. Must not throw. */
export type BatchListener = (batch: StoredBatch | undefined) => void;

export interface BatchWatchOptions {
  readonly findBatch: (id: string) => Promise<StoredBatch | undefined>;
  /** Pause between two looks at a batch. @default 1000 */
  readonly everyMs?: number;
  /** @default 2000 */
  readonly maxListeners?: number;
}

/** Looks per second at all batches together, so that a thousand watched batches do not take the database from the workers. */
const MAX_LOOKS_PER_SECOND = 100;
const RETRY_AFTER_SEC = 5;

interface Feed {
  readonly listeners: Set<BatchListener>;
  timer?: NodeJS.Timeout;
}

/**
 * Reads batches for everyone who follows them: one query per batch and second, however many listen, and none for a batch that
 * nobody listens to. A look that fails is passed over.
 */
export class BatchWatch {
  readonly #findBatch: BatchWatchOptions['findBatch'];
  readonly #everyMs: number;
  readonly #maxListeners: number;
  readonly #feeds = new Map<string, Feed>();
  #listeners = 0;

  constructor({ findBatch, everyMs = 1_000, maxListeners = 2_000 }: BatchWatchOptions) {
    this.#findBatch = findBatch;
    this.#everyMs = everyMs;
    this.#maxListeners = maxListeners;
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners;
  }

  /**
   * @returns the function that ends it; may be called more than once
   * @throws ProblemError `too_many_streams`
   */
  listen(batchId: string, listener: BatchListener): () => void {
    if (this.#listeners >= this.#maxListeners)
      throw new ProblemError('too_many_streams', `${this.#maxListeners} streams are open here, which is the limit.`, {
        headers: { 'Retry-After': String(RETRY_AFTER_SEC) },
      });
    const feed = this.#feeds.get(batchId) ?? this.#open(batchId);
    // Each gets a function of its own, so that the same one may listen twice.
    const own: BatchListener = (batch) => listener(batch);
    feed.listeners.add(own);
    this.#listeners += 1;
    return () => {
      if (!feed.listeners.delete(own)) return;
      this.#listeners -= 1;
      if (feed.listeners.size === 0) this.#close(batchId, feed);
    };
  }

  #open(batchId: string): Feed {
    const feed: Feed = { listeners: new Set() };
    this.#feeds.set(batchId, feed);
    this.#lookLater(batchId, feed);
    return feed;
  }

  #close(batchId: string, feed: Feed): void {
    clearTimeout(feed.timer);
    this.#feeds.delete(batchId);
  }

  #lookLater(batchId: string, feed: Feed): void {
    const pauseMs = Math.max(this.#everyMs, (this.#feeds.size * 1_000) / MAX_LOOKS_PER_SECOND);
    feed.timer = setTimeout(() => void this.#look(batchId, feed), pauseMs).unref();
  }

  async #look(batchId: string, feed: Feed): Promise<void> {
    const found = await this.#findBatch(batchId).then(
      (batch) => ({ batch }),
      () => undefined,
    );
    if (found !== undefined) for (const listener of [...feed.listeners]) listener(found.batch);
    if (this.#feeds.get(batchId) === feed) this.#lookLater(batchId, feed);
  }
}
