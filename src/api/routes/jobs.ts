import { Router } from 'express';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { attemptObjects } from '../../jobs/attempt-object';
import type { Attempts } from '../../jobs/attempt-object';
import { lenientBoolean } from '../../jobs/lenient';
import { createJobTexts } from '../../pages/job-text';
import type { JobTextDeps } from '../../pages/job-text';
import { forgetJob } from '../../store/forget';
import { findJob, findTried } from '../../store/jobs';
import type { StoredJob } from '../../store/jobs';
import { JobLookup } from '../../store/job-lookup';
import { retryTransient } from '../../store/retry-transient';
import { cancelJob } from '../cancel-job';
import type { CancelJobDeps } from '../cancel-job';
import { checkedWith } from '../checked-input';
import { authenticate, sentApiKey } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { ProblemError } from '../problem';
import { sendJob } from '../send-job';
import type { EraseSoon } from './forget';
import { matchesEtag, existingJob, secondsUntil } from './existing-job';

export interface JobsDeps extends JobTextDeps, CancelJobDeps {
  readonly findApiKey: FindApiKey;
  readonly erase: EraseSoon;
}

const AttemptsQuery = z.object({ attempts: lenientBoolean.optional() });
const DeleteQuery = z.object({ purge: lenientBoolean.optional() });

/** Serves `GET` and `DELETE /jobs/:id`. They need no API key, because whoever knows the id may see it; forgetting a job
 * does. */
export function jobsRouter(deps: JobsDeps): Router {
  const router = Router();
  const jobs = new JobLookup(deps.database);
  const texts = createJobTexts(deps);

  router.get('/jobs/:id', async (req, res) => {
    const { attempts } = req.query;
    const showsAttempts = attempts !== undefined && checkedWith(AttemptsQuery, { attempts }).attempts === true;
    const job = await existingJob(deps, (id) => jobs.find(id), req.params.id.toLowerCase());
    const withBody = req.query['response'] !== 'false';
    const more = showsAttempts ? await attemptsOf(deps, { req, res }, job) : undefined;
    if (job.status === 'finished' && more === undefined) {
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
    await sendJob(texts, { req, res }, job, { withBody, ...(more && { more }) });
  });

  router.delete('/jobs/:id', async (req, res) => {
    if (checkedWith(DeleteQuery, { purge: req.query['purge'] }).purge === true) return purge(deps, req, res);
    const job = await existingJob(deps, (id) => jobs.find(id), req.params.id.toLowerCase());
    if (job.status === 'running') await cancelJob(deps, job);
    await sendJob(texts, { req, res }, await existingJob(deps, (id) => jobs.find(id), job.id));
  });

  return router;
}

/** What the attempts of a job came to. Whoever knows its id may see that, but the owner's proxies are only for the key of the job. */
async function attemptsOf(
  { database, findApiKey }: JobsDeps,
  { req, res }: { readonly req: Request; readonly res: Response },
  { id, apiKeyId, status, tried = [] }: StoredJob,
): Promise<{ readonly tried: Attempts }> {
  const key = sentApiKey(req) === undefined ? undefined : await authenticate(req, res, findApiKey);
  const showsProxies = key?.id === apiKeyId || key?.isAdmin === true;
  const attempts = status === 'running' ? tried : await findTried(database, id);
  return { tried: attemptObjects(attempts, { showsProxies }) };
}

/** Forgets a job that has ended: its row, its page and its deliveries. */
async function purge(deps: JobsDeps, req: Request<{ id: string }>, res: Response): Promise<void> {
  const key = await authenticate(req, res, deps.findApiKey);
  const find = () => existingJob(deps, (id) => findJob(deps.database, id), req.params.id.toLowerCase());
  const job = await find();
  if (job.apiKeyId !== key.id) throw new ProblemError('not_found', 'There is no such job.');
  const forgotten = await retryTransient(() => forgetJob(deps.database, job));
  if (forgotten.kind === 'running')
    throw new ProblemError('job_running', 'The job, or one that shares its page, is running; cancel it first.');
  if (forgotten.kind === 'gone') await find(); // which says so
  if (forgotten.kind === 'forgotten') await deps.erase(forgotten.segments);
  res.status(204).end();
}
