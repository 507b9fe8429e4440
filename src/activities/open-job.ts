import { isDeepStrictEqual } from 'node:util';
import type { ApplicationFailure } from '@temporalio/common';
import type { Features, MissingFeatures } from '../jobs/features';
import { checkOptions, urlProblems } from '../jobs/check-request';
import type { ProblemDetail } from '../jobs/error-codes';
import { needsBrowser } from '../jobs/needs-browser';
import type { PriceList } from '../jobs/prices';
import type { AcceptedOptions } from '../jobs/job-options';
import type { Activities, JobEnding, JobRef, ScrapeRequest } from '../workflows/workflow-io';
import { selectorProblem } from '../convert/selector-problem';
import { adoptJob } from '../store/accept';
import { DEFAULT_KEY_NAME, findApiKeyByName } from '../store/api-keys';
import type { Database, Queryable } from '../store/database';
import { findJob } from '../store/jobs';
import type { NewJob, StoredJob } from '../store/jobs';
import { newJob } from '../store/new-rows';
import { takeOverJob } from '../store/starts';
import type { NoteIgnored } from '../telemetry/note-ignored';
import type { WorkOf } from './as-activity';
import { idAlreadyUsedFailure, invalidRequestFailure, notFoundFailure } from './failures';

/** Id of the default key of the installation. It owns what Temporal clients start, because workflow histories must not hold API keys. */
export async function ownerKeyId(db: Queryable): Promise<string> {
  const key = await findApiKeyByName(db, DEFAULT_KEY_NAME);
  if (key === undefined) throw invalidRequestFailure('there is no default API key that could own the job');
  return key.id;
}

export interface CheckDeps {
  /** What the workers can do. */
  readonly features: () => Promise<Features>;
  /** Whether parameters that need a missing feature are refused or left out. */
  readonly missingFeatures: MissingFeatures;
  readonly noteIgnored: NoteIgnored;
}

/** Failure that names the problems in at most 2,000 characters, because Temporal keeps 4 KiB. */
export const problemsFailure = (problems: readonly ProblemDetail[]): ApplicationFailure =>
  invalidRequestFailure(
    problems
      .map(({ path, message }) => `${path} ${message}`)
      .join('; ')
      .slice(0, 2_000),
  );

/** @throws a non-retryable failure that names every problem */
export async function checkedOptions(
  { features, missingFeatures }: CheckDeps,
  request: Omit<ScrapeRequest, 'url'>,
): Promise<AcceptedOptions> {
  const checked = checkOptions({ ...request }, await features(), missingFeatures);
  if (!checked.ok) throw problemsFailure(checked.details);
  const problem = selectorProblem(checked.options.successWhen?.selector);
  if (problem !== undefined) throw invalidRequestFailure(`successWhen.selector ${problem}`);
  return checked.options;
}

export interface OpenJobDeps extends CheckDeps {
  readonly database: Database;
  readonly priceList: PriceList;
}

/**
 * Returns the stored job. For a workflow that a Temporal client started, the row is created first, unless the same start has done
 * so before.
 * @throws a non-retryable failure when the request makes no sense, or the id belongs to another start
 */
export async function openJob(deps: OpenJobDeps, ref: JobRef, workflowId: string): Promise<StoredJob> {
  const { jobId: id, request, startRunId } = ref;
  for (;;) {
    const known = await findJob(deps.database, id);
    // Without the run of the start (older versions, and workflows that were started for a row) whatever row exists is joined.
    if (known !== undefined && (request === undefined || startRunId === undefined || known.startRunId === startRunId))
      return known;
    if (request === undefined) throw notFoundFailure(id);
    if (known?.batchId !== undefined)
      throw idAlreadyUsedFailure(`the job ${id} is a URL of the batch ${known.batchId}`);
    if (known !== undefined && known.status !== 'running') throw idAlreadyUsedFailure(`the job ${id} has ended`);
    const job = await checkedJob(deps, ref, request, workflowId);
    if (known === undefined) await adoptJob(deps.database, job, job.options.apiParams?.max_cost ?? undefined);
    else if (known.url !== job.url || !isDeepStrictEqual(known.options, asStored(job.options)))
      throw idAlreadyUsedFailure(`the job ${id} is running, with another request`);
    else await takeOverJob(deps.database, { id, workflowId, startRunId: startRunId ?? '' });
  }
}

/** The options as they come back from PostgreSQL, for a comparison. */
export const asStored = (options: AcceptedOptions): unknown => JSON.parse(JSON.stringify(options));

async function checkedJob(
  deps: OpenJobDeps,
  ref: JobRef,
  { url, ...rest }: ScrapeRequest,
  workflowId: string,
): Promise<NewJob> {
  const [problem] = urlProblems([url], () => 'url');
  if (problem !== undefined) throw invalidRequestFailure(`url ${problem.message}`);
  const createdAt = new Date();
  const options = await checkedOptions(deps, rest);
  const apiKeyId = await ownerKeyId(deps.database);
  deps.noteIgnored(apiKeyId, options.ignoredParams ?? []);
  return {
    ...newJob(deps.priceList, { id: ref.jobId, apiKeyId, url, options, createdAt }),
    deadlineAt: new Date(ref.deadlineAtMs ?? createdAt.getTime()),
    workflowId,
    ...(ref.startRunId !== undefined && { startRunId: ref.startRunId }),
  };
}

/** The activity `openJob`. */
export function createOpenJob(deps: OpenJobDeps): WorkOf<Activities['openJob']> {
  return async ({ workflowId }, ref) => {
    const { options } = await openJob(deps, ref, workflowId);
    return { isRendered: needsBrowser(options.apiParams ?? {}) };
  };
}

/** The result of a job that has ended, as its workflow returns it. */
export function endingOfRow(job: StoredJob): JobEnding {
  if (job.status === 'running') throw new Error(`job ${job.id} has not ended`);
  return {
    jobId: job.id,
    status: job.status,
    attempts: job.attempts,
    ...(job.statusCode !== undefined && { statusCode: job.statusCode }),
    ...(job.failReason !== undefined && { failReason: job.failReason }),
  };
}
