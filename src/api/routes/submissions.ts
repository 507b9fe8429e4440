import { Router } from 'express';
import type { Request, Response } from 'express';
import { batchMemberId, createJobId, idTimeMs } from '../../jobs/job-id';
import { isGiven, isJsonObject } from '../../jobs/given-params';
import type { AcceptedOptions } from '../../jobs/job-options';
import { needsBrowser } from '../../jobs/needs-browser';
import type { Features, MissingFeatures } from '../../jobs/features';
import { acceptJob } from '../../store/accept';
import { findJob } from '../../store/jobs';
import { newJob } from '../../store/new-rows';
import type { NoteIgnored } from '../../telemetry/note-ignored';
import { idempotencyOf, idempotencyProblem } from '../accepting-problems';
import { nameIgnored } from '../ignored-parameters';
import { assertNotForbidden } from '../checked-input';
import type { ForbiddenReason } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { assertSelector, parseSubmission } from '../parse-submission';
import type { Submission } from '../parse-submission';
import { writeJsonArray } from '../stream-answer';
import { maxCostExceeded, orRefused, submitBatch } from '../submit-batch';
import type { SubmitBatchDeps, Submitter } from '../submit-batch';

export interface SubmissionsDeps extends SubmitBatchDeps {
  readonly findApiKey: FindApiKey;
  readonly forbiddenReason: ForbiddenReason;
  /** What the workers can do now. */
  readonly features: () => Promise<Features>;
  /** Whether parameters that need a missing feature are refused or left out. */
  readonly missingFeatures: MissingFeatures;
  readonly noteIgnored: NoteIgnored;
  readonly publicUrl: string;
}

/** Serves `POST /jobs` and `POST /batchjobs`. A 200 means that the rows are committed to disk. */
export function submissionsRouter(deps: SubmissionsDeps): Router {
  const router = Router();
  const handle = (route: 'jobs' | 'batchjobs') => async (req: Request, res: Response) => {
    const key = await authenticate(req, res, deps.findApiKey);
    req.body = withInstructions(req);
    const submission = parseSubmission(req.body, route, await deps.features(), deps.missingFeatures);
    assertSelector(submission.options);
    assertAllowed(submission, deps.forbiddenReason);
    nameIgnored(res, submission.ignored);
    deps.noteIgnored(key.id, submission.options.ignoredParams ?? []);
    const context = { deps, apiKeyId: key.id, idempotent: idempotencyOf(req, submission.kind) };
    if (submission.kind === 'job') await submitJob(context, submission, res);
    else await answerBatch(context, submission, res);
  };
  router.post('/jobs', handle('jobs'));
  router.post('/batchjobs', handle('batchjobs'));
  return router;
}

type JobSubmission = Extract<Submission, { kind: 'job' }>;
type BatchSubmission = Extract<Submission, { kind: 'batch' }>;

/** Adds the steps for a browser that were sent in a header, unless the body has some. */
function withInstructions(req: Request): unknown {
  const steps = req.get('x-sapi-instruction_set');
  const body: unknown = req.body;
  if (steps === undefined || !isJsonObject(body)) return body;
  return isGiven(body['instruction_set']) ? body : { ...body, instruction_set: steps };
}

/** Refuses forbidden addresses. A forbidden target inside a batch is not refused here, because it fails only its own job. */
function assertAllowed(submission: Submission, forbiddenReason: ForbiddenReason): void {
  if (submission.kind === 'job') assertNotForbidden('url', submission.url, forbiddenReason);
  assertNotForbidden('callback.url', submission.options.callback?.url, forbiddenReason);
  if (submission.kind === 'batch')
    assertNotForbidden('onDone.url', submission.batchOptions.onDone?.url, forbiddenReason);
}

interface Context extends Submitter {
  readonly deps: SubmissionsDeps;
}

async function submitJob(
  { deps, apiKeyId, idempotent }: Context,
  { url, options }: JobSubmission,
  res: Response,
): Promise<void> {
  const createdAt = new Date();
  const job = newJob(deps.priceList, { id: createJobId(createdAt.getTime()), apiKeyId, url, options, createdAt });
  const maxCost = options.apiParams?.max_cost ?? undefined;
  if (maxCost !== undefined && job.price > maxCost)
    throw maxCostExceeded(`The job costs ${job.price} credits, max_cost is ${maxCost}`);
  const accepted = await orRefused(acceptJob(deps.database, job, idempotent));
  if (accepted.kind === 'conflict' || accepted.kind === 'in-flight') throw idempotencyProblem(accepted.kind);
  const id = accepted.kind === 'replay' ? accepted.answerId : job.id;
  if (accepted.kind === 'replay') res.set('Idempotency-Replayed', 'true');
  else await deps.startSoon({ kind: 'job', ...job, isRendered: needsBrowser(options.apiParams ?? {}) });
  const told = accepted.kind === 'replay' ? await firstOptions(deps, id, options) : options;
  // The time is taken from the id, so that a replayed answer has the same.
  const supposedToRunAt = new Date(idTimeMs(id) ?? createdAt).toISOString();
  res.json(submitted(deps, { id, url, supposedToRunAt }, told));
}

async function answerBatch({ deps, ...submitter }: Context, submission: BatchSubmission, res: Response): Promise<void> {
  const { urls, options } = submission;
  const { id, isReplay } = await submitBatch(deps, submitter, submission);
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
