import type { Queryable } from './database';
import { JOB_COLUMNS, JOB_VALUES, jobValues } from './jobs';
import type { NewJob } from './jobs';

/** Credits and places that a submission needs from its key. */
export interface Admission {
  readonly apiKeyId: string;
  readonly jobs: number;
  /** Credits of all jobs together. */
  readonly cost: number;
}

/** What a key may submit besides, right behind a submission that was taken. */
export interface Allowance {
  readonly perSecond: number;
  readonly submitsLeft: number;
  readonly unfinishedLimit: number;
  readonly unfinishedLeft: number;
}

/** Why a submission is not taken. */
export type Refusal =
  | { readonly kind: 'credits_exhausted'; readonly creditsLeft: number }
  | {
      readonly kind: 'too_many_unfinished';
      readonly limit: number;
      readonly unfinished: number;
      readonly retryAfterSec: number;
    }
  | { readonly kind: 'submit_rate_exceeded'; readonly perSecond: number; readonly retryAfterSec: number };

/** Thrown to roll the submission's transaction back. */
export class AdmissionRefusedError extends Error {
  override readonly name = 'AdmissionRefusedError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`the submission is refused: ${refusal.kind}`);
    this.refusal = refusal;
  }
}

/**
 * Checks and reserves in one statement: submissions that race wait for each other's row and see what the other reserved.
 * @param cost, jobs, key SQL expressions
 */
const admitSql = (key: string, cost: string, jobs: string): string => `
update usage u set reserved = u.reserved + ${cost}, unfinished = u.unfinished + ${jobs},
  next_submit_at = greatest(u.next_submit_at, now()) + interval '1 second' / k.submits_per_second
from api_keys k
where u.api_key_id = ${key} and k.id = u.api_key_id
  and (k.credit_limit is null or u.credits + u.reserved + ${cost} <= k.credit_limit)
  and u.unfinished + ${jobs} <= k.max_unfinished
  and u.next_submit_at <= now() + interval '1 second'
returning k.submits_per_second, k.max_unfinished, u.unfinished, extract(epoch from u.next_submit_at - now())::float8 as ahead_seconds`;

const ADMIT = admitSql('$1::uuid', '$2::bigint', '$3::bigint');

/** A single job without an idempotency key needs no transaction around it: one statement admits and inserts. */
const ADMIT_JOB = `
with admitted as (${admitSql('$2::uuid', '$6::int', '1')}),
inserted as (insert into jobs (${JOB_COLUMNS}) select ${JOB_VALUES} from admitted)
select * from admitted`;

interface UsageRow {
  credits_left: number | null;
  unfinished: number;
  max_unfinished: number;
  submits_per_second: number;
  early_seconds: number;
  ended_last_minute: number;
}

const MAX_WAIT_SEC = 3_600;
const atLeastOne = (seconds: number): number => Math.min(Math.max(Math.ceil(seconds), 1), MAX_WAIT_SEC);

/** @returns why {@link admit} would refuse now; undefined when it would not. The wait is estimated from the rows. */
export async function findRefusal(db: Queryable, { apiKeyId, jobs, cost }: Admission): Promise<Refusal | undefined> {
  const [row] = await db.query<UsageRow>(
    `select k.credit_limit - u.credits - u.reserved as credits_left, u.unfinished, k.max_unfinished, k.submits_per_second,
       extract(epoch from u.next_submit_at - now() - interval '1 second')::float8 as early_seconds,
       case when u.unfinished + $2 > k.max_unfinished then
         (select count(*) from jobs j where j.api_key_id = k.id and j.ended_at > now() - interval '1 minute') else 0 end as ended_last_minute
     from api_keys k join usage u on u.api_key_id = k.id where k.id = $1`,
    [apiKeyId, jobs],
  );
  if (row === undefined) return undefined;
  if (row.credits_left !== null && cost > row.credits_left)
    return { kind: 'credits_exhausted', creditsLeft: Math.max(row.credits_left, 0) };
  const excess = row.unfinished + jobs - row.max_unfinished;
  if (excess > 0) {
    const retryAfterSec = atLeastOne(row.ended_last_minute === 0 ? 60 : (excess * 60) / row.ended_last_minute);
    return { kind: 'too_many_unfinished', limit: row.max_unfinished, unfinished: row.unfinished, retryAfterSec };
  }
  if (row.early_seconds > 0)
    return {
      kind: 'submit_rate_exceeded',
      perSecond: row.submits_per_second,
      retryAfterSec: atLeastOne(row.early_seconds),
    };
  return undefined;
}

/**
 * Reserves the credits and places of a submission, as the last step of its transaction, because it locks the key's row.
 * A key may submit a second's worth at once.
 * @throws AdmissionRefusedError, which rolls the transaction back
 */
export async function admit(tx: Queryable, admission: Admission): Promise<Allowance> {
  const [admitted] = await tx.query<AdmittedRow>(ADMIT, [admission.apiKeyId, admission.cost, admission.jobs]);
  if (admitted !== undefined) return allowanceOf(admitted);
  throw await refused(tx, admission);
}

/**
 * Admits a single job and inserts its row.
 * @throws AdmissionRefusedError; then nothing has changed
 */
export async function admitJob(db: Queryable, job: NewJob): Promise<Allowance> {
  const [admitted] = await db.query<AdmittedRow>(ADMIT_JOB, jobValues(job), 'admit-job');
  if (admitted === undefined) throw await refused(db, { apiKeyId: job.apiKeyId, jobs: 1, cost: job.price });
  return allowanceOf(admitted);
}

interface AdmittedRow extends Record<string, unknown> {
  readonly submits_per_second: number;
  readonly max_unfinished: number;
  readonly unfinished: number;
  readonly ahead_seconds: number;
}

const allowanceOf = (row: AdmittedRow): Allowance => ({
  perSecond: row.submits_per_second,
  // A second's worth may come at once.
  submitsLeft: Math.min(
    Math.max(Math.floor((1 - row.ahead_seconds) * row.submits_per_second), 0),
    row.submits_per_second,
  ),
  unfinishedLimit: row.max_unfinished,
  unfinishedLeft: Math.max(row.max_unfinished - row.unfinished, 0),
});

/** Room may have come between the refusal and the search for its reason; then waiting for a second is enough. */
async function refused(db: Queryable, admission: Admission): Promise<AdmissionRefusedError> {
  const refusal = await findRefusal(db, admission);
  return new AdmissionRefusedError(refusal ?? { kind: 'submit_rate_exceeded', perSecond: 1, retryAfterSec: 1 });
}

/** Reserves for a job or batch that a programmatic client started: it runs already, so it is not refused. */
export async function admitStarted(tx: Queryable, { apiKeyId, jobs, cost }: Admission): Promise<void> {
  await tx.query('update usage set reserved = reserved + $2, unfinished = unfinished + $3 where api_key_id = $1', [
    apiKeyId,
    cost,
    jobs,
  ]);
}
