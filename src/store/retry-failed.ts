import type { FailReason } from '../jobs/fail-reasons';
import { NO_STATUS } from '../jobs/request-fields';
import { deadlineAfter } from '../jobs/time-limits';
import { hostOf } from '../net/host-of';
import { admit } from './admission';
import { findBatch } from './batches';
import type { StoredBatch } from './batches';
import { isEnded, lockBatch } from './control-batch';
import type { Database, Queryable } from './database';
import { endBatch } from './end-batch';
import { lastStatusOf } from './last-status';

/** Which failed URLs get their time once more. What is absent does not narrow. */
export interface RetryFilter {
  readonly failReasons?: readonly FailReason[] | undefined;
  readonly host?: string | undefined;
  /** Status of the last answer. */
  readonly statusCodes?: readonly (number | typeof NO_STATUS)[] | undefined;
}

export type Retried =
  | { readonly kind: 'running'; readonly batch: StoredBatch }
  /** The filter selects another number of URLs than the caller has seen. */
  | { readonly kind: 'count-changed'; readonly batch: StoredBatch; readonly jobs: number }
  | {
      readonly kind: 'retried' | 'unchanged';
      readonly batch: StoredBatch;
      /** Receivers that have a new delivery, because the end before had not been told yet. */
      readonly endpointIds: readonly string[];
    };

interface FailedRow {
  id: string;
  url: string;
  chunk_number: number;
  price: number;
  fail_reason: FailReason | null;
}

/** URLs that failed because of their price would fail again, so they are left out. A status of 0 stands for none. */
const FAILED = `
  select id, url, chunk_number, price, fail_reason from jobs
  where batch_id = $1 and status = 'failed' and coalesce(fail_reason, 'internal_error') <> 'max_cost_exceeded'
    and ($2::text[] is null or coalesce(fail_reason, 'internal_error') = any($2))
    and ($3::int[] is null or coalesce(${lastStatusOf()}, 0) = any($3))`;

/** They are locked in order of id before everything else, as everywhere. */
const LOCK_FAILED = `${FAILED} order by id for update`;

/** Attempts go on to count; what the attempts before ran into is forgotten, so that the first one is a plain one again. */
const REOPEN = `
  update jobs set status = 'running', strikes = 0, tried = null, next_attempt_at = null, ended_at = null, deadline_at = $2,
    credits = null, fail_reason = null, status_code = null
  where id = any($1::uuid[])`;

const REOPEN_CHUNKS = `
  update batch_chunks c set failed = c.failed - x.jobs, ended_at = null, reopened_at = now(), reserved = 0, failures = (
    select jsonb_object_agg(key, jobs) from (
      select key, value::int - coalesce((x.reasons->>key)::int, 0) as jobs from jsonb_each_text(c.failures)) as left_over where jobs > 0)
  from unnest($2::int[], $3::int[], $4::jsonb[]) as x(number, jobs, reasons)
  where c.batch_id = $1 and c.number = x.number`;

const REOPEN_BATCH = `
  update batches set ended_at = null, cancel_requested_at = null, paused_at = null, paused_because = null, deadline_at = $2,
    start_acknowledged_at = null, workflow_id = null, retry_rounds = retry_rounds + 1, control_told = control_count
  where id = $1`;

/** Counts the failed URLs that the filter selects now, and what they would cost. Nothing is changed. */
export async function previewRetry(
  db: Queryable,
  id: string,
  filter: RetryFilter,
): Promise<{ readonly jobs: number; readonly credits: number }> {
  const failed = await findFailed(db, FAILED, id, filter);
  return { jobs: failed.length, credits: costOf(failed) };
}

const costOf = (failed: readonly FailedRow[]): number => failed.reduce((sum, { price }) => sum + price, 0);

/**
 * Gives failed URLs of a batch that has ended the time that they were first given, once more, under the same ids. All or nothing.
 * @param ifCount number of URLs that the filter has to select, or nothing is done
 * @returns undefined when the batch is gone
 * @throws AdmissionRefusedError when the key may not submit so much now
 */
export function retryFailed(
  db: Database,
  id: string,
  filter: RetryFilter,
  ifCount?: number,
): Promise<Retried | undefined> {
  return db.transaction(async (tx) => {
    // A look without a lock, so that a running batch costs nothing.
    const before = await findBatch(tx, id);
    if (before === undefined) return undefined;
    if (!isEnded(before)) return { kind: 'running', batch: before };
    const failed = await findFailed(tx, LOCK_FAILED, id, filter);
    const batch = await lockBatch(tx, id);
    if (batch === undefined) return undefined;
    // Somebody else was faster: the rows were locked, so they are found no more, or the batch runs again.
    if (!isEnded(batch)) return { kind: 'running', batch };
    if (ifCount !== undefined && ifCount !== failed.length)
      return { kind: 'count-changed', batch, jobs: failed.length };
    if (failed.length === 0) return { kind: 'unchanged', batch, endpointIds: [] };
    // Clients see the batch as ended, but its workflow may not have noted that yet.
    const { endpointIds = [] } = (await endBatch(tx, id)) ?? {};
    await reopen(tx, batch, failed);
    const retried = await findBatch(tx, id);
    return retried && { kind: 'retried', batch: retried, endpointIds };
  });
}

async function findFailed(
  db: Queryable,
  sql: string,
  id: string,
  { failReasons, host, statusCodes }: RetryFilter,
): Promise<FailedRow[]> {
  const statuses = statusCodes?.map((status) => (status === NO_STATUS ? 0 : status));
  const rows = await db.query<FailedRow & Record<string, unknown>>(sql, [id, failReasons ?? null, statuses ?? null]);
  return host === undefined ? rows : rows.filter(({ url }) => hostOf(url) === host);
}

async function reopen(tx: Queryable, { id, apiKeyId }: StoredBatch, failed: readonly FailedRow[]): Promise<void> {
  const [row] = await tx.query<{ timeout_sec: number | null }>(
    `select (options->>'timeoutSec')::int as timeout_sec from batches where id = $1`,
    [id],
  );
  const deadlineAt = deadlineAfter(new Date(), row?.timeout_sec);
  const chunks = new Map<number, Map<string, number>>();
  for (const { chunk_number: number, fail_reason: reason } of failed) {
    const reasons = chunks.get(number) ?? new Map<string, number>();
    chunks.set(number, reasons.set(reason ?? '', (reasons.get(reason ?? '') ?? 0) + 1));
  }
  const numbers = [...chunks.keys()].sort((a, b) => a - b);
  await tx.query(REOPEN, [failed.map((job) => job.id), deadlineAt]);
  await tx.query(REOPEN_BATCH, [id, deadlineAt]);
  await tx.query('select 1 from batch_chunks where batch_id = $1 and number = any($2) order by number for update', [
    id,
    numbers,
  ]);
  await tx.query(REOPEN_CHUNKS, [
    id,
    numbers,
    numbers.map((number) => [...(chunks.get(number)?.values() ?? [])].reduce((sum, jobs) => sum + jobs, 0)),
    numbers.map((number) => JSON.stringify(Object.fromEntries(chunks.get(number) ?? []))),
  ]);
  // Last, because it locks the row of the key.
  await admit(tx, { apiKeyId, jobs: failed.length, cost: costOf(failed) });
  await tx.query('update usage set failed_count = failed_count - $2 where api_key_id = $1', [apiKeyId, failed.length]);
}
