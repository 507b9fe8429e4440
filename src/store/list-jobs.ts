import type { Queryable } from './database';
import { rowConditions, urlConditions } from './job-filter';
import type { JobFilter } from './job-filter';
import { findJobs } from './jobs';
import type { StoredJob } from './jobs';
import { searchEntries } from './list-entries';
import type { Entry, EntryPlace, EntryRange } from './list-entries';
import { searchMembers } from './list-members';
import type { MemberSource } from './list-members';
import { RowBudget } from './row-budget';
import type { AddParameter } from './sql-parameters';

/** Place in a list of jobs. */
export interface JobPlace extends EntryPlace {
  /** Index of the last URL that was looked at, when the search ended within the batch `id`. */
  readonly index?: number | undefined;
}

export interface KeyJobFilter extends JobFilter {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Tag of its batch. */
  readonly tag?: string | undefined;
  readonly batchId?: string | undefined;
}

export interface ListedJobs<Place> {
  readonly jobs: readonly StoredJob[];
  /** Where the next page begins; undefined at the end of the list. */
  readonly next?: Place;
}

interface PageOptions<Place> {
  readonly after?: Place | undefined;
  readonly limit: number;
}

/** A job, or with no id the last place that was looked at. */
interface Step<Place> {
  readonly id?: string | undefined;
  readonly place: Place;
}

/**
 * Lists jobs of a key, the newest first; the URLs of a batch come together, in input order. A search that has read as many rows as
 * it may ends with a short page.
 */
export async function listJobs(
  db: Queryable,
  apiKeyId: string,
  filter: KeyJobFilter,
  { after, limit }: PageOptions<JobPlace>,
): Promise<ListedJobs<JobPlace>> {
  const budget = new RowBudget(limit);
  const steps = searchJobs(db, { apiKeyId, ...filter }, { after, budget, limit: limit + 1 });
  return pageOf(db, steps, { budget, limit });
}

/** Lists URLs of a batch in input order. @param after index of the last URL that was looked at */
export async function listBatchJobs(
  db: Queryable,
  { id: batchId, total }: { readonly id: string; readonly total: number },
  filter: JobFilter,
  { after, limit }: PageOptions<number>,
): Promise<ListedJobs<number>> {
  const budget = new RowBudget(limit);
  const source = { batchId, total, fromIndex: (after ?? -1) + 1 };
  async function* steps(): AsyncGenerator<Step<number>> {
    if (source.fromIndex >= total) return;
    for await (const { id, index } of searchMembers(db, [source], filter, { budget, limit: limit + 1 }))
      yield { id, place: index };
  }
  return pageOf(db, steps(), { budget, limit });
}

async function pageOf<Place>(
  db: Queryable,
  steps: AsyncIterable<Step<Place>>,
  { budget, limit }: { readonly budget: RowBudget; readonly limit: number },
): Promise<ListedJobs<Place>> {
  const ids: string[] = [];
  let last: Place | undefined;
  let isFull = false;
  for await (const { id, place } of steps) {
    isFull = id !== undefined && ids.length === limit;
    if (isFull) break;
    if (id !== undefined) ids.push(id);
    last = place;
  }
  const found = ids.length === 0 ? new Map<string, StoredJob>() : await findJobs(db, ids);
  return {
    // What retention has removed meanwhile is left out.
    jobs: ids.flatMap((id) => found.get(id) ?? []),
    ...((isFull || budget.isSpent) && last !== undefined && { next: last }),
  };
}

type KeyFilter = KeyJobFilter & EntryRange;

interface SearchOptions {
  readonly after: JobPlace | undefined;
  readonly budget: RowBudget;
  readonly limit: number;
}

async function* searchJobs(db: Queryable, filter: KeyFilter, options: SearchOptions): AsyncGenerator<Step<JobPlace>> {
  const { after, budget } = options;
  const { tag, clientId, batchId } = filter;
  const isOfBatches = tag !== undefined || clientId !== undefined || batchId !== undefined;
  const source = {
    batches: (add: AddParameter): string => (tag === undefined ? 'true' : `b.tags @> array[${add(tag)}]`),
    singles: (add: AddParameter): string => `${rowConditions(filter, add)} and ${urlConditions('j.url', filter, add)}`,
  };
  if (after?.index !== undefined) yield* restOfBatch(db, filter, { ...options, after, index: after.index });
  if (budget.isSpent) return;
  const range = { ...filter, batchIds: await findNamedBatches(db, filter, budget) };
  for await (const entries of searchEntries(
    db,
    range,
    { ...source, ...(isOfBatches && { singles: undefined }) },
    options,
  )) {
    yield* jobsOfEntries(db, entries, filter, options);
    if (budget.isSpent) return;
  }
}

/** Goes on within the batch in which the page before ended. */
async function* restOfBatch(
  db: Queryable,
  filter: KeyFilter,
  { after, index, ...options }: SearchOptions & { readonly after: EntryPlace; readonly index: number },
): AsyncGenerator<Step<JobPlace>> {
  const [batch] = await db.query<{ total: number }>('select total from batches where id = $1 and api_key_id = $2', [
    after.id,
    filter.apiKeyId,
  ]);
  const fromIndex = index + 1;
  if (batch === undefined || fromIndex >= batch.total) return;
  const source = { batchId: after.id, total: batch.total, fromIndex };
  for await (const step of searchMembers(db, [source], filter, options))
    yield { id: step.id, place: { ...after, index: step.index } };
}

/** Chunks with the same id of the caller up to which the index is asked for them. */
const MAX_NAMED_CHUNKS = 2_000;

/** The batches that the conditions name; undefined when they name none, or so many that all are searched instead. */
async function findNamedBatches(
  db: Queryable,
  { batchId, clientId }: KeyFilter,
  budget: RowBudget,
): Promise<readonly string[] | undefined> {
  if (batchId !== undefined) return [batchId];
  if (clientId === undefined) return undefined;
  const rows = await db.query<{ batch_id: string }>(
    'select batch_id from batch_chunks where client_ids @> array[$1] limit $2',
    [clientId, MAX_NAMED_CHUNKS + 1],
  );
  budget.take(rows.length);
  return rows.length > MAX_NAMED_CHUNKS ? undefined : [...new Set(rows.map((row) => row.batch_id))];
}

/** The jobs of these entries in their order. The URLs of all their batches are searched together. */
async function* jobsOfEntries(
  db: Queryable,
  entries: readonly Entry[],
  filter: KeyFilter,
  options: SearchOptions,
): AsyncGenerator<Step<JobPlace>> {
  const sources = entries.flatMap(({ place, total, isMatch }): MemberSource[] =>
    isMatch && total !== undefined ? [{ batchId: place.id, total, fromIndex: 0 }] : [],
  );
  const members = searchMembers(db, sources, filter, options);
  let head: Awaited<ReturnType<typeof members.next>> | undefined;
  for (const { place, total, isMatch } of entries) {
    if (isMatch && total !== undefined) {
      head ??= await members.next();
      while (head.done !== true && head.value.batchId === place.id) {
        yield { id: head.value.id, place: { ...place, index: head.value.index } };
        head = await members.next();
      }
      if (options.budget.isSpent) return;
    }
    yield { id: isMatch && total === undefined ? place.id : undefined, place };
  }
}
