import type { Queryable } from './database';
import type { PagePlace, StoredJob } from './jobs';
import { fromJobRow, JOB_STATE } from './jobs';
import type { JobRow } from './jobs';
import type { JobEnd } from './write-outcomes';

/** Copies that end in the same statement as their original. The sweep of their chunk ends what is beyond this number. */
const MAX_COPIES = 2_000;

interface CopyRow {
  readonly original_id: string;
  readonly copy_id: string;
  readonly chunk_number: number;
}

/**
 * The ends with those of the copies that take over their results: a copy costs nothing, and has its page in the record of the job that
 * was fetched. Only jobs of a batch with `dedupe` are looked up.
 */
export async function withCopies(db: Queryable, ends: readonly JobEnd[]): Promise<readonly JobEnd[]> {
  const originals = new Map(ends.filter(({ job }) => job.isDeduped === true).map((end) => [end.job.id, end]));
  if (originals.size === 0) return ends;
  const rows = await db.query<CopyRow & Record<string, unknown>>(
    `select m.original_id, m.copy_id, m.chunk_number from batch_copies m left join jobs j on j.id = m.original_id
     where m.original_id = any($1) and (j.id is null or j.status = 'running') order by m.copy_id limit $2`,
    [[...originals.keys()], MAX_COPIES],
    'find-copies',
  );
  const copies = rows.flatMap(({ original_id: originalId, copy_id: id, chunk_number: chunkNumber }): JobEnd[] => {
    const original = originals.get(originalId);
    return original === undefined ? [] : [endOfCopy(original, { id, chunkNumber })];
  });
  return [...copies, ...ends]; // What is said of a copy itself counts.
}

function endOfCopy({ job, page, ...end }: JobEnd, copy: { readonly id: string; readonly chunkNumber: number }): JobEnd {
  const { surcharge: _surcharge, durationMs: _duration, tried: _tried, ...rest } = end;
  return { ...rest, job: { ...job, ...copy, price: 0 }, ...(page !== undefined && { page: pageOfCopy(page, job.id) }) };
}

/** An original has its page in its own record, but for one that was taken over itself. */
const pageOfCopy = (page: PagePlace, ownerId: string): PagePlace => ({ ownerId, ...page });

/**
 * Ends of copies that are open although their original has ended, at most 2,000: a copy may be retried alone, and an original may have
 * more copies than one statement ends.
 */
export async function findLateCopies(db: Queryable, batchId: string, chunks: readonly number[]): Promise<JobEnd[]> {
  const rows = await db.query<JobRow & CopyRow & Record<string, unknown>>(
    `select m.copy_id, m.original_id, j.id, j.batch_id, m.chunk_number, j.api_key_id, j.url, 0 as price,
       null as max_concurrency, b.options, j.created_at, b.deadline_at, b.dedupe, ${JOB_STATE}
     from batch_copies m join batches b on b.id = m.batch_id join jobs j on j.id = m.original_id left join jobs own on own.id = m.copy_id
     where m.batch_id = $1 and m.chunk_number = any($2::int[]) and j.status <> 'running' and (own.id is null or own.status = 'running')
     order by m.copy_id limit $3`,
    [batchId, chunks, MAX_COPIES],
  );
  return rows.flatMap((row): JobEnd[] => {
    const original = fromJobRow(row);
    if (original.status === 'running') return [];
    return [endOfCopy(endOfStored(original, original.status), { id: row.copy_id, chunkNumber: row.chunk_number })];
  });
}

const endOfStored = (job: StoredJob, status: JobEnd['status']): JobEnd => {
  const { attempts, statusCode, failReason, lastFailure, page } = job;
  return {
    job: { ...job, status: 'running' },
    status,
    attempts,
    ...(statusCode !== undefined && { statusCode }),
    ...(failReason !== undefined && { failReason }),
    ...(lastFailure !== undefined && { lastFailure }),
    ...(page !== undefined && { page }),
  };
};

/** Number of copies in these chunks whose original has not ended. */
export async function countOpenCopies(db: Queryable, batchId: string, chunks: readonly number[]): Promise<number> {
  const [row] = await db.query<{ open: number }>(
    `select count(*) as open from batch_copies m left join jobs own on own.id = m.copy_id
     where m.batch_id = $1 and m.chunk_number = any($2::int[]) and (own.id is null or own.status = 'running')`,
    [batchId, chunks],
  );
  return row?.open ?? 0;
}
