import { Router } from 'express';
import type { Request, Response } from 'express';
import { jobObject } from '../../contracts/job-object';
import { jobWorkflowId } from '../../contracts/workflow-ids';
import type { Database } from '../../store/database';
import { patiently } from '../../store/patiently';
import { endJobs } from '../../store/write-outcomes';
import { JobLookup } from '../../store/job-lookup';
import type { StoredJob } from '../../store/jobs';
import type { ReadResponse } from '../../store/read-response';
import { matchesEtag } from '../matches-etag';
import { existingJob, secondsUntil } from './existing-job';

export interface JobsDeps {
  readonly database: Database;
  readonly readResponse: ReadResponse;
  /** Ends a workflow soon; never fails. */
  readonly cancelSoon: (workflowId: string) => void;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
  readonly publicUrl: string;
  readonly retentionMs: number;
}

/** `GET` and `DELETE /jobs/:id`. No key: the id is the capability. */
export function jobsRouter(deps: JobsDeps): Router {
  const router = Router();
  const jobs = new JobLookup(deps.database);

  router.get('/jobs/:id', async (req, res) => {
    const job = await existingJob(deps, (id) => jobs.find(id), req.params.id.toLowerCase());
    const withBody = req.query['response'] !== 'false';
    if (job.status === 'finished') {
      // A finished job never changes; only with or without its body does the answer differ.
      const etag = `"${job.id}${withBody ? '' : '-head'}"`;
      res.set('ETag', etag);
      if (matchesEtag(req.get('if-none-match'), etag)) {
        res.status(304).end();
        return;
      }
    }
    if (job.status === 'running') res.set('Retry-After', String(secondsUntil(job.nextAttemptAt)));
    const object = await present(deps, job, withBody);
    if (job.status === 'finished' && !isConditional(req)) sendJson(res, object);
    else res.json(object);
  });

  router.delete('/jobs/:id', async (req, res) => {
    const job = await existingJob(deps, (id) => jobs.find(id), req.params.id.toLowerCase());
    if (job.status === 'running') {
      // The row first: from here on no attempt starts, whatever becomes of the workflow.
      const { endpointIds } = await patiently(() =>
        endJobs(deps.database, [{ job, status: 'cancelled', attempts: job.attempts }]),
      );
      deps.onDeliveries(endpointIds);
      deps.cancelSoon(job.workflowId ?? jobWorkflowId(job.id));
    }
    res.json(await present(deps, await existingJob(deps, (id) => jobs.find(id), job.id), true));
  });

  return router;
}

/** What `res.json` sends, without its search for a reason to answer 304: a tenth of the time that a read takes (measured). */
function sendJson(res: Response, object: Record<string, unknown>): void {
  const body = Buffer.from(JSON.stringify(object));
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', body.length);
  res.end(body);
}

const isConditional = ({ headers }: Request): boolean =>
  headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;

async function present(deps: JobsDeps, job: StoredJob, withBody: boolean): Promise<Record<string, unknown>> {
  const response = job.status === 'finished' ? await deps.readResponse(job, { withBody }) : undefined;
  return jobObject(job, { publicUrl: deps.publicUrl, retentionMs: deps.retentionMs, response });
}
