import { CHUNK_URLS } from '../jobs/job-id';
import type { ChunkSweep, SweptUrl } from './chunk-sweep';

/** The sweeps over neighbouring chunks, as one. Places are counted from the first of them. */
export class RangeSweep {
  readonly #sweeps: readonly ChunkSweep[];

  constructor(sweeps: readonly ChunkSweep[]) {
    this.#sweeps = sweeps;
  }

  /** What has not ended. */
  get rest(): readonly SweptUrl[] {
    return this.#sweeps.flatMap((sweep, index) =>
      sweep.rest.map((url) => ({ ...url, place: index * CHUNK_URLS + url.place })),
    );
  }

  get unfinished(): number {
    return this.#sweeps.reduce((sum, sweep) => sum + sweep.rest.length, 0);
  }

  /** As that of a chunk: the first that fails ends the others. */
  async run(): Promise<void> {
    const runs = this.#sweeps.map((sweep) =>
      sweep.run(this).catch((error: unknown) => {
        this.stop(error);
        throw error;
      }),
    );
    await Promise.allSettled(runs); // none goes on behind the back of the next sweep
    await Promise.all(runs);
  }

  drain(): void {
    this.#sweeps.forEach((sweep) => sweep.drain());
  }

  stop(reason: unknown): void {
    this.#sweeps.forEach((sweep) => sweep.stop(reason));
  }

  forget(index: number, place: number): void {
    this.#sweeps[index]?.forget(place);
  }
}
