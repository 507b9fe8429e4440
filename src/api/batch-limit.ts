import { limitedBy } from '../jobs/limited-by';
import type { HostOfBatch, LimitedBy } from '../jobs/limited-by';
import { findPacedHosts, readBatchLimits } from '../store/batch-limits';
import { urlsLeftOf } from '../store/batches';
import type { StoredBatch } from '../store/batches';
import { isEnded } from '../store/control-batch';
import type { Database } from '../store/database';
import { listWorkers } from '../store/worker-features';
import type { HostLimits } from './routes/hosts';
import { SharedReadings } from './shared-readings';

export interface BatchLimitDeps {
  readonly database: Database;
  readonly hostLimitsOf: (host: string) => HostLimits;
  /** Pages that a worker with a browser loads at a time. */
  readonly maxBrowserPages: number;
}

/** How long a sentence stands (ms). */
const SHARED_MS = 2_000;
/** Hosts that are looked at, those with most URLs left first. */
const MAX_HOSTS = 50;

export type LimitOf = (batch: StoredBatch) => Promise<LimitedBy | undefined>;

/** Returns a function that says what limits a batch now; undefined when it has ended, or nothing can be said. */
export function createLimitOf(deps: BatchLimitDeps): LimitOf {
  const readings = new SharedReadings<LimitedBy | undefined>(SHARED_MS);
  return async (batch) => {
    if (isEnded(batch) || batch.cancelRequestedAt !== undefined) return undefined;
    // Whoever pauses or resumes a batch wants to see what that comes to.
    return readings.get(`${batch.id} ${batch.pausedBecause ?? ''}`, () => readLimit(deps, batch));
  };
}

async function readLimit(deps: BatchLimitDeps, batch: StoredBatch): Promise<LimitedBy | undefined> {
  const { database, hostLimitsOf, maxBrowserPages } = deps;
  const [limits, workers] = await Promise.all([readBatchLimits(database, batch), listWorkers(database)]);
  if (limits === undefined) return undefined;
  const { hosts: sampled, ...others } = limits;
  const shown = sampled.slice(0, MAX_HOSTS);
  const noted =
    shown.length === 0
      ? []
      : await findPacedHosts(
          database,
          shown.map(({ host }) => host),
        );
  const paced = new Map(noted.map((each) => [each.host, each]));
  return limitedBy({
    now: batch.readAt ?? new Date(),
    createdAt: batch.createdAt,
    ...(batch.pausedAt !== undefined && { pausedBecause: batch.pausedBecause ?? 'request' }),
    ...(batch.maxCredits !== undefined && { maxCredits: batch.maxCredits }),
    ...(batch.maxPerHost !== undefined && { maxPerHost: batch.maxPerHost }),
    left: urlsLeftOf(batch),
    ...others,
    workers: workers.flatMap(({ isAlive, features: { hasBrowser }, load }) =>
      isAlive ? [{ hasBrowser, ...(load !== undefined && { load }) }] : [],
    ),
    maxBrowserPages,
    hosts: shown.map((each): HostOfBatch => ({
      isPaceFull: false,
      ...hostLimitsOf(each.host),
      ...each,
      ...paced.get(each.host),
    })),
    areAllHosts: shown.length === sampled.length,
  });
}
