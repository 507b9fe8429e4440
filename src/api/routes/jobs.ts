import { Router } from 'express';
import type { Request, Response } from 'express';
import { jobWorkflowId } from '../../jobs/workflow-ids';
import { createJobTexts } from '../../pages/job-text';
import type { JobTextDeps, JobTexts } from '../../pages/job-text';
import type { Database } from '../../store/database';
import { retryTransient } from '../../store/retry-transient';
import { endJobs } from '../../store/write-outcomes';
import { JobLookup } from '../../store/job-lookup';
import type { StoredJob } from '../../store/jobs';
import { MAX_PAGE_BYTES } from '../../pages/read-response';
import { streamText } from '../stream-answer';
import { matchesEtag, existingJob, secondsUntil } from './existing-job';

export interface JobsDeps extends JobTextDeps {
  readonly database: Database;
  /** Cancels a workflow soon; never fails. */
  readonly cancelSoon: (workflowId: string) => void;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

/** Stored pages up to this size are answered from memory, with a Content-Length. */
const SMALL_BYTES = 1024 * 1024;

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
    await send(texts, req, res, job, withBody);
  });

  router.delete('/jobs/:id', async (req, res) => {
    const job = await existingJob(deps, (id) => jobs.find(id), req.params.id.toLowerCase());
    if (job.status === 'running') {
      // The row is ended first, so that no attempt starts any more, whatever happens to the workflow.
      const { endpointIds } = await retryTransient(() =>
        endJobs(deps.database, [{ job, status: 'cancelled', attempts: job.attempts }]),
      );
      deps.onDeliveries(endpointIds);
      deps.cancelSoon(job.workflowId ?? jobWorkflowId(job.id));
    }
    await send(texts, req, res, await existingJob(deps, (id) => jobs.find(id), job.id), true);
  });

  return router;
}

/**
 * Sends the job object. A large page is read as it is sent; an error then breaks the connection, because half an object must not
 * look like a whole one.
 */
async function send(texts: JobTexts, req: Request, res: Response, job: StoredJob, withBody: boolean): Promise<void> {
  if (job.status !== 'finished') return void res.json(texts.objectOf(job));
  const small = await texts.small(job, { withBody, maxStoredBytes: SMALL_BYTES });
  if (small !== undefined) return sendJson(res, small);
  const large = await texts.large(job, { maxBytes: MAX_PAGE_BYTES });
  if (large.kind === 'too-large') throw new Error(`the page of job ${job.id} unpacks to over ${MAX_PAGE_BYTES} bytes`);
  res.setHeader('Content-Type', JSON_TYPE);
  if (req.method === 'HEAD') return void res.end();
  await streamText(res, large.parts());
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends the same as `res.json`, but without its check for a 304, which takes a tenth of the time of a read (measured). */
function sendJson(res: Response, json: string): void {
  const body = Buffer.from(json);
  res.setHeader('Content-Type', JSON_TYPE);
  res.setHeader('Content-Length', body.length);
  res.end(body);
}
