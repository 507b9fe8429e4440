import { Router } from 'express';
import { findJob } from '../../store/jobs';
import type { ReadScreenshot } from '../../pages/read-screenshot';
import { assertKnown } from '../checked-input';
import { matchesEtag, existingJob } from './existing-job';
import type { ExistingJobDeps } from './existing-job';
import { ProblemError } from '../problem';

export interface JobScreenshotDeps extends ExistingJobDeps {
  readonly readScreenshot: ReadScreenshot;
}

/**
 * Serves `GET /jobs/:id/screenshot`: the PNG that `sa-screenshot` links to. It needs no API key, because whoever knows the id may
 * see it.
 */
export function jobScreenshotRouter(deps: JobScreenshotDeps): Router {
  const router = Router();
  router.get('/jobs/:id/screenshot', async (req, res) => {
    assertKnown(req, {});
    const job = await existingJob(deps, (id) => findJob(deps.database, id), req.params.id.toLowerCase());
    const image = await deps.readScreenshot(job);
    if (image === undefined) throw new ProblemError('not_found', 'The job has no screenshot.');
    const etag = `"${job.id}-screenshot"`;
    res.set({ ETag: etag, 'Content-Security-Policy': 'sandbox', 'X-Content-Type-Options': 'nosniff' });
    if (matchesEtag(req.get('if-none-match'), etag)) return void res.status(304).end();
    res.type('png').send(image);
  });
  return router;
}
