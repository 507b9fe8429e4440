import { Router } from 'express';
import type { Request, Response } from 'express';
import { archiveOf } from '../../pages/archive/archive-of';
import type { ArchiveDeps } from '../../pages/archive/archive-of';
import type { Database } from '../../store/database';
import { findJob } from '../../store/jobs';
import { listPagesOfBatch } from '../../store/stored-pages';
import type { StoredPage } from '../../store/stored-pages';
import { assertKnown } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { ProblemError } from '../problem';
import { streamText } from '../stream-answer';
import { ownBatch } from './batches';
import { existingJob } from './existing-job';
import type { ExistingJobDeps } from './existing-job';
import { noPage } from './job-body';

export interface ArchiveRouteDeps extends ArchiveDeps, ExistingJobDeps {
  readonly findApiKey: FindApiKey;
}

/** Serves `GET /batches/:id/archive.warc.gz` and `GET /jobs/:id/archive.warc.gz`: stored pages as a WARC file. */
export function archiveRouter(deps: ArchiveRouteDeps): Router {
  const router = Router();

  router.get('/batches/:id/archive.warc.gz', async (req, res) => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, {});
    const batch = await ownBatch(deps.database, key, req.params.id);
    const { id, total, finished, failed, cancelled } = batch;
    res.set('X-Batch-Unfinished', String(total - finished - failed - cancelled));
    await send(deps, { req, res }, id, pagesOf(deps.database, id));
  });

  router.get('/jobs/:id/archive.warc.gz', async (req, res) => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, {});
    const job = await existingJob(deps, (id) => findJob(deps.database, id), req.params.id.toLowerCase());
    if (job.apiKeyId !== key.id) throw new ProblemError('not_found', 'There is no such job.');
    if (job.page === undefined) throw noPage(job);
    const { page } = job;
    await send(deps, { req, res }, job.id, once([{ ...job, page }]));
  });

  return router;
}

/** Lists the pages of a batch a thousand at a time. */
async function* pagesOf(database: Database, batchId: string): AsyncGenerator<StoredPage[]> {
  let listed = await listPagesOfBatch(database, batchId);
  for (let last = listed.at(-1); last !== undefined; last = listed.at(-1)) {
    yield listed;
    listed = await listPagesOfBatch(database, batchId, last.page);
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** A file that is packed, not an answer that is: it is stored as it comes. */
async function send(
  deps: ArchiveDeps,
  { req, res }: { readonly req: Request; readonly res: Response },
  id: string,
  pages: AsyncIterable<readonly StoredPage[]>,
): Promise<void> {
  const name = `${id}.warc.gz`;
  res.set({ 'Content-Type': 'application/gzip', 'Content-Disposition': `attachment; filename="${name}"` });
  if (req.method === 'HEAD') return void res.end();
  await streamText(res, archiveOf(deps, name, pages));
}
