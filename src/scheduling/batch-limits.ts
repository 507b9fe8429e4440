import { BatchTurns, batchResource } from './batch-turns';
import type { BatchShares } from './batch-turns';
import { Tally } from './tally';

/** Those batches of a worker that have a limit of their own, whichever of its pools their fetches are in. */
export class BatchLimits {
  readonly #turns = new Map<string, BatchTurns>();
  /** Open lanes of every batch, because one without a limit may get one. */
  readonly #lanes = new Tally();
  readonly #shares: BatchShares | undefined;

  constructor(shares: BatchShares | undefined) {
    this.#shares = shares;
  }

  get isEmpty(): boolean {
    return this.#turns.size === 0;
  }

  of(batchId: string): BatchTurns | undefined {
    return this.#turns.get(batchId);
  }

  /** Sets the limit of a batch for its fetches that begin from now on; undefined takes it away. */
  limit(batchId: string, maxPerHost: number | undefined): BatchTurns | undefined {
    const known = this.#turns.get(batchId);
    if (maxPerHost === undefined) {
      this.#turns.delete(batchId);
      known?.wakeAll();
      return undefined;
    }
    const turns = known ?? new BatchTurns(batchId, maxPerHost, this.#shares);
    this.#turns.set(batchId, turns);
    if (turns.limit !== maxPerHost) {
      turns.limit = maxPerHost;
      turns.wakeAll();
    }
    return turns;
  }

  noteLane(batchId: string): void {
    this.#lanes.add(batchId);
  }

  noteLaneClosed(batchId: string): void {
    this.#lanes.remove(batchId);
    this.forgetIdle(batchId);
  }

  /** Forgets the limit of a batch of which nothing waits or is in flight. */
  forgetIdle(batchId: string): void {
    if (this.#lanes.of(batchId) === 0 && this.#turns.get(batchId)?.isIdle === true) this.#turns.delete(batchId);
  }

  /** Fetches in flight of each host of these batches, by the name under which workers share the limit. */
  *inFlight(): Iterable<readonly [resource: string, count: number]> {
    for (const turns of this.#turns.values()) yield* turns.inFlight();
  }

  /** The limit behind such a name. */
  limitOf(resource: string): number {
    return this.#turns.get(batchResource(resource)?.batchId ?? '')?.limit ?? Infinity;
  }

  /** Makes what waits for such a limit ask again. */
  wake(resource: string): void {
    const { batchId = '', host = '' } = batchResource(resource) ?? {};
    this.#turns.get(batchId)?.wake(host);
  }
}
