import type { BatchRecord, PauseReason } from '../jobs/batch-object';
import type { FanOut, AcceptedOptions } from '../jobs/job-options';
import { CHUNK_URLS } from '../jobs/job-id';
import { ALL_FETCHES, FIRST_FETCHES } from './batch-fetches';
import { LIVE_COLUMNS, LIVE_JOIN, fromLiveRow } from './batch-live';
import type { LiveRow } from './batch-live';
import type { Queryable } from './database';
import { insertChunks } from './insert-chunks';

export interface NewBatch {
  readonly id: string;
  readonly apiKeyId: string;
  readonly urls: readonly string[];
  /** Credits of each URL. */
  readonly prices: readonly number[];
  readonly options: AcceptedOptions;
  readonly fanOut: FanOut;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
  /** URL that is called when the batch has ended. */
  readonly onDoneUrl?: string | undefined;
  /** True when the workflow exists already, because a programmatic client started it. */
  readonly isStarted?: boolean;
  /** Set only when such a client chose another id than `batch/<id>`. */
  readonly workflowId?: string | undefined;
  /** First run id of the workflow start that creates it. */
  readonly startRunId?: string | undefined;
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly maxCredits?: number | undefined;
  readonly maxPerHost?: number | undefined;
  readonly dedupe?: boolean;
  /** The caller's own ids, by index. */
  readonly clientIds?: readonly (string | undefined)[] | undefined;
  /** JSON of options that are not the batch's, by index. */
  readonly lineOptions?: readonly (string | undefined)[] | undefined;
  /** Indices of the URLs whose results others take over, by the index of the other. */
  readonly copiesOf?: readonly (number | undefined)[] | undefined;
  /** Whether a browser loads the page of some URL by options of its own. */
  readonly hasRenderedLines?: boolean;
}

/** Writes the batch and its manifest, a row per 500 URLs; to be called in a transaction. A second insert of the same id changes nothing. */
export async function insertBatch(tx: Queryable, batch: NewBatch): Promise<boolean> {
  const added = await tx.query(
    `insert into batches (id, api_key_id, total, options, fan_out, created_at, deadline_at, start_acknowledged_at, on_done_url, workflow_id, start_run_id,
         name, tags, max_credits, max_per_host, dedupe, has_rendered_lines)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) on conflict (id) do nothing returning id`,
    [
      batch.id,
      batch.apiKeyId,
      batch.urls.length,
      JSON.stringify(batch.options),
      batch.fanOut,
      batch.createdAt,
      batch.deadlineAt,
      batch.isStarted === true ? batch.createdAt : null,
      batch.onDoneUrl ?? null,
      batch.workflowId ?? null,
      batch.startRunId ?? null,
      batch.name ?? null,
      batch.tags ?? [],
      batch.maxCredits ?? null,
      batch.maxPerHost ?? null,
      batch.dedupe ?? false,
      batch.hasRenderedLines ?? false,
    ],
  );
  if (added.length === 0) return false;
  await insertChunks(tx, batch);
  return true;
}

export const chunkCount = (urls: number): number => Math.ceil(urls / CHUNK_URLS);

export interface StoredBatch extends BatchRecord {
  readonly apiKeyId: string;
  readonly fanOut: FanOut;
  readonly deadlineAt: Date;
  /** URL that is called when the batch has ended. */
  readonly onDoneUrl?: string;
  /** When it was asked to cancel the batch. */
  readonly cancelRequestedAt?: Date;
  /** How many times its failed URLs were given their time once more. */
  readonly retryRounds: number;
  /** When this was so, by the clock of PostgreSQL. */
  readonly readAt?: Date;
}

interface BatchRow {
  id: string;
  api_key_id: string;
  total: number;
  fan_out: FanOut;
  created_at: Date;
  deadline_at: Date;
  finished: number;
  failed: number;
  cancelled: number;
  credits: number;
  running: number;
  ended_at: Date | null;
  on_done_url: string | null;
  is_noted: boolean;
  is_cancelled: boolean;
  name: string | null;
  tags: readonly string[];
  max_credits: number | null;
  max_per_host: number | null;
  dedupe: boolean;
  paused_at: Date | null;
  paused_because: PauseReason | null;
  cancel_requested_at: Date | null;
  retry_rounds: number;
}

/** Columns of a batch `b` and the sums `c` of its chunks. */
const COLUMNS = `
  b.id, b.api_key_id, b.total, b.fan_out, b.created_at, b.deadline_at, b.on_done_url,
  b.name, b.tags, b.max_credits, b.max_per_host, b.dedupe, b.paused_at, b.paused_because, b.cancel_requested_at, b.retry_rounds,
  b.ended_at is not null as is_noted, b.cancelled_at is not null as is_cancelled,
  c.finished, c.failed, c.cancelled, c.credits::bigint as credits,
  case when c.finished + c.failed + c.cancelled = b.total then c.ended_at end as ended_at`;

/** While a batch is paused, only what is in flight counts as running, because the rest is not going to be tried now. */
const RUNNING = `
  case when b.paused_at is not null then ${ALL_FETCHES}
    else (select count(*) from jobs j where j.batch_id = b.id and j.status = 'running') + ${FIRST_FETCHES} end as running`;

const SUMS = `
  cross join lateral (
    select sum(finished) as finished, sum(failed) as failed, sum(cancelled) as cancelled, sum(credits) as credits, max(ended_at) as ended_at
    from batch_chunks where batch_id = b.id) c`;

const FIND_BATCH = `
  select ${COLUMNS}, ${RUNNING}, ${LIVE_COLUMNS} from batches b ${SUMS} ${LIVE_JOIN} where b.id = $1`;

/**
 * Reads a batch in one statement, so in one snapshot: the counts of a reply always belong together. With some URLs cancelled, only
 * the noted end tells whether the whole batch was.
 */
export async function findBatch(db: Queryable, id: string): Promise<StoredBatch | undefined> {
  const [row] = await db.query<BatchRow & LiveRow>(FIND_BATCH, [id], 'find-batch');
  if (row === undefined) return undefined;
  const batch = fromBatchRow(row);
  const isPaused = batch.pausedAt !== undefined;
  return { ...batch, ...fromLiveRow(row, { ...batch, left: urlsLeftOf(batch), isPaused }) };
}

/** URLs that have not ended. */
export const urlsLeftOf = ({ total, finished, failed, cancelled }: StoredBatch): number =>
  total - finished - failed - cancelled;

/** Reads several batches without what only a single one shows, and without what is being fetched. Those that are gone are left out. */
export async function findBatchSums(db: Queryable, ids: readonly string[]): Promise<Map<string, StoredBatch>> {
  const rows = await db.query<BatchRow>(
    `select ${COLUMNS}, 0 as running from unnest($1::uuid[]) as given(id) join batches b on b.id = given.id ${SUMS}`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, fromBatchRow(row)]));
}

/** Counts what is being fetched of these batches. */
export async function withRunning(db: Queryable, batches: readonly StoredBatch[]): Promise<StoredBatch[]> {
  const rows = await db.query<{ id: string; running: number }>(
    `select b.id, ${RUNNING} from unnest($1::uuid[]) as given(id) join batches b on b.id = given.id`,
    [batches.filter((batch) => urlsLeftOf(batch) > 0).map(({ id }) => id)],
  );
  const running = new Map(rows.map((row) => [row.id, row.running]));
  return batches.map((batch) => ({ ...batch, running: Math.min(running.get(batch.id) ?? 0, urlsLeftOf(batch)) }));
}

function fromBatchRow(row: BatchRow): StoredBatch {
  const isPartlyCancelled = row.cancelled > 0 && row.cancelled < row.total;
  return {
    id: row.id,
    apiKeyId: row.api_key_id,
    total: row.total,
    fanOut: row.fan_out,
    createdAt: row.created_at,
    deadlineAt: row.deadline_at,
    tags: row.tags,
    dedupe: row.dedupe,
    retryRounds: row.retry_rounds,
    finished: row.finished,
    failed: row.failed,
    cancelled: row.cancelled,
    credits: row.credits,
    // Noted a moment ago: what has ended since is not counted twice.
    running: Math.min(row.running, row.total - row.finished - row.failed - row.cancelled),
    ...(row.is_cancelled && { isCancelled: true }),
    ...(isPartlyCancelled && !row.is_noted && { isEndUnclear: true }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.on_done_url !== null && { onDoneUrl: row.on_done_url }),
    ...(row.name !== null && { name: row.name }),
    ...(row.max_credits !== null && { maxCredits: row.max_credits }),
    ...(row.max_per_host !== null && { maxPerHost: row.max_per_host }),
    ...(row.paused_at !== null && { pausedAt: row.paused_at }),
    ...(row.paused_because !== null && { pausedBecause: row.paused_because }),
    ...(row.cancel_requested_at !== null && { cancelRequestedAt: row.cancel_requested_at }),
  };
}
