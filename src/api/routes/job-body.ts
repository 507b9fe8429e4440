import { Router } from 'express';
import { screenshotUrl } from '../../jobs/screenshot-url';
import { findJob } from '../../store/jobs';
import type { StoredJob } from '../../store/jobs';
import type { OpenPage } from '../../pages/open-page';
import { STRANGERS_PAGE, acceptedEncoding, sendPage } from '../send-page';
import { assertKnown } from '../checked-input';
import { matchesEtag, existingJob, secondsUntil } from './existing-job';
import type { ExistingJobDeps } from './existing-job';
import { ProblemError } from '../problem';

export interface JobBodyDeps extends ExistingJobDeps {
  /** Address of this API, without a slash at its end. */
  readonly publicUrl: string;
  readonly openPage: OpenPage;
}

/**
 * Serves `GET /jobs/:id/body`: the page as the target sent it, with its own type. It needs no API key, because whoever knows the id
 * may see it. Its screenshot, if it has one, is named as in the job object.
 */
export function jobBodyRouter(deps: JobBodyDeps): Router {
  const router = Router();
  router.get('/jobs/:id/body', async (req, res) => {
    assertKnown(req, {});
    const job = await existingJob(deps, (id) => findJob(deps.database, id), req.params.id.toLowerCase());
    const page = await deps.openPage(job);
    if (page === undefined) throw noPage(job);
    const encoding = acceptedEncoding(req, page);
    const etag = `"${job.id}-body${encoding === undefined ? '' : `-${encoding}`}"`;
    res.set({ ...STRANGERS_PAGE, ETag: etag }).vary('Accept-Encoding');
    if (job.hasScreenshot === true) res.set('sa-screenshot', screenshotUrl(deps.publicUrl, job.id));
    if (matchesEtag(req.get('if-none-match'), etag)) return void res.status(304).end();
    await sendPage(req, res, page);
  });
  return router;
}

/** Says why a job has no page. */
export function noPage(job: StoredJob): ProblemError {
  if (job.status !== 'running') return new ProblemError('not_found', `The job is ${job.status} and has no page.`);
  const headers = { 'Retry-After': String(secondsUntil(job.nextAttemptAt)) };
  return new ProblemError('not_found', 'The job is running and has no page yet.', { headers });
}
