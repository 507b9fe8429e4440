import { Router } from 'express';
import type { Request, Response } from 'express';
import { batchMemberId } from '../../jobs/job-id';
import type { AcceptedOptions } from '../../jobs/job-options';
import { findJob } from '../../store/jobs';
import { acceptSingleJob } from '../accept-single-job';
import { idempotencyOf } from '../accepting-problems';
import type { Submission } from '../parse-submission';
import { rateLimitHeaders } from '../rate-limit-headers';
import { writeJsonArray } from '../stream-answer';
import { submitBatch } from '../submit-batch';
import type { SubmitBatchDeps, Submitter } from '../submit-batch';
import { takeSubmission } from '../take-submission';
import type { TakeSubmissionDeps } from '../take-submission';

export interface SubmissionsDeps extends SubmitBatchDeps, TakeSubmissionDeps {
  readonly publicUrl: string;
}

/** Serves `POST /jobs` and `POST /batchjobs`. A 200 means that the rows are committed to disk. */
export function submissionsRouter(deps: SubmissionsDeps): Router {
  const router = Router();
  const handle = (route: 'jobs' | 'batchjobs') => async (req: Request, res: Response) => {
    const { key, submission } = await takeSubmission(deps, { req, res }, route);
    const context = { deps, key, idempotent: idempotencyOf(req, submission.kind) };
    if (submission.kind === 'job') await submitJob(context, submission, res);
    else await answerBatch(context, submission, res);
  };
  router.post('/jobs', handle('jobs'));
  router.post('/batchjobs', handle('batchjobs'));
  return router;
}

type JobSubmission = Extract<Submission, { kind: 'job' }>;
type BatchSubmission = Extract<Submission, { kind: 'batch' }>;

interface Context extends Submitter {
  readonly deps: SubmissionsDeps;
}

async function submitJob(
  { deps, key, idempotent }: Context,
  { url, options }: JobSubmission,
  res: Response,
): Promise<void> {
  const accepted = await acceptSingleJob(deps, { key, url, options, idempotent });
  const { id, isReplayed, acceptedAt, allowance } = accepted;
  if (allowance !== undefined) res.set(rateLimitHeaders(allowance));
  if (isReplayed) res.set('Idempotency-Replayed', 'true');
  const told = isReplayed ? await firstOptions(deps, id, options) : options;
  res.json(submitted(deps, { id, url, supposedToRunAt: acceptedAt.toISOString() }, told));
}

async function answerBatch({ deps, ...submitter }: Context, submission: BatchSubmission, res: Response): Promise<void> {
  const { urls, options } = submission;
  const { id, isReplay, allowance } = await submitBatch(deps, submitter, submission);
  if (allowance !== undefined) res.set(rateLimitHeaders(allowance));
  if (isReplay) res.set('Idempotency-Replayed', 'true');
  res.set({ 'X-Batch-Id': id, Location: `/batches/${id}`, Link: `</batches/${id}>; rel="batch"` });
  // A replayed request has the same URLs as the first one, so only the ids have to come from the first answer.
  const told = isReplay ? await firstOptions(deps, batchMemberId(id, 0), options) : options;
  await writeJsonArray(res, urls, (url, index) => submitted(deps, { id: batchMemberId(id, index), url }, told));
}

/** The options of the first request. The features of this server may have changed since, but a replayed answer must not. */
async function firstOptions(
  { database }: SubmissionsDeps,
  jobId: string,
  options: AcceptedOptions,
): Promise<AcceptedOptions> {
  return (await findJob(database, jobId))?.options ?? options;
}

/** The answer for one URL. Its status is 200 rather than 202, because ScraperAPI clients compare with 200. */
const submitted = (
  deps: SubmissionsDeps,
  { id, url, supposedToRunAt }: { readonly id: string; readonly url: string; readonly supposedToRunAt?: string },
  { meta, ignoredParams }: AcceptedOptions,
) => ({
  id,
  attempts: 0,
  status: 'running',
  statusUrl: `${deps.publicUrl}/jobs/${id}`,
  url,
  ...(supposedToRunAt !== undefined && { supposedToRunAt }),
  ...(meta !== undefined && { meta }),
  ...(ignoredParams !== undefined && { ignoredParams }),
});
