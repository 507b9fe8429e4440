import { batchPlaceOf, chunkPlaceOf } from '../jobs/job-id';
import type { FailReason } from '../jobs/fail-reasons';
import type { JobStatus } from '../jobs/job-object';
import type { LastFailure } from '../jobs/job-object-schema';
import type { AcceptedOptions } from '../jobs/job-options';
import type { TriedAttempt } from '../jobs/tried-attempt';
import type { Queryable } from './database';
import { isForgotten } from './forgotten-row';
import { findMemberLines, withOwnOptions } from './member-lines';
import type { MemberLine } from './member-lines';

/** Place of a stored page; one ranged read fetches it. */
export interface PagePlace {
  readonly segment: string;
  readonly offset: number;
  readonly length: number;
  /** Length of the record right behind the page, where there is a screenshot. */
  readonly screenshotLength?: number;
  /** Checksum of the whole record, unsigned. Undefined: it was stored before there were checksums. */
  readonly crc32?: number;
  readonly screenshotCrc32?: number;
  /** Job whose record it is, where that is another one of a batch with `dedupe`. */
  readonly ownerId?: string;
}

/** A job as it is stored, single or member of a batch. */
export interface StoredJob {
  readonly id: string;
  readonly batchId?: string;
  readonly chunkNumber?: number;
  readonly apiKeyId: string;
  /** Set only when a programmatic client chose another id than `job/<id>`. */
  readonly workflowId?: string;
  /** First run id of the workflow start that it belongs to. Undefined: it came in by the HTTP API. */
  readonly startRunId?: string;
  readonly url: string;
  readonly options: AcceptedOptions;
  readonly status: JobStatus;
  readonly attempts: number;
  /** Attempts that ended as too large or in too many redirects. */
  readonly strikes: number;
  /** Earlier attempts with what they ran into, the newest last; only while it runs. */
  readonly tried?: readonly TriedAttempt[];
  readonly lastFailure?: LastFailure;
  readonly nextAttemptAt?: Date;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
  readonly statusCode?: number;
  /** Credits that were agreed on at submission. */
  readonly price: number;
  /** Fetches that its key may have in flight. Undefined: as many as the worker has. */
  readonly maxConcurrency?: number;
  /** Credits that were charged, once the job has ended. */
  readonly credits?: number;
  readonly failReason?: FailReason;
  readonly page?: PagePlace;
  readonly hasScreenshot?: boolean;
  readonly endedAt?: Date;
  readonly meta?: unknown;
  /** Names of request parameters that were ignored. */
  readonly ignoredParams?: readonly string[];
  /** The caller's own id of a URL of a batch. */
  readonly clientId?: string;
  /** Why nothing of its batch is fetched now. */
  readonly hold?: BatchHold;
  /** How many times the failed URLs of its batch were given their time once more. */
  readonly round?: number;
  /** Most fetches in flight to one host, of its batch. */
  readonly maxPerHost?: number;
  /** True when what its batch may cost is limited, so that only what was reserved is charged. */
  readonly isCapped?: boolean;
  /** True when other URLs of its batch may be waiting for the same result. */
  readonly isDeduped?: boolean;
}

/** Row as the queries below select it. */
export interface JobRow {
  id: string;
  batch_id: string | null;
  chunk_number: number | null;
  api_key_id: string;
  workflow_id: string | null;
  start_run_id: string | null;
  url: string;
  options: AcceptedOptions;
  status: JobStatus | null;
  attempts: number | null;
  strikes: number | null;
  tried: readonly TriedAttempt[] | null;
  last_failure: LastFailure | null;
  next_attempt_at: Date | null;
  created_at: Date;
  deadline_at: Date;
  status_code: number | null;
  price: number;
  max_concurrency: number | null;
  credits: number | null;
  fail_reason: FailReason | null;
  segment: string | null;
  segment_offset: number | null;
  segment_length: number | null;
  screenshot_length: number | null;
  page_crc32: number | null;
  screenshot_crc32: number | null;
  page_owner: string | null;
  ended_at: Date | null;
  /** Columns of its batch are left out where they do not matter. */
  hold?: BatchHold | null;
  round?: number | null;
  max_per_host?: number | null;
  is_capped?: boolean | null;
  dedupe: boolean | null;
  /** Whether URLs of its chunk have ids or options of their own. */
  has_lines?: boolean;
}

/** @param line what a URL of a batch has of its own */
export function fromJobRow(row: JobRow, line: MemberLine = {}): StoredJob {
  const options = withOwnOptions(row.options, line.options);
  const { ignoredParams = [] } = options;
  return {
    id: row.id,
    apiKeyId: row.api_key_id,
    url: row.url,
    options,
    status: row.status ?? 'running',
    attempts: row.attempts ?? 0,
    strikes: row.strikes ?? 0,
    price: row.price,
    createdAt: row.created_at,
    deadlineAt: row.deadline_at,
    ...(row.batch_id !== null && row.chunk_number !== null && { batchId: row.batch_id, chunkNumber: row.chunk_number }),
    ...(row.workflow_id !== null && { workflowId: row.workflow_id }),
    ...(row.start_run_id !== null && { startRunId: row.start_run_id }),
    ...(row.tried !== null && { tried: row.tried }),
    ...(row.last_failure !== null && { lastFailure: row.last_failure }),
    ...(row.next_attempt_at !== null && { nextAttemptAt: row.next_attempt_at }),
    ...(row.status_code !== null && { statusCode: row.status_code }),
    ...(row.max_concurrency !== null && { maxConcurrency: row.max_concurrency }),
    ...(row.credits !== null && { credits: row.credits }),
    ...(row.fail_reason !== null && { failReason: row.fail_reason }),
    ...(row.segment !== null && {
      page: {
        segment: row.segment,
        offset: row.segment_offset ?? 0,
        length: row.segment_length ?? 0,
        ...(row.screenshot_length !== null && { screenshotLength: row.screenshot_length }),
        ...(row.page_crc32 !== null && { crc32: row.page_crc32 }),
        ...(row.screenshot_crc32 !== null && { screenshotCrc32: row.screenshot_crc32 }),
        ...(row.page_owner !== null && { ownerId: row.page_owner }),
      },
    }),
    ...(row.screenshot_length !== null && { hasScreenshot: true }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...((row.hold ?? null) !== null && { hold: row.hold as BatchHold }),
    ...((row.round ?? 0) > 0 && { round: row.round ?? 0 }),
    ...((row.max_per_host ?? null) !== null && { maxPerHost: row.max_per_host ?? 0 }),
    ...(row.is_capped === true && { isCapped: true }),
    ...(options.meta !== undefined && { meta: options.meta }),
    ...(ignoredParams.length > 0 && { ignoredParams }),
    ...(line.clientId !== undefined && { clientId: line.clientId }),
    ...(row.dedupe === true && { isDeduped: true }),
  };
}

/**
 * Columns of the job's own row, `j`. They are all null while a member has no row. What attempts ran into matters only while there are
 * more to come; who asks for it later reads it by itself (`findTried`).
 */
export const JOB_STATE = `j.workflow_id, j.start_run_id, j.status, j.attempts, j.strikes, case when j.status = 'running' then j.tried end as tried, j.last_failure, j.next_attempt_at, j.status_code, j.credits, j.fail_reason,
  j.segment, j.segment_offset, j.segment_length, j.screenshot_length, j.page_crc32, j.screenshot_crc32, j.page_owner, j.ended_at`;

/** Why nothing of a batch is fetched now. */
export type BatchHold = 'paused' | 'cancelled';

/** Columns of the batch `b` that decide whether and how its URLs are fetched. */
export const BATCH_HOLD = `case when b.cancel_requested_at is not null then 'cancelled' when b.paused_at is not null then 'paused' end as hold`;
export const BATCH_STATE = `${BATCH_HOLD}, b.retry_rounds as round, b.max_per_host, b.max_credits is not null as is_capped`;

/**
 * A member without a row of its own (nothing has happened to it yet) is running with 0 attempts: the manifest proves that it exists.
 * The other reason for a missing row is retention; then the whole chunk has ended, because results outlive the 24 h of trying, or it
 * had ended before its failed URLs were given their time once more.
 * If the member has a row, the manifest is not read, because unpacking its 500 URLs takes longer than everything else.
 */
const MEMBERS = `
  select w.id, b.id as batch_id, c.number as chunk_number, b.api_key_id, coalesce(j.url, c.urls[w.place]) as url,
    case when j.ended_at is null then coalesce(c.prices[w.place], 1) else j.price end as price, k.max_concurrency, b.options,
    b.created_at, b.deadline_at, b.dedupe, c.client_ids is not null or c.line_options is not null as has_lines, ${BATCH_STATE}, ${JOB_STATE}
  from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) as w(id, batch_id, chunk_number, place)
  join batches b on b.id = w.batch_id
  join api_keys k on k.id = b.api_key_id
  join batch_chunks c on c.batch_id = w.batch_id and c.number = w.chunk_number
  left join jobs j on j.id = w.id
  where j.batch_id = w.batch_id
    or (j.id is null and c.ended_at is null and c.reopened_at is null and c.finished + c.failed + c.cancelled < cardinality(c.urls) and c.urls[w.place] is not null)`;

const SINGLES = `
  select j.id, j.batch_id, j.chunk_number, j.api_key_id, j.url, j.price, k.max_concurrency, coalesce(j.options, b.options, '{}'::json) as options,
    j.created_at, j.deadline_at, b.dedupe, ${JOB_STATE}
  from jobs j join api_keys k on k.id = j.api_key_id left join batches b on b.id = j.batch_id
  where j.id = any($1::uuid[])`;

/**
 * Finds the jobs of these ids; those that do not exist (any more) are left out.
 * @param ids must be UUIDs in lower case, as in the rows
 */
export async function findJobs(db: Queryable, ids: readonly string[]): Promise<Map<string, StoredJob>> {
  const members = ids.flatMap((id) => {
    const place = batchPlaceOf(id);
    return place === undefined ? [] : [{ id, batchId: place.batchId, ...chunkPlaceOf(place.index) }];
  });
  const found = new Map<string, StoredJob>();
  const add = (rows: readonly JobRow[], lines?: ReadonlyMap<string, MemberLine>) =>
    rows.forEach((row) => isForgotten(row) || found.set(row.id, fromJobRow(row, lines?.get(row.id))));
  if (members.length > 0) {
    const columns = [
      members.map(({ id }) => id),
      members.map(({ batchId }) => batchId),
      members.map(({ chunk }) => chunk),
      members.map(({ place }) => place + 1),
    ];
    const rows = await db.query<JobRow>(MEMBERS, columns, 'find-members');
    const own = rows.filter((row) => row.has_lines === true).map(({ id }) => id);
    add(rows, own.length === 0 ? undefined : await findMemberLines(db, own));
  }
  // These include ids that only look like a member's, because programmatic clients bring any UUID.
  const others = ids.filter((id) => !found.has(id));
  if (others.length > 0) add(await db.query<JobRow>(SINGLES, [others], 'find-single-jobs'));
  return found;
}

/** Finds a job by its id; undefined when it does not exist (any more). */
export async function findJob(db: Queryable, id: string): Promise<StoredJob | undefined> {
  const key = id.toLowerCase();
  return (await findJobs(db, [key])).get(key);
}

/** Finds what the attempts of a job came to, the newest last; none where the first one brought the page. */
export async function findTried(db: Queryable, id: string): Promise<readonly TriedAttempt[]> {
  const [row] = await db.query<Pick<JobRow, 'tried'>>('select tried from jobs where id = $1', [id], 'find-tried');
  return row?.tried ?? [];
}

export interface NewJob {
  readonly id: string;
  readonly apiKeyId: string;
  readonly url: string;
  readonly options: AcceptedOptions;
  /** Credits that a success costs. */
  readonly price: number;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
  /** Set when the workflow exists already, because a programmatic client started it. */
  readonly workflowId?: string;
  /** First run id of the workflow start that creates it. */
  readonly startRunId?: string;
}

/** Columns and values of a new job's row, for every statement that inserts one: `$1` … `$10`. */
export const JOB_COLUMNS =
  'id, api_key_id, workflow_id, url, options, price, created_at, deadline_at, start_acknowledged_at, start_run_id, status';
export const JOB_VALUES = `$1::uuid, $2::uuid, $3::text, $4::text, $5::json, $6::int, $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::text, 'running'`;

export const jobValues = (job: NewJob): unknown[] => [
  job.id,
  job.apiKeyId,
  job.workflowId ?? null,
  job.url,
  JSON.stringify(job.options),
  job.price,
  job.createdAt,
  job.deadlineAt,
  job.workflowId === undefined ? null : job.createdAt,
  job.startRunId ?? null,
];

/** Inserts the row of a job. @returns whether it is new; a second insert of the same id changes nothing */
export async function insertJob(db: Queryable, job: NewJob): Promise<boolean> {
  const sql = `insert into jobs (${JOB_COLUMNS}) values (${JOB_VALUES}) on conflict (id) do nothing returning id`;
  return (await db.query(sql, jobValues(job), 'insert-job')).length > 0;
}

/** Whether retention removed the row of this job or batch id lately. */
export async function isExpiredId(db: Queryable, id: string): Promise<boolean> {
  const batchId = batchPlaceOf(id)?.batchId;
  const ids = batchId === undefined ? [id] : [id, batchId];
  return (await db.query('select 1 from expired_ids where id = any($1) limit 1', [ids])).length > 0;
}
