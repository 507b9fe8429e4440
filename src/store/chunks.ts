import { CHUNK_URLS, batchMemberId } from '../jobs/job-id';
import type { JobStatus } from '../jobs/job-object';
import type { AcceptedOptions } from '../jobs/job-options';
import type { TriedAttempt } from '../jobs/tried-attempt';
import type { ChunkEnding } from '../jobs/chunk-range';
import type { Queryable } from './database';
import { BATCH_STATE, JOB_STATE, fromJobRow } from './jobs';
import type { BatchHold, JobRow, StoredJob } from './jobs';
import { lineOf, withOwnOptions } from './member-lines';

const UNFINISHED = `
  select i.id, b.id as batch_id, c.number as chunk_number, b.api_key_id, u.url, coalesce(u.price, 1) as price, null as max_concurrency, b.options,
    b.created_at, b.deadline_at, b.dedupe, u.client_id, u.line_options, ${BATCH_STATE}, ${JOB_STATE}
  from batches b
  join batch_chunks c on c.batch_id = b.id and c.number = $2
  cross join lateral unnest(c.urls, c.prices, c.client_ids, c.line_options) with ordinality as u(url, price, client_id, line_options, place)
  join unnest($3::uuid[], $4::int[]) as i(id, place) on i.place = u.place
  left join jobs j on j.id = i.id
  where b.id = $1 and (j.status = 'running' or (j.id is null and c.reopened_at is null))
  order by i.place`;

/** Members of a chunk that have not ended, among the `limit` places from `fromPlace` (0-based) on. */
export async function findUnfinishedMembers(
  db: Queryable,
  batchId: string,
  chunk: number,
  range: { readonly fromPlace: number; readonly limit: number },
): Promise<StoredJob[]> {
  const places = Array.from(
    { length: Math.min(range.limit, CHUNK_URLS - range.fromPlace) },
    (_, index) => range.fromPlace + index,
  );
  const ids = places.map((place) => batchMemberId(batchId, chunk * CHUNK_URLS + place));
  const rows = await db.query<UnfinishedRow & Record<string, unknown>>(UNFINISHED, [
    batchId,
    chunk,
    ids,
    places.map((place) => place + 1),
  ]);
  return rows.map((row) => fromJobRow(row, lineOf(row.client_id, row.line_options)));
}

interface UnfinishedRow extends JobRow {
  readonly client_id: string | null;
  readonly line_options: AcceptedOptions | null;
}

/** A URL of a chunk that has not ended. */
export interface OpenMember {
  /** Place in the chunk, from 0. */
  readonly place: number;
  readonly url: string;
  readonly attempts: number;
  readonly strikes: number;
  readonly tried?: readonly TriedAttempt[];
  readonly nextAttemptAt?: Date;
  /** Options that are not those of the batch. */
  readonly options?: AcceptedOptions;
}

/** A chunk with the URLs that are left in it; what these have in common is here once. */
export interface OpenChunk {
  readonly batchId: string;
  readonly chunk: number;
  readonly apiKeyId: string;
  readonly maxConcurrency?: number;
  readonly options: AcceptedOptions;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
  readonly prices: readonly number[] | null;
  /** Whether equal URLs are fetched once. The others are not among the members, and end with the one that is fetched. */
  readonly isDeduped?: boolean;
  readonly members: readonly OpenMember[];
  /** Why nothing of its batch is fetched now. */
  readonly hold?: BatchHold;
  /** How many times the failed URLs of its batch were given their time once more. */
  readonly round?: number;
  /** Most fetches in flight to one host, of its batch. */
  readonly maxPerHost?: number;
  /** True when what its batch may cost is limited. */
  readonly isCapped?: boolean;
}

const CHUNK = `
  select b.api_key_id, b.options, b.created_at, b.deadline_at, b.dedupe, k.max_concurrency, c.urls, c.prices, c.line_options, c.copies_of,
    c.reopened_at, ${BATCH_STATE}
  from batches b join api_keys k on k.id = b.api_key_id join batch_chunks c on c.batch_id = b.id and c.number = $2
  where b.id = $1`;

const MEMBER_ROWS = `
  select id, status, attempts, strikes, case when status = 'running' then tried end as tried, next_attempt_at from jobs where batch_id = $1 and chunk_number = $2`;

/** Finds what is left to do in a chunk; undefined when the batch is gone. */
export async function openChunk(db: Queryable, batchId: string, chunk: number): Promise<OpenChunk | undefined> {
  const [row] = await db.query<ChunkRow & Record<string, unknown>>(CHUNK, [batchId, chunk], 'open-chunk');
  if (row === undefined) return undefined;
  const rows = await db.query<MemberRow & Record<string, unknown>>(MEMBER_ROWS, [batchId, chunk], 'open-members');
  const known = new Map(rows.map((each) => [each.id, each]));
  const members = row.urls.flatMap((url, place): OpenMember[] => {
    if ((row.copies_of?.[place] ?? null) !== null) return [];
    const state = known.get(batchMemberId(batchId, chunk * CHUNK_URLS + place));
    const own = row.line_options?.[place] ?? undefined;
    const options = own && { options: withOwnOptions(row.options, own) };
    if (state === undefined)
      return row.reopened_at === null ? [{ place, url, attempts: 0, strikes: 0, ...options }] : [];
    if (state.status !== 'running') return [];
    const { attempts, strikes, tried, next_attempt_at: nextAttemptAt } = state;
    return [
      {
        ...{ place, url, attempts, strikes, ...options },
        ...(tried !== null && { tried }),
        ...(nextAttemptAt !== null && { nextAttemptAt }),
      },
    ];
  });
  return {
    batchId,
    chunk,
    apiKeyId: row.api_key_id,
    options: row.options,
    createdAt: row.created_at,
    deadlineAt: row.deadline_at,
    prices: row.prices,
    ...(row.dedupe && { isDeduped: true }),
    members,
    round: row.round,
    isCapped: row.is_capped,
    ...(row.hold !== null && { hold: row.hold }),
    ...(row.max_per_host !== null && { maxPerHost: row.max_per_host }),
    ...(row.max_concurrency !== null && { maxConcurrency: row.max_concurrency }),
  };
}

interface ChunkRow {
  readonly api_key_id: string;
  readonly options: AcceptedOptions;
  readonly created_at: Date;
  readonly deadline_at: Date;
  readonly dedupe: boolean;
  readonly max_concurrency: number | null;
  readonly urls: readonly string[];
  readonly prices: readonly number[] | null;
  readonly line_options: readonly (AcceptedOptions | null)[] | null;
  readonly copies_of: readonly (number | null)[] | null;
  readonly reopened_at: Date | null;
  readonly hold: BatchHold | null;
  readonly round: number;
  readonly max_per_host: number | null;
  readonly is_capped: boolean;
}

interface MemberRow {
  readonly id: string;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly strikes: number;
  readonly tried: readonly TriedAttempt[] | null;
  readonly next_attempt_at: Date | null;
}

/** Makes the job of a member, as one attempt needs it. */
export function jobOfMember(open: OpenChunk, member: Omit<OpenMember, 'nextAttemptAt'>): StoredJob {
  const { batchId, chunk, apiKeyId, createdAt, deadlineAt, isCapped = false } = open;
  const { place, url, attempts, strikes, tried, options = open.options } = member;
  return {
    id: batchMemberId(batchId, chunk * CHUNK_URLS + place),
    batchId,
    chunkNumber: chunk,
    apiKeyId,
    url,
    options,
    status: 'running',
    attempts,
    strikes,
    price: open.prices?.[place] ?? 1,
    ...(open.isDeduped === true && { isDeduped: true }),
    ...(tried !== undefined && { tried }),
    ...(isCapped && { isCapped }),
    createdAt,
    deadlineAt,
  };
}

/** Counts of chunks, and how many times the failed URLs of their batch were given their time once more. */
export interface ChunkCounts extends ChunkEnding {
  readonly round: number;
}

/** Sums up the progress of these chunks; undefined when they do not exist (any more). */
export async function chunkCounts(
  db: Queryable,
  batchId: string,
  chunks: readonly number[],
): Promise<ChunkCounts | undefined> {
  const [row] = await db.query<ChunkCounts & { found: number }>(
    `select (select retry_rounds from batches where id = $1) as round, count(*) as found, sum(cardinality(urls)) as total, sum(finished) as finished, sum(failed) as failed, sum(cancelled) as cancelled
     from batch_chunks where batch_id = $1 and number = any($2)`,
    [batchId, chunks],
  );
  if (row === undefined || row.found < chunks.length) return undefined;
  const { total, finished, failed, cancelled, round } = row;
  return { total, finished, failed, cancelled, round };
}

/** Finds members of these batches that were cancelled in the last `withinMs`. */
export async function findCancelled(
  db: Queryable,
  batchIds: readonly string[],
  withinMs: number,
): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from jobs where status = 'cancelled' and ended_at > now() - $2::interval and batch_id = any($1)`,
    [batchIds, `${withinMs} milliseconds`],
    'find-cancelled',
  );
  return rows.map(({ id }) => id);
}
