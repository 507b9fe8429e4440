import type { Queryable } from './database';
import { writeOutcomes } from './write-outcomes';
import type { FailedAttempt, JobEnd, WrittenOutcomes } from './write-outcomes';

/**
 * Writes outcomes as {@link writeOutcomes} does, but for those of batches that have been deleted while their attempts were under way: they
 * must not keep the others from being written. Looks for such batches only when PostgreSQL has refused the statement.
 */
export async function writeToExisting(
  db: Queryable,
  ends: readonly JobEnd[],
  attempts: readonly FailedAttempt[],
): Promise<WrittenOutcomes> {
  try {
    return await writeOutcomes(db, ends, attempts);
  } catch (error) {
    if (!isForeignKey(error)) throw error;
    const ids = [...ends, ...attempts].flatMap(({ job }) => job.batchId ?? []);
    const rows = await db.query<{ id: string }>('select id from batches where id = any($1::uuid[])', [ids]);
    const there = new Set(rows.map(({ id }) => id));
    const isThere = ({ job }: JobEnd | FailedAttempt) => job.batchId === undefined || there.has(job.batchId);
    if (ends.every(isThere) && attempts.every(isThere)) throw error;
    return writeOutcomes(db, ends.filter(isThere), attempts.filter(isThere));
  }
}

const isForeignKey = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === '23503';
