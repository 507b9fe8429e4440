import type { SlowHost } from '../jobs/batch-object';
import { etaSeconds } from '../jobs/batch-eta';
import type { EndedInMinute } from '../jobs/batch-eta';
import type { FailReason } from '../jobs/fail-reasons';

/** Slowest hosts and minutes that a batch shows. */
const SHOWN_HOSTS = 10;
const SHOWN_MINUTES = 60;
/** Rows that are looked at for what waits for its next try, so that a poll of a batch that fails everywhere stays cheap. */
const WAITING_ROWS = 200;

/** Columns of {@link LIVE_COLUMNS}. */
export interface LiveRow {
  reasons: Partial<Record<FailReason, number>> | null;
  slow_hosts: SlowHost[] | null;
  minutes: { minute: string; finished: number; failed: number }[] | null;
  waits_until: Date | null;
  read_at: Date;
}

/**
 * What a batch `b` with the sums `c` of its chunks shows besides its counts. All of it was noted by the statement that ended the
 * jobs. The jobs themselves are counted only for a batch that has ended and whose failures began before they were noted.
 */
export const LIVE_COLUMNS = `
  clock_timestamp() as read_at,
  case when c.failed = 0 then null
    when f.known = c.failed or c.finished + c.failed + c.cancelled < b.total then f.reasons
    else (select json_object_agg(reason, jobs order by jobs desc) from (
      select coalesce(fail_reason, 'internal_error') as reason, count(*) as jobs from jobs
      where batch_id = b.id and status = 'failed' group by 1) as counted) end as reasons,
  (select json_agg(json_build_object('host', host, 'attempts', attempts, 'meanMs', mean_ms) order by mean_ms desc, host) from (
    select host, attempts, total_ms / attempts as mean_ms from batch_slow_hosts where batch_id = b.id
    order by mean_ms desc, host limit ${SHOWN_HOSTS}) as slowest) as slow_hosts,
  (select json_agg(json_build_object('minute', minute, 'finished', finished, 'failed', failed) order by minute) from batch_minutes
    where batch_id = b.id and minute > coalesce(b.ended_at, now()) - interval '${SHOWN_MINUTES} minutes') as minutes,
  case when c.finished + c.failed + c.cancelled < b.total then (
    select max(next_attempt_at) from (
      select next_attempt_at from jobs where batch_id = b.id and status = 'running' limit ${WAITING_ROWS}) as waiting) end as waits_until`;

/** The lateral join that {@link LIVE_COLUMNS} needs behind that of the sums `c`. */
export const LIVE_JOIN = `
  cross join lateral (
    select json_object_agg(reason, jobs order by jobs desc) as reasons, sum(jobs) as known from (
      select noted.key as reason, sum(noted.value::int) as jobs
      from batch_chunks k cross join lateral jsonb_each_text(k.failures) as noted
      where k.batch_id = b.id and k.failed > 0 and c.failed > 0 group by noted.key) as summed) f`;

interface LiveBatch {
  readonly left: number;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
  readonly isPaused: boolean;
}

/** What {@link LIVE_COLUMNS} say of a batch. */
export function fromLiveRow(row: LiveRow, { isPaused, ...progress }: LiveBatch) {
  const throughput = (row.minutes ?? []).map(({ minute, ...counts }): EndedInMinute => ({
    minute: new Date(minute),
    ...counts,
  }));
  const seconds = isPaused
    ? undefined
    : etaSeconds({ ...progress, minutes: throughput, waitsUntil: row.waits_until ?? undefined, now: row.read_at });
  return {
    readAt: row.read_at,
    failuresByReason: row.reasons ?? {},
    slowestHosts: row.slow_hosts ?? [],
    throughput,
    ...(seconds !== undefined && { etaSeconds: seconds }),
  };
}
