import { batchStatus } from '../jobs/batch-object';
import type { BatchStatus } from '../jobs/batch-object';
import { chunkCount, findBatchSums, urlsLeftOf, withRunning } from './batches';
import type { StoredBatch } from './batches';
import type { Queryable } from './database';
import { containing } from './job-filter';
import { searchEntries } from './list-entries';
import type { Entry, EntryPlace } from './list-entries';
import { leading } from './list-members';
import { RowBudget } from './row-budget';
import type { AddParameter } from './sql-parameters';

export interface BatchFilter {
  readonly status?: BatchStatus | undefined;
  readonly tag?: string | undefined;
  /** Text in the name. */
  readonly search?: string | undefined;
  readonly since?: Date | undefined;
  /** End of the range of time, exclusive. */
  readonly until?: Date | undefined;
}

export interface ListedBatches {
  readonly batches: readonly StoredBatch[];
  /** Where the next page begins; undefined at the end of the list. */
  readonly next?: EntryPlace;
}

/** Chunk rows that are summed up in one query. */
const CHUNKS_PER_QUERY = 2_000;

/** Lists batches of a key, newest first. A search that has read as many rows as it may ends with a short page. */
export async function listBatches(
  db: Queryable,
  apiKeyId: string,
  filter: BatchFilter,
  { after, limit }: { readonly after?: EntryPlace | undefined; readonly limit: number },
): Promise<ListedBatches> {
  const budget = new RowBudget(limit);
  const found: StoredBatch[] = [];
  let last: EntryPlace | undefined;
  let isFull = false;
  search: for await (const { batch, place } of searchBatches(db, apiKeyId, filter, {
    after,
    limit: limit + 1,
    budget,
  })) {
    if (batch !== undefined) {
      isFull = found.length === limit || (found.length > 0 && budget.allows(1, rowsToCount(batch)) === 0);
      if (isFull) break search;
      budget.take(rowsToCount(batch));
      found.push(batch);
    }
    last = place;
  }
  return {
    batches: await withRunning(db, found),
    ...((isFull || budget.isSpent) && last !== undefined && { next: last }),
  };
}

/** Rows that are read at most when what is being fetched of a batch is counted. */
const rowsToCount = (batch: StoredBatch): number => Math.max(urlsLeftOf(batch), 1);

interface Step {
  readonly place: EntryPlace;
  /** Undefined when the batch at that place does not meet the conditions. */
  readonly batch?: StoredBatch | undefined;
}

async function* searchBatches(
  db: Queryable,
  apiKeyId: string,
  filter: BatchFilter,
  options: { readonly after: EntryPlace | undefined; readonly limit: number; readonly budget: RowBudget },
): AsyncGenerator<Step> {
  const { budget } = options;
  const source = { batches: (add: AddParameter) => conditions(filter, add) };
  for await (const entries of searchEntries(db, { ...filter, apiKeyId }, source, options)) {
    for (let from = 0; from < entries.length;) {
      const group = leading(entries.slice(from), CHUNKS_PER_QUERY, chunksOf);
      const rows = group.reduce((sum, entry) => sum + chunksOf(entry), 0);
      if (rows > 0 && budget.allows(1, rows) === 0) return;
      budget.take(rows);
      const ids = group.flatMap(({ isMatch, place }) => (isMatch ? [place.id] : []));
      const batches = ids.length === 0 ? new Map<string, StoredBatch>() : await findBatchSums(db, ids);
      for (const { place } of group) {
        const batch = batches.get(place.id);
        const isMatch = batch !== undefined && (filter.status === undefined || batchStatus(batch) === filter.status);
        yield { place, batch: isMatch ? batch : undefined };
      }
      from += group.length;
    }
  }
}

/** Rows of chunks, and that of the batch itself. */
const chunksOf = ({ isMatch, total = 0 }: Entry): number => (isMatch ? chunkCount(total) + 1 : 0);

/** The row alone tells that a batch is not running or not paused; what it is otherwise is told by its chunks. */
function conditions({ status, tag, search }: BatchFilter, add: AddParameter): string {
  return [
    'true',
    ...(status === 'running' ? ['b.ended_at is null and b.paused_at is null'] : []),
    ...(status === 'paused' ? ['b.ended_at is null and b.paused_at is not null'] : []),
    ...(tag === undefined ? [] : [`b.tags @> array[${add(tag)}]`]),
    ...(search === undefined ? [] : [`b.name ilike ${add(containing(search))}`]),
  ].join(' and ');
}
