import { Poller } from '../async/poller';
import type { Database } from '../store/database';
import { findErasures, putOffErasure, withErasures } from '../store/page-erasures';
import type { SegmentStore } from './segments/segment-store';

export interface PageEraserDeps {
  readonly database: Database;
  readonly segments: SegmentStore;
  readonly onError: (error: unknown) => void;
}

/** Time between two looks for what a process that died, or a bucket that was away, has left (ms). */
const ROUND_MS = 5_000;
const RETRY_MS = 10_000;
const SEGMENTS_AT_A_TIME = 50;

/** Overwrites the pages of what has been forgotten. What is noted stays noted until it is done. */
export class PageEraser {
  readonly #deps: PageEraserDeps;
  readonly #poller: Poller;
  #isStopping = false;

  constructor(deps: PageEraserDeps) {
    this.#deps = deps;
    this.#poller = new Poller({
      run: () => this.#round(),
      everyMs: ROUND_MS,
      onError: deps.onError,
      startsAtOnce: true,
    });
  }

  run(): void {
    this.#poller.start();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#poller.stop();
  }

  /** Overwrites what is noted for these segments; what cannot be done now is done later. Never rejects. */
  async erase(segments: readonly string[]): Promise<void> {
    const { database, onError } = this.#deps;
    for (const segment of segments) {
      if (this.#isStopping) return;
      try {
        await withErasures(database, segment, (ranges) => this.#deps.segments.erase(segment, ranges));
      } catch (error) {
        onError(error);
        await putOffErasure(database, segment, RETRY_MS).catch(onError);
      }
    }
  }

  async #round(): Promise<void> {
    for (;;) {
      const segments = await findErasures(this.#deps.database, SEGMENTS_AT_A_TIME);
      await this.erase(segments);
      if (segments.length < SEGMENTS_AT_A_TIME || this.#isStopping) return;
    }
  }
}
