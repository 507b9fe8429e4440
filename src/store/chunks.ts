import { CHUNK_URLS, batchMemberId } from '../contracts/job-id';
import type { ChunkEnding } from '../contracts/workflow-io';
import type { Queryable } from './database';
import { JOB_STATE, fromJobRow } from './jobs';
import type { JobRow, StoredJob } from './jobs';

const UNFINISHED = `
  select i.id, b.id as batch_id, c.number as chunk_number, b.api_key_id, c.urls[i.place] as url, coalesce(c.prices[i.place], 1) as price, null as max_concurrency, b.options, b.created_at, b.deadline_at, ${JOB_STATE}
  from batches b
  join batch_chunks c on c.batch_id = b.id and c.number = $2
  cross join unnest($3::uuid[], $4::int[]) as i(id, place)
  left join jobs j on j.id = i.id
  where b.id = $1 and i.place <= cardinality(c.urls) and (j.id is null or j.status = 'running')
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
  const rows = await db.query<JobRow>(UNFINISHED, [batchId, chunk, ids, places.map((place) => place + 1)]);
  return rows.map(fromJobRow);
}

export async function chunkCounts(db: Queryable, batchId: string, chunk: number): Promise<ChunkEnding | undefined> {
  const [row] = await db.query<{ total: number; finished: number; failed: number; cancelled: number }>(
    'select cardinality(urls) as total, finished, failed, cancelled from batch_chunks where batch_id = $1 and number = $2',
    [batchId, chunk],
  );
  return row;
}
