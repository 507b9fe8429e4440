import type { Database } from './database';
import type { MayGoOn } from '../async/work-pace';

/** Rows per transaction, so that locks are held for milliseconds. */
const GROUP = 1_000;

interface Group {
  /** Number of rows in this group. */
  readonly found: number;
  /** Time of the last row, as PostgreSQL writes it: a Date would lose the microseconds. */
  readonly last: string | null;
}

export interface OldRows {
  readonly table: string;
  /** Column that holds the age; it needs an index. */
  readonly time: string;
  /** Condition that narrows the rows; it must be the predicate of the index. */
  readonly where?: string;
  /** Further part of the statement that uses the deleted rows, `gone`. */
  readonly then?: string;
}

/**
 * Each group begins where the one before ended. From the beginning it would pass the index entries of all rows deleted so far,
 * and would take longer and longer. `ctid` is the cheapest way to a row; since a row may have been changed meanwhile, its time
 * is compared a second time.
 */
const statementOf = ({ table, time, where = 'true', then }: OldRows): string => `
with old as materialized (
  select ctid, ${time} as at from ${table} where ${time} >= $1::timestamptz and ${time} < $2::timestamptz and ${where} order by ${time} limit ${GROUP}),
gone as (delete from ${table} where ctid = any(array(select ctid from old)) and ${time} < $2::timestamptz and ${where} returning *)
${then === undefined ? '' : `, noted as (${then})`}
select count(*)::int as found, max(at)::text as last from old`;

/** Deletes the rows from before `cutoff`, oldest first. @returns whether all of them are gone; false when `mayGoOn` ended it */
export async function deleteInGroups(
  db: Database,
  rows: OldRows,
  cutoff: Date | string,
  mayGoOn: MayGoOn,
): Promise<boolean> {
  const sql = statementOf(rows);
  let from = '-infinity';
  for (;;) {
    const [group] = await db.query<Group & Record<string, unknown>>(sql, [from, cutoff], `purge-${rows.table}`);
    if (group === undefined || group.last === null || group.found < GROUP) return true;
    from = group.last;
    if (!(await mayGoOn())) return false;
  }
}
