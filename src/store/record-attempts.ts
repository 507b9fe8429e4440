import type { LastFailure } from '../contracts/job-object';
import type { Queryable } from './database';
import type { StoredJob } from './jobs';

/** An attempt that did not end its job. */
export interface FailedAttempt {
  readonly job: StoredJob;
  /** Fetches so far, this one included. Absolute, so that writing it twice counts once. */
  readonly attempts: number;
  readonly strikes: number;
  readonly lastFailure: LastFailure;
  readonly nextAttemptAt: Date;
}

const RECORD_ATTEMPTS = `
insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, attempts, strikes, last_failure, next_attempt_at, created_at, deadline_at)
select id, batch_id, chunk_number, api_key_id, url, 'running', attempts, strikes, last_failure::json, next_attempt_at, created_at, deadline_at
from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::int[], $7::int[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])
  as t(id, batch_id, chunk_number, api_key_id, url, attempts, strikes, last_failure, next_attempt_at, created_at, deadline_at)
order by id
on conflict (id) do update set attempts = greatest(jobs.attempts, excluded.attempts), strikes = excluded.strikes,
  last_failure = excluded.last_failure, next_attempt_at = excluded.next_attempt_at
where jobs.status = 'running'
returning id`;

/** @returns the ids that were still running; the others have ended in the meantime and stay as they are. */
export async function recordAttempts(db: Queryable, given: readonly FailedAttempt[]): Promise<ReadonlySet<string>> {
  const failed = [...new Map(given.map((attempt) => [attempt.job.id, attempt])).values()];
  if (failed.length === 0) return new Set();
  const values = [
    failed.map(({ job }) => job.id),
    failed.map(({ job }) => job.batchId ?? null),
    failed.map(({ job }) => job.chunkNumber ?? null),
    failed.map(({ job }) => job.apiKeyId),
    failed.map(({ job }) => job.url),
    failed.map(({ attempts }) => attempts),
    failed.map(({ strikes }) => strikes),
    failed.map(({ lastFailure }) => JSON.stringify(lastFailure)),
    failed.map(({ nextAttemptAt }) => nextAttemptAt),
    failed.map(({ job }) => job.createdAt),
    failed.map(({ job }) => job.deadlineAt),
  ];
  const rows = await db.query<{ id: string }>(RECORD_ATTEMPTS, values, 'record-attempts');
  return new Set(rows.map((row) => row.id));
}
