import { CHUNK_URLS, batchMemberId, batchPlaceOf } from '../jobs/job-id';
import type { Queryable } from './database';
import { chunkConditions, isUnfiltered, needsRow, rowConditions, urlConditions } from './job-filter';
import type { JobFilter } from './job-filter';
import type { RowBudget } from './row-budget';
import { parameters } from './sql-parameters';

/** Part of a chunk of a batch. */
export interface ChunkPart {
  readonly batchId: string;
  readonly number: number;
  /** Index in the batch, from which on URLs are looked at. */
  readonly fromIndex: number;
}

/** A batch of which URLs are listed. */
export interface MemberSource {
  readonly batchId: string;
  readonly total: number;
  /** Index from which on URLs are looked at. */
  readonly fromIndex: number;
}

/** A URL that meets the conditions, or with no id the last one that was looked at. */
export interface MemberStep {
  readonly batchId: string;
  readonly index: number;
  readonly id?: string;
}

/** Chunk rows that are read in one query, and most chunks whose URLs are. */
const CHUNKS_PER_LOOK = 2_000;
const MAX_CHUNKS_PER_QUERY = 32;
/** Rows that a chunk costs: its own and those of its URLs. */
const ROWS_PER_CHUNK = CHUNK_URLS + 1;
/** To look for an id of the caller in a chunk takes as long as to read that many rows. */
const ROWS_PER_CLIENT_IDS = 20;

const chunksOf = ({ total, fromIndex }: MemberSource): number =>
  Math.ceil(total / CHUNK_URLS) - Math.floor(fromIndex / CHUNK_URLS);

/**
 * Searches batches for URLs that meet the conditions, batch by batch in input order. It ends early when the budget is spent.
 * Without conditions nothing is read, and URLs may be among the steps that retention has removed.
 * @param limit steps with an id that are wanted; the caller must not go on behind them
 */
export async function* searchMembers(
  db: Queryable,
  sources: readonly MemberSource[],
  filter: JobFilter,
  { budget, limit }: { readonly budget: RowBudget; readonly limit: number },
): AsyncGenerator<MemberStep> {
  if (isUnfiltered(filter)) {
    for (const { batchId, total, fromIndex } of sources)
      for (let index = fromIndex; index < total; index += 1)
        yield { batchId, index, id: batchMemberId(batchId, index) };
    return;
  }
  const chunksAtOnce = filter.clientId === undefined ? CHUNKS_PER_LOOK : CHUNKS_PER_LOOK / ROWS_PER_CLIENT_IDS;
  let atOnce = Math.max(Math.ceil(limit / CHUNK_URLS), 1);
  for (let from = 0; from < sources.length;) {
    const group = leading(sources.slice(from), chunksAtOnce, chunksOf);
    const rowsEach = filter.clientId === undefined ? 1 : ROWS_PER_CLIENT_IDS;
    const rows = group.reduce((sum, source) => sum + chunksOf(source), 0) * rowsEach;
    if (budget.allows(1, rows) === 0) return;
    budget.take(rows);
    const parts = await findChunks(db, group, filter);
    for (let next = 0; next < parts.length;) {
      const count = budget.allows(Math.min(atOnce, parts.length - next), ROWS_PER_CHUNK);
      if (count === 0) return;
      budget.take(count * ROWS_PER_CHUNK);
      const taken = parts.slice(next, next + count);
      for (const id of await findMembers(db, taken, filter, limit)) yield stepOf(id);
      const last = taken.at(-1);
      if (last !== undefined) yield { batchId: last.batchId, index: (last.number + 1) * CHUNK_URLS - 1 };
      next += count;
      atOnce = Math.min(atOnce * 2, MAX_CHUNKS_PER_QUERY);
    }
    from += group.length;
  }
}

/** As many of the first items as fit, and at least one. */
export function leading<T>(items: readonly T[], most: number, weightOf: (item: T) => number): T[] {
  let sum = 0;
  const end = items.findIndex((item, index) => (sum += weightOf(item)) > most && index > 0);
  return end === -1 ? [...items] : items.slice(0, end);
}

const stepOf = (id: string): MemberStep => {
  const place = batchPlaceOf(id);
  if (place === undefined) throw new Error(`${id} is no id of a batch member`);
  return { ...place, id };
};

/** Finds the chunks that may have such URLs, as their counters tell. */
async function findChunks(db: Queryable, sources: readonly MemberSource[], filter: JobFilter): Promise<ChunkPart[]> {
  const { values, add } = parameters();
  const ids = add(sources.map(({ batchId }) => batchId));
  const firsts = add(sources.map(({ fromIndex }) => Math.floor(fromIndex / CHUNK_URLS)));
  const rows = await db.query<{ batch_id: string; number: number }>(
    `select s.batch_id, c.number from unnest(${ids}::uuid[], ${firsts}::int[]) with ordinality as s(batch_id, first, place)
     cross join lateral (
       select number from batch_chunks c where c.batch_id = s.batch_id and c.number >= s.first and ${chunkConditions(filter, add)}
       offset 0) c
     order by s.place, c.number`,
    values,
  );
  const fromIndices = new Map(sources.map(({ batchId, fromIndex }) => [batchId, fromIndex]));
  return rows.map(({ batch_id: batchId, number }) => ({
    ...{ batchId, number },
    fromIndex: Math.max(fromIndices.get(batchId) ?? 0, number * CHUNK_URLS),
  }));
}

/**
 * Ids of the URLs of these chunks that meet the conditions. `offset 0` keeps the parts from being planned together: joined by a
 * hash, all jobs would be read.
 */
async function findMembers(
  db: Queryable,
  parts: readonly ChunkPart[],
  filter: JobFilter,
  limit: number,
): Promise<string[]> {
  const { values, add } = parameters();
  const batches = add(parts.map(({ batchId }) => batchId));
  const numbers = add(parts.map(({ number }) => number));
  const partsFrom = (firsts: string): string =>
    `unnest(${batches}::uuid[], ${numbers}::int[], ${firsts}) with ordinality as s(batch_id, number, first, place)`;
  const sql = needsRow(filter)
    ? `select m.id from ${partsFrom(`${add(parts.map(({ batchId, fromIndex }) => batchMemberId(batchId, fromIndex)))}::uuid[]`)}
       cross join lateral (
         select j.id from jobs j where j.batch_id = s.batch_id and j.chunk_number = s.number and j.id >= s.first
           and ${rowConditions(filter, add)} and ${urlConditions('j.url', filter, add)}
         offset 0) m
       order by s.place, m.id limit ${add(limit)}`
    : `select m.id from ${partsFrom(`${add(parts.map(({ fromIndex }) => fromIndex % CHUNK_URLS))}::int[]`)}
       join batch_chunks c on c.batch_id = s.batch_id and c.number = s.number
       cross join lateral (
         select u.place, (left(s.batch_id::text, 32) || lpad(to_hex(c.number * ${CHUNK_URLS} + u.place), 4, '0'))::uuid as id
         from unnest(c.urls, c.client_ids) with ordinality as u(url, client_id, place)
         where u.place > s.first and ${urlConditions('u.url', filter, add)}
           ${filter.clientId === undefined ? '' : `and u.client_id = ${add(filter.clientId)}`}
         offset 0) m
       left join lateral (select * from jobs where jobs.id = m.id offset 0) j on true
       where (j.id is not null or (c.ended_at is null and c.reopened_at is null)) and ${rowConditions(filter, add)}
       order by s.place, m.place limit ${add(limit)}`;
  return (await db.query<{ id: string }>(sql, values)).map(({ id }) => id);
}
