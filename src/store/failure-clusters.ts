import type { FailReason } from '../jobs/fail-reasons';
import { MAX_BATCH_URLS } from '../jobs/job-id';
import { hostOf } from '../net/host-of';
import type { Queryable } from './database';
import { lastStatusOf } from './last-status';

/** Failed URLs of a batch that have reason, host and status of the last answer in common. */
export interface FailureCluster {
  readonly failReason: FailReason;
  readonly host: string;
  /** Undefined: the last attempt had no answer. */
  readonly statusCode?: number;
  readonly jobs: number;
  readonly exampleJobId: string;
}

export interface FailureClusters {
  /** The largest first. */
  readonly clusters: readonly FailureCluster[];
  /** False when there are more clusters. */
  readonly isComplete: boolean;
}

export const MAX_CLUSTERS = 200;

interface SiteRow {
  readonly reason: FailReason;
  readonly status: number | null;
  readonly site: string;
  readonly jobs: number;
  readonly example: string;
}

/**
 * URLs are grouped by their text up to the end of the host, because that leaves few rows whose host has to be parsed, which
 * PostgreSQL cannot do. A batch has no more rows than it has URLs, and they are found by their batch.
 */
const SITES = `
  select reason, status, site, count(*)::int as jobs, min(id) as example from (
    select coalesce(fail_reason, 'internal_error') as reason, ${lastStatusOf()} as status,
      substring(url from '^[^:]*:[/\\\\]*[^/\\\\?#]*') as site, id::text as id
    from jobs where batch_id = $1 and status = 'failed' limit ${MAX_BATCH_URLS}) as failed
  group by reason, status, site`;

/** Groups the failed URLs of a batch. */
export async function findFailureClusters(db: Queryable, batchId: string): Promise<FailureClusters> {
  const rows = await db.query<SiteRow & Record<string, unknown>>(SITES, [batchId], 'failure-sites');
  const clusters = new Map<string, FailureCluster>();
  for (const { reason: failReason, status, site, jobs, example } of rows) {
    const host = hostOf(site);
    const key = `${failReason} ${status} ${host}`;
    const same = clusters.get(key);
    clusters.set(key, {
      ...{ failReason, host, ...(status !== null && { statusCode: status }) },
      jobs: jobs + (same?.jobs ?? 0),
      exampleJobId: same !== undefined && same.exampleJobId < example ? same.exampleJobId : example,
    });
  }
  const sorted = [...clusters.values()].sort((a, b) => b.jobs - a.jobs || (a.exampleJobId < b.exampleJobId ? -1 : 1));
  return { clusters: sorted.slice(0, MAX_CLUSTERS), isComplete: sorted.length <= MAX_CLUSTERS };
}
