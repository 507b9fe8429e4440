import type { JudgeHost } from './fetch-lane';
import type { SharedLimits } from './shares/shared-limits';
import { SleepingLanes } from './sleeping-lanes';
import { Tally } from './tally';

/** Prefix that tells the limits of batches from those of hosts and keys. */
const BATCH = 'batch ';

/** What workers share of the limits of batches. */
export type BatchShares = Pick<SharedLimits, 'most' | 'want'>;

/**
 * Keeps the fetches of one batch to at most so many to one host, in all workers together. Only batches with such a limit have one.
 * A host is the one that the URL names; redirects wait for nobody.
 */
export class BatchTurns {
  limit: number;
  readonly #batchId: string;
  readonly #shares: BatchShares | undefined;
  readonly #load = new Tally();
  /** Lanes with fetches for a host that has no room. */
  readonly #asleep = new SleepingLanes();

  constructor(batchId: string, limit: number, shares: BatchShares | undefined) {
    this.#batchId = batchId;
    this.limit = limit;
    this.#shares = shares;
  }

  get isIdle(): boolean {
    return this.#load.size === 0;
  }

  /** Fetches in flight of each host, by the name under which workers share its limit. */
  *inFlight(): Iterable<readonly [resource: string, count: number]> {
    for (const [host, count] of this.#load.entries()) yield [this.#resourceOf(host), count];
  }

  /** Whether another fetch may begin. Otherwise it asks the other workers for room, when they have some. */
  hasRoom(host: string, waiting = 1): boolean {
    const inFlight = this.#load.of(host);
    const most = this.#shares?.most(this.#resourceOf(host), this.limit) ?? this.limit;
    if (inFlight < most) return true;
    if (most < this.limit) this.#shares?.want(this.#resourceOf(host), this.limit, Math.min(waiting, this.limit - most));
    return false;
  }

  /** Judges hosts for the lanes of the batch: first by this limit, then by all others. */
  judgeWith(judge: JudgeHost): JudgeHost {
    return (host, waiting, lane) => {
      if (this.hasRoom(host, waiting)) return judge(host, waiting, lane);
      this.#asleep.add(host, lane);
      return false;
    };
  }

  noteStart(host: string): void {
    this.#load.add(host);
  }

  noteEnd(host: string): void {
    this.#load.remove(host);
    this.wake(host);
  }

  /** Makes the lanes that wait for a host ask again. */
  wake(host: string): void {
    this.#asleep.wake(host);
  }

  /** Makes all lanes ask again, because there may be more room everywhere. */
  wakeAll(): void {
    this.#asleep.wakeAll();
  }

  #resourceOf(host: string): string {
    return `${BATCH}${this.#batchId} ${host}`;
  }
}

/** Reads the name of a shared limit back; undefined when it is none of a batch. */
export function batchResource(resource: string): { readonly batchId: string; readonly host: string } | undefined {
  if (!resource.startsWith(BATCH)) return undefined;
  const [, batchId = '', host = ''] = resource.split(' ');
  return { batchId, host };
}
