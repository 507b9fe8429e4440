import type { Database, Queryable } from './database';

/** Bytes of a segment that are to be overwritten. */
export interface ErasedRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Notes that the pages of these jobs have to be overwritten; to be called in the transaction that removes their rows.
 * @param where condition on `jobs`, with `$1` as its only value
 * @returns the segments that they are in
 */
export async function noteErasures(tx: Queryable, where: string, value: unknown): Promise<string[]> {
  const rows = await tx.query<{ segment: string }>(
    `insert into page_erasures (segment, first_byte, bytes)
     select distinct on (segment, segment_offset) segment, segment_offset, segment_length + coalesce(screenshot_length, 0)
     from jobs where segment is not null and ${where} order by segment, segment_offset
     on conflict (segment, first_byte) do nothing returning segment`,
    [value],
  );
  return [...new Set(rows.map(({ segment }) => segment))];
}

/** Segments in which something is to be overwritten now, at most as many as asked for. */
export async function findErasures(db: Queryable, limit: number): Promise<string[]> {
  const rows = await db.query<{ segment: string }>(
    'select segment from page_erasures where due_at <= now() group by segment order by min(due_at) limit $1',
    [limit],
  );
  return rows.map(({ segment }) => segment);
}

/**
 * Has everything overwritten that is noted for a segment, and forgets it once that is done. Only one process at a time works on a segment,
 * because a bucket replaces it as a whole.
 */
export function withErasures(
  db: Database,
  segment: string,
  erase: (ranges: readonly ErasedRange[]) => Promise<void>,
): Promise<void> {
  return db.transaction(async (tx) => {
    // Streams of results wait for the oldest transaction of that name (`findEndedHorizon`), and this one must not hold them up.
    await tx.query("set local application_name = 'everfetch erase'");
    await tx.query('set local idle_in_transaction_session_timeout = 0'); // a bucket may be slow
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [segment]);
    const ranges = await tx.query<{ offset: number; length: number }>(
      'select first_byte as offset, bytes as length from page_erasures where segment = $1 order by first_byte',
      [segment],
    );
    if (ranges.length === 0) return;
    await erase(ranges);
    await tx.query('delete from page_erasures where segment = $1 and first_byte = any($2::bigint[])', [
      segment,
      ranges.map(({ offset }) => offset),
    ]);
  });
}

/** Puts off what could not be overwritten. */
export async function putOffErasure(db: Queryable, segment: string, delayMs: number): Promise<void> {
  await db.query('update page_erasures set due_at = now() + $2::interval where segment = $1', [
    segment,
    `${delayMs} milliseconds`,
  ]);
}
