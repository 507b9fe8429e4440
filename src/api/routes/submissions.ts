import { Router } from 'express';
import type { Request, Response } from 'express';
import { batchMemberId, createBatchId } from '../../jobs/job-id';
import type { AcceptedOptions } from '../../jobs/job-options';
import { needsBrowser } from '../../jobs/needs-browser';
import { acceptBatch } from '../../store/accept';
import { chunkCount } from '../../store/batches';
import { findJob } from '../../store/jobs';
import { newBatch } from '../../store/new-rows';
import type { NewBatchDeps } from '../../store/new-rows';
import { acceptSingleJob, maxCostExceeded, orRefused } from '../accept-single-job';
import type { AcceptDeps } from '../accept-single-job';
import { idempotencyOf, idempotencyProblem } from '../accepting-problems';
import type { Submission } from '../parse-submission';
import { writeJsonArray } from '../stream-answer';
import { takeSubmission } from '../take-submission';
import type { TakeSubmissionDeps } from '../take-submission';

export interface SubmissionsDeps extends NewBatchDeps, AcceptDeps, TakeSubmissionDeps {
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
  readonly publicUrl: string;
}

/** Serves `POST /jobs` and `POST /batchjobs`. A 200 means that the rows are committed to disk. */
export function submissionsRouter(deps: SubmissionsDeps): Router {
  const router = Router();
  const handle = (route: 'jobs' | 'batchjobs') => async (req: Request, res: Response) => {
    const { key, submission } = await takeSubmission(deps, { req, res }, route);
    const context = { deps, apiKeyId: key.id, idempotent: idempotencyOf(req, submission.kind) };
    if (submission.kind === 'job') await submitJob(context, submission, res);
    else await submitBatch(context, submission, res);
  };
  router.post('/jobs', handle('jobs'));
  router.post('/batchjobs', handle('batchjobs'));
  return router;
}

type JobSubmission = Extract<Submission, { kind: 'job' }>;
type BatchSubmission = Extract<Submission, { kind: 'batch' }>;

interface Context {
  readonly deps: SubmissionsDeps;
  readonly apiKeyId: string;
  readonly idempotent: { readonly key: string; readonly requestHash: Buffer } | undefined;
}

async function submitJob(
  { deps, apiKeyId, idempotent }: Context,
  { url, options }: JobSubmission,
  res: Response,
): Promise<void> {
  const { id, isReplayed, acceptedAt } = await acceptSingleJob(deps, { apiKeyId, url, options, idempotent });
  if (isReplayed) res.set('Idempotency-Replayed', 'true');
  const told = isReplayed ? await firstOptions(deps, id, options) : options;
  res.json(submitted(deps, { id, url, supposedToRunAt: acceptedAt.toISOString() }, told));
}

async function submitBatch(
  { deps, apiKeyId, idempotent }: Context,
  { urls, options, batchOptions }: BatchSubmission,
  res: Response,
): Promise<void> {
  const createdAt = new Date();
  const request = { id: createBatchId(createdAt.getTime()), apiKeyId, urls, options, batchOptions, createdAt };
  const batch = newBatch(deps, request);
  const maxCost = options.apiParams?.max_cost ?? undefined;
  if (maxCost !== undefined && batch.prices.every((price) => price > maxCost))
    throw maxCostExceeded('Every URL costs more', maxCost);
  const accepted = await orRefused(acceptBatch(deps.database, batch, maxCost, idempotent));
  if (accepted.kind === 'conflict' || accepted.kind === 'in-flight') throw idempotencyProblem(accepted.kind);
  const id = accepted.kind === 'replay' ? accepted.answerId : batch.id;
  if (accepted.kind === 'replay') res.set('Idempotency-Replayed', 'true');
  else {
    deps.onDeliveries(accepted.endpointIds);
    await deps.startSoon({
      kind: 'batch',
      id,
      total: urls.length,
      chunks: chunkCount(urls.length),
      fanOut: batch.fanOut,
      isRendered: needsBrowser(options.apiParams ?? {}),
      apiKeyId,
      deadlineAt: batch.deadlineAt,
    });
  }
  res.set({ 'X-Batch-Id': id, Location: `/batches/${id}`, Link: `</batches/${id}>; rel="batch"` });
  // A replayed request has the same URLs as the first one, so only the ids have to come from the first answer.
  const told = accepted.kind === 'replay' ? await firstOptions(deps, batchMemberId(id, 0), options) : options;
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
