import { Router } from 'express';
import { createJobTexts } from '../../pages/job-text';
import type { JobTextDeps } from '../../pages/job-text';
import { JobLookup } from '../../store/job-lookup';
import { cancelJob } from '../cancel-job';
import type { CancelJobDeps } from '../cancel-job';
import { sendJob } from '../send-job';
import { matchesEtag, existingJob, secondsUntil } from './existing-job';

export interface JobsDeps extends JobTextDeps, CancelJobDeps {}

/** Serves `GET` and `DELETE /jobs/:id`. They need no API key, because whoever knows the id may see it. */
export function jobsRouter(deps: JobsDeps): Router {
  const router = Router();
  const jobs = new JobLookup(deps.database);
  const texts = createJobTexts(deps);

  router.get('/jobs/:id', async (req, res) => {
    const job = await existingJob(deps, (id) => jobs.find(id), req.params.id.toLowerCase());
    const withBody = req.query['response'] !== 'false';
    if (job.status === 'finished') {
      // A finished job never changes, so the answer depends only on `response` and on how JSON is given.
      const variant = !withBody ? '-head' : texts.jsonBodyOf(job) === 'text' ? '-text' : '';
      const etag = `"${job.id}${variant}"`;
      res.set('ETag', etag);
      if (matchesEtag(req.get('if-none-match'), etag)) {
        res.status(304).end();
        return;
      }
    }
    if (job.status === 'running') res.set('Retry-After', String(secondsUntil(job.nextAttemptAt)));
    await sendJob(texts, { req, res }, job, { withBody });
  });

  router.delete('/jobs/:id', async (req, res) => {
    const job = await existingJob(deps, (id) => jobs.find(id), req.params.id.toLowerCase());
    if (job.status === 'running') await cancelJob(deps, job);
    await sendJob(texts, { req, res }, await existingJob(deps, (id) => jobs.find(id), job.id));
  });

  return router;
}
