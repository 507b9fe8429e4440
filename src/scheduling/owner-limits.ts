import { BatchLimits } from './batch-limits';
import type { SharedLimits } from './shares/shared-limits';
import { Tally } from './tally';

/** Limits that all workers share, as {@link OwnerLimits} uses them. */
export type OwnerShares = Pick<SharedLimits, 'most' | 'want' | 'listen' | 'watch'>;

/**
 * What API keys and batches have in flight in all fetch pools of a worker together. Pages for a browser have a pool of their own, and count
 * against the limits of their key and their batch as others do.
 */
export class OwnerLimits {
  /** Fetches in flight of each key. */
  readonly keys = new Tally();
  readonly batches: BatchLimits;
  /** Undefined when this worker shares its limits with no other. */
  readonly shares: OwnerShares | undefined;
  readonly #pools = new Map<object, () => void>();

  constructor(shares?: OwnerShares) {
    this.shares = shares;
    this.batches = new BatchLimits(shares);
    shares?.watch({
      inFlight: () => this.batches.inFlight(),
      limitOf: (resource) => this.batches.limitOf(resource),
    });
    // Pools listen after this, and ask when what waits has been woken.
    shares?.listen((resource) => this.batches.wake(resource));
  }

  /** @param onRoom called when a fetch of another pool has ended that counted against the limit of a key or a batch */
  join(pool: object, onRoom: () => void): void {
    this.#pools.set(pool, onRoom);
  }

  /** Tells the other pools that a key or a batch may have room again. */
  tellOthers(pool: object): void {
    for (const [other, onRoom] of this.#pools) if (other !== pool) onRoom();
  }
}
