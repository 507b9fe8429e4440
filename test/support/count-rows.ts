import type { Queryable } from '../../src/store/database';

/** Counts all jobs and batches, so that a test sees whether a refused request has left any. */
export async function countRows(db: Queryable): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    'select (select count(*) from jobs) + (select count(*) from batches) as n',
  );
  return row?.n ?? 0;
}
