import type { Queryable } from './database';
import type { RowBudget } from './row-budget';
import { parameters } from './sql-parameters';
import type { AddParameter } from './sql-parameters';

/** Place in a list that begins with the newest. */
export interface EntryPlace {
  /** Time of the creation, as PostgreSQL writes it: a Date would lose the microseconds. */
  readonly createdAt: string;
  readonly id: string;
}

/** Which of the batches and single jobs of a key are looked at. */
export interface EntryRange {
  readonly apiKeyId: string;
  readonly since?: Date | undefined;
  /** End of the range of time, exclusive. */
  readonly until?: Date | undefined;
  /** The only batches that are looked at. */
  readonly batchIds?: readonly string[] | undefined;
}

/** A single job, or a batch with the number of its URLs. */
export interface Entry {
  readonly place: EntryPlace;
  readonly total?: number;
  /** Whether it meets the conditions. The others are told as well, because the search goes on behind them. */
  readonly isMatch: boolean;
}

export interface EntrySource {
  /** Conditions on batches `b`, as SQL; undefined leaves batches out. */
  readonly batches?: ((add: AddParameter) => string) | undefined;
  /** Conditions on single jobs `j`, as SQL; undefined leaves them out. */
  readonly singles?: ((add: AddParameter) => string) | undefined;
}

const MAX_ENTRIES_PER_QUERY = 10_000;
const FIRST_GROWTH = 4;

/** Looks at batches and single jobs of a key, newest first, in groups. It ends early when the budget is spent. */
export async function* searchEntries(
  db: Queryable,
  range: EntryRange,
  source: EntrySource,
  options: { readonly after?: EntryPlace | undefined; readonly budget: RowBudget; readonly limit: number },
): AsyncGenerator<readonly Entry[]> {
  const { budget } = options;
  const kinds = [source.batches, source.singles].filter((each) => each !== undefined).length;
  let { after, limit: wanted } = options;
  for (;;) {
    const count = budget.allows(wanted, kinds);
    if (count === 0) return;
    budget.take(count * kinds);
    const entries = await findEntries(db, range, source, { after, count });
    yield entries;
    if (entries.length < count) return;
    after = entries.at(-1)?.place;
    wanted = Math.min(wanted * FIRST_GROWTH, MAX_ENTRIES_PER_QUERY);
  }
}

interface EntryRow {
  created_at: string;
  id: string;
  total: number | null;
  is_match: boolean;
}

/** The conditions are columns here and do not choose rows: otherwise the search for a rare one would have no end. */
async function findEntries(
  db: Queryable,
  range: EntryRange,
  { batches, singles }: EntrySource,
  { after, count }: { readonly after: EntryPlace | undefined; readonly count: number },
): Promise<Entry[]> {
  const { values, add } = parameters();
  const key = add(range.apiKeyId);
  const limit = add(count);
  const within = (table: string): string =>
    [
      `${table}.api_key_id = ${key}`,
      ...(range.since === undefined ? [] : [`${table}.created_at >= ${add(range.since)}`]),
      ...(range.until === undefined ? [] : [`${table}.created_at < ${add(range.until)}`]),
      ...(after === undefined
        ? []
        : [`(${table}.created_at, ${table}.id) < (${add(after.createdAt)}::timestamptz, ${add(after.id)}::uuid)`]),
    ].join(' and ');
  const newest = `order by created_at desc, id desc limit ${limit}`;
  const parts = [
    ...(batches === undefined
      ? []
      : [
          `(select b.created_at, b.id, b.total, ${batches(add)} as is_match from ${batchesFrom(range, add)} where ${within('b')} ${newest})`,
        ]),
    ...(singles === undefined
      ? []
      : [
          `(select j.created_at, j.id, null::int, ${singles(add)} from jobs j where ${within('j')} and j.batch_id is null ${newest})`,
        ]),
  ];
  const rows = await db.query<EntryRow>(
    `select created_at::text, id, total, coalesce(is_match, false) as is_match
     from (${parts.join(' union all ')}) as e(created_at, id, total, is_match)
     order by e.created_at desc, e.id desc limit ${limit}`,
    values,
  );
  return rows.map((row) => ({
    place: { createdAt: row.created_at, id: row.id },
    isMatch: row.is_match,
    ...(row.total !== null && { total: row.total }),
  }));
}

/** `offset 0` keeps the planner from walking through all batches of a key until it has met the named ones. */
const batchesFrom = ({ batchIds }: EntryRange, add: AddParameter): string =>
  batchIds === undefined
    ? 'batches b'
    : `unnest(${add(batchIds)}::uuid[]) as named(id) cross join lateral (select * from batches where batches.id = named.id offset 0) b`;
