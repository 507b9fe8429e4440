import type { DeliveryEvent, DeliveryStatus } from '../../src/jobs/delivery-object';
import { batchPlaceOf, createJobId } from '../../src/jobs/job-id';
import type { Database } from '../../src/store/database';
import { endpointOf } from '../../src/store/receivers';

export interface DeliveryRowOptions {
  readonly apiKeyId: string;
  readonly url?: string;
  readonly status?: DeliveryStatus;
  readonly event?: DeliveryEvent;
  readonly jobId?: string;
  readonly batchId?: string;
  readonly createdAt?: Date;
  /** Calls made so far; each is noted with its number as duration. */
  readonly attempts?: number;
}

const DEFAULT_URL = 'https://receiver.example/hook';

/** Rows of a batch and its one chunk, so that members may refer to them. */
export async function insertBatchRow(database: Database, apiKeyId: string, batchId: string): Promise<void> {
  await database.query(
    `insert into batches (id, api_key_id, total, options, fan_out, deadline_at) values ($1, $2, 3, '{}', 'jobs', now())`,
    [batchId, apiKeyId],
  );
}

/** A delivery as the worker would have left it, with the rows that it refers to. @returns its id */
export async function insertDeliveryRow(database: Database, options: DeliveryRowOptions): Promise<string> {
  const { apiKeyId, url = DEFAULT_URL, status = 'pending', attempts = 0, jobId, batchId } = options;
  const createdAt = options.createdAt ?? new Date();
  // `createDeliveryId` never goes back in time.
  const id = createJobId(createdAt.getTime());
  const { endpointId, origin } = endpointOf(apiKeyId, url);
  await database.query(
    'insert into webhook_endpoints (id, api_key_id, origin) values ($1, $2, $3) on conflict do nothing',
    [endpointId, apiKeyId, origin],
  );
  if (jobId !== undefined) {
    const batch = batchPlaceOf(jobId)?.batchId ?? null;
    await database.query(
      `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, deadline_at, ended_at)
       values ($1, $2, $3, $4, 'https://a.example/', 'finished', now(), now()) on conflict do nothing`,
      [jobId, batch, batch && 0, apiKeyId],
    );
  }
  await database.query(
    `insert into webhook_deliveries (id, endpoint_id, job_id, batch_id, event, url, status, attempts, round_attempts, created_at,
       round_started_at, next_attempt_at, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $9, $9, case when $7 <> 'pending' then $9::timestamptz end)`,
    [
      ...[id, endpointId, jobId ?? null, batchId ?? null, options.event ?? 'job.finished', url, status, attempts],
      createdAt,
    ],
  );
  await database.query(
    `insert into webhook_attempts (delivery_id, place, at, status_code, duration_ms, answer)
     select $1, n, $2::timestamptz + n * interval '1 second', 500, n, 'answer ' || n from generate_series(1, $3::int) n`,
    [id, createdAt, attempts],
  );
  return id;
}
