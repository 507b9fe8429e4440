import { Router } from 'express';
import type { Request, Response } from 'express';
import { batchMemberId, createBatchId, createJobId } from '../../contracts/job-id';
import { MAX_TIMEOUT_SEC } from '../../contracts/job-options';
import type { Start } from '../../contracts/workflow-start';
import { chunkCount, insertBatch } from '../../store/batches';
import type { FanOut } from '../../store/batches';
import type { Database } from '../../store/database';
import { insertJob } from '../../store/jobs';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { parseSubmission } from '../parse-submission';
import type { Submission } from '../parse-submission';
import { ProblemError } from '../problem';
import { writeJsonArray } from '../write-json-array';

export interface SubmissionsDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  /** Called after the commit. Never fails and waits a second at most: what it cannot start, the dispatcher does. */
  readonly startSoon: (start: Start) => Promise<void>;
  /** Why an address may not be connected to, as far as the URL alone tells. */
  readonly forbiddenReason: (url: string) => string | undefined;
  readonly fanOutOf: (urls: number) => FanOut;
  readonly publicUrl: string;
}

/** `POST /jobs` and `POST /batchjobs`. A 200 means: committed to disk. */
export function submissionsRouter(deps: SubmissionsDeps): Router {
  const router = Router();
  const handle = (route: 'jobs' | 'batchjobs') => async (req: Request, res: Response) => {
    const key = await authenticate(req, deps.findApiKey);
    res.locals['keyName'] = key.name;
    const submission = parseSubmission(req.body, route);
    assertAllowed(submission, deps.forbiddenReason);
    if (submission.ignored.length > 0) res.set('X-Ignored-Parameters', headerList(submission.ignored));
    if (submission.kind === 'job') await acceptJob(deps, key.id, submission, res);
    else await acceptBatch(deps, key.id, submission, res);
  };
  router.post('/jobs', handle('jobs'));
  router.post('/batchjobs', handle('batchjobs'));
  return router;
}

/** A forbidden target inside a batch fails that job, not the batch; a callback is the same for all. */
function assertAllowed(submission: Submission, forbiddenReason: SubmissionsDeps['forbiddenReason']): void {
  const { callback } = submission.options;
  const checked: [string, string | undefined][] = [['callback.url', callback?.url]];
  if (submission.kind === 'job') checked.unshift(['url', submission.url]);
  for (const [path, url] of checked) {
    const reason = url === undefined ? undefined : forbiddenReason(url);
    if (reason !== undefined)
      throw new ProblemError('forbidden_target', `${path} is not allowed: ${reason}.`, {
        details: [{ path, message: reason }],
      });
  }
}

/** Header values are ASCII here: a field name may be anything. */
const headerList = (names: readonly string[]): string =>
  names
    .slice(0, 50)
    .map((name) => encodeURIComponent(name.slice(0, 100).replace(/\p{Surrogate}/gu, '')))
    .join(', ');

const deadlineOf = (createdAt: Date, timeoutSec: number | null | undefined): Date =>
  new Date(createdAt.getTime() + (timeoutSec ?? MAX_TIMEOUT_SEC) * 1_000);

async function acceptJob(
  deps: SubmissionsDeps,
  apiKeyId: string,
  { url, options }: Extract<Submission, { kind: 'job' }>,
  res: Response,
): Promise<void> {
  const createdAt = new Date();
  const job = {
    id: createJobId(createdAt.getTime()),
    apiKeyId,
    url,
    options,
    createdAt,
    deadlineAt: deadlineOf(createdAt, options.timeoutSec),
  };
  await insertJob(deps.database, job);
  await deps.startSoon({ kind: 'job', ...job });
  res.json(accepted(deps, job.id, url, options.meta));
}

async function acceptBatch(
  deps: SubmissionsDeps,
  apiKeyId: string,
  { urls, options }: Extract<Submission, { kind: 'batch' }>,
  res: Response,
): Promise<void> {
  const createdAt = new Date();
  const id = createBatchId(createdAt.getTime());
  const fanOut = deps.fanOutOf(urls.length);
  const deadlineAt = deadlineOf(createdAt, options.timeoutSec);
  await insertBatch(deps.database, { id, apiKeyId, urls, options, fanOut, createdAt, deadlineAt });
  await deps.startSoon({
    kind: 'batch',
    id,
    total: urls.length,
    chunks: chunkCount(urls.length),
    fanOut,
    apiKeyId,
    deadlineAt,
  });
  res.set({ 'X-Batch-Id': id, Location: `/batches/${id}`, Link: `</batches/${id}>; rel="batch"` });
  await writeJsonArray(res, urls, (url, index) => accepted(deps, batchMemberId(id, index), url, options.meta));
}

/** 200 and not 202: clients written for the hosted service compare with 200. */
const accepted = (deps: SubmissionsDeps, id: string, url: string, meta: unknown) => ({
  id,
  attempts: 0,
  status: 'running',
  statusUrl: `${deps.publicUrl}/jobs/${id}`,
  url,
  ...(meta !== undefined && { meta }),
});
