import { createHash } from 'node:crypto';
import { CHUNK_URLS, batchMemberId } from '../jobs/job-id';
import { AdmissionRefusedError, admit, admitJob, admitStarted, findRefusal } from './admission';
import type { Allowance } from './admission';
import { insertBatch } from './batches';
import type { NewBatch } from './batches';
import type { Database, Queryable } from './database';
import { insertJob } from './jobs';
import type { NewJob, StoredJob } from './jobs';
import type { PricedBatch } from './new-rows';
import { endJobs } from './write-outcomes';
import type { JobEnd } from './write-outcomes';

interface IdempotentRequest {
  readonly apiKeyId: string;
  readonly key: string;
  readonly requestHash: Buffer;
}

type IdempotencyClaim =
  /** This request is the first; its rows belong in the same transaction. */
  | { readonly kind: 'new' }
  | { readonly kind: 'replay'; readonly answerId: string }
  | { readonly kind: 'conflict' }
  /** The first request has not been answered yet. */
  | { readonly kind: 'in-flight' };

/** With `new` the rows are committed. Otherwise nothing was written, and the claim says why. */
export type Accepted =
  | { readonly kind: 'new'; readonly endpointIds: readonly string[]; readonly allowance: Allowance }
  | Exclude<IdempotencyClaim, { kind: 'new' }>;

const ENDS_PER_STATEMENT = 2_000;

/**
 * Takes a single job: its row, its idempotency key and its reservation, all or nothing.
 * @throws AdmissionRefusedError
 */
export async function acceptJob(
  db: Database,
  job: NewJob,
  idempotent?: Omit<IdempotentRequest, 'apiKeyId'>,
): Promise<Accepted> {
  if (idempotent === undefined) {
    return { kind: 'new', endpointIds: [], allowance: await admitJob(db, job) };
  }
  return db.transaction(async (tx) => {
    const claim = await claimed(tx, job.apiKeyId, idempotent, job.id);
    if (claim.kind !== 'new') return claim;
    await insertJob(tx, job);
    const allowance = await admit(tx, { apiKeyId: job.apiKeyId, jobs: 1, cost: job.price });
    return { kind: 'new', endpointIds: [], allowance };
  });
}

/**
 * Takes a batch. URLs whose price is over their `max_cost` end at once as failed jobs.
 * @throws AdmissionRefusedError
 */
export function acceptBatch(
  db: Database,
  batch: PricedBatch,
  idempotent?: Omit<IdempotentRequest, 'apiKeyId'>,
): Promise<Accepted> {
  const cost = sum(batch.prices) - sum(batch.overMaxCost.map((index) => batch.prices[index] ?? 0));
  const admission = { apiKeyId: batch.apiKeyId, jobs: batch.urls.length, cost };
  return db.transaction(async (tx) => {
    const claim = await claimed(tx, batch.apiKeyId, idempotent, batch.id);
    if (claim.kind !== 'new') return claim;
    // This look comes first so that a refused submission costs no writes; `admit` decides.
    const refusal = await findRefusal(tx, admission);
    if (refusal !== undefined) throw new AdmissionRefusedError(refusal);
    await insertBatch(tx, batch);
    const endpointIds = await failOverMaxCost(tx, batch);
    // The jobs that ended at once have given back credits that were never reserved, so the credits of all are reserved here.
    const allowance = await admit(tx, { ...admission, cost: sum(batch.prices) });
    return { kind: 'new', endpointIds, allowance };
  });
}

/** Takes a job or batch that a programmatic client started: it runs already, so neither limits nor credits refuse it. @returns whether it is new */
export function adoptJob(db: Database, job: NewJob, maxCost: number | undefined): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (!(await insertJob(tx, job))) return false;
    await admitStarted(tx, { apiKeyId: job.apiKeyId, jobs: 1, cost: job.price });
    if (maxCost !== undefined && job.price > maxCost)
      await endJobs(tx, [overMaxCostEnd({ ...job, status: 'running', attempts: 0, strikes: 0 })]);
    return true;
  });
}

export function adoptBatch(db: Database, batch: PricedBatch): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (!(await insertBatch(tx, batch))) return false;
    await failOverMaxCost(tx, batch);
    await admitStarted(tx, { apiKeyId: batch.apiKeyId, jobs: batch.urls.length, cost: sum(batch.prices) });
    return true;
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

async function claimed(
  tx: Queryable,
  apiKeyId: string,
  idempotent: Omit<IdempotentRequest, 'apiKeyId'> | undefined,
  answerId: string,
): Promise<IdempotencyClaim> {
  return idempotent === undefined ? { kind: 'new' } : claimIdempotencyKey(tx, { apiKeyId, ...idempotent }, answerId);
}

async function failOverMaxCost(tx: Queryable, batch: PricedBatch): Promise<string[]> {
  const indices = batch.overMaxCost;
  const endpointIds = new Set<string>();
  for (let from = 0; from < indices.length; from += ENDS_PER_STATEMENT) {
    const ends = indices.slice(from, from + ENDS_PER_STATEMENT).map((index) => overMaxCostEnd(memberOf(batch, index)));
    for (const id of (await endJobs(tx, ends)).endpointIds) endpointIds.add(id);
  }
  return [...endpointIds];
}

const overMaxCostEnd = (job: StoredJob): JobEnd => ({
  job,
  status: 'failed',
  attempts: 0,
  statusCode: 403,
  failReason: 'max_cost_exceeded',
});

/** A member as it is before anything has happened to it. */
const memberOf = (batch: NewBatch, index: number): StoredJob => ({
  id: batchMemberId(batch.id, index),
  batchId: batch.id,
  chunkNumber: Math.floor(index / CHUNK_URLS),
  apiKeyId: batch.apiKeyId,
  url: batch.urls[index] ?? '',
  options: batch.options,
  status: 'running',
  attempts: 0,
  strikes: 0,
  price: batch.prices[index] ?? 1,
  createdAt: batch.createdAt,
  deadlineAt: batch.deadlineAt,
  ...(batch.dedupe === true && { isDeduped: true }),
});

/**
 * Claims an `Idempotency-Key` for the job or batch `answerId`, which the caller writes in the same transaction.
 * The advisory lock tells a request in flight from one that has been answered without waiting for it.
 */
async function claimIdempotencyKey(
  tx: Queryable,
  request: IdempotentRequest,
  answerId: string,
): Promise<IdempotencyClaim> {
  const lock = createHash('sha256').update(`${request.apiKeyId}\n${request.key}`).digest().readBigInt64BE(0).toString();
  const [locked] = await tx.query<{ is_free: boolean }>('select pg_try_advisory_xact_lock($1) as is_free', [lock]);
  if (locked?.is_free !== true) return { kind: 'in-flight' };
  const [known] = await tx.query<{ request_hash: Buffer; answer_id: string }>(
    `select request_hash, answer_id from idempotency_keys where api_key_id = $1 and key = $2 and created_at > now() - interval '24 hours'`,
    [request.apiKeyId, request.key],
  );
  if (known !== undefined)
    return known.request_hash.equals(request.requestHash)
      ? { kind: 'replay', answerId: known.answer_id }
      : { kind: 'conflict' };
  await tx.query(
    `insert into idempotency_keys (api_key_id, key, request_hash, answer_id) values ($1, $2, $3, $4)
     on conflict (api_key_id, key) do update set request_hash = excluded.request_hash, answer_id = excluded.answer_id, created_at = now()`,
    [request.apiKeyId, request.key, request.requestHash, answerId],
  );
  return { kind: 'new' };
}
