import { isDeepStrictEqual } from 'node:util';
import { BatchOptions } from '../jobs/batch-options';
import { pathOf, urlProblems } from '../jobs/check-request';
import { withoutEmptyFields } from '../jobs/given-params';
import { MAX_BATCH_URLS } from '../jobs/job-id';
import type { ScrapeBatchInput } from '../workflows/workflow-io';
import { batchWorkflowId } from '../jobs/workflow-ids';
import { adoptBatch } from '../store/accept';
import type { Database } from '../store/database';
import { newBatch } from '../store/new-rows';
import type { NewBatchDeps, PricedBatch } from '../store/new-rows';
import { findBatchStart, takeOverBatch } from '../store/starts';
import type { BatchStartRow } from '../store/starts';
import { idAlreadyUsedFailure, invalidRequestFailure } from './failures';
import { asStored, checkedOptions, ownerKeyId, problemsFailure } from './open-job';
import type { CheckDeps } from './open-job';

export interface OpenBatchDeps extends CheckDeps, NewBatchDeps {
  readonly database: Database;
}

/** A batch that a Temporal client started. */
export interface BatchStartRequest {
  readonly batchId: string;
  readonly workflowId: string;
  readonly request: Omit<ScrapeBatchInput, 'batchId'>;
  readonly startedAtMs: number;
  /** First run of the start. Undefined in workflows of older versions, which join whatever row exists. */
  readonly startRunId: string | undefined;
}

/**
 * Creates the rows of a batch, unless the same start has done so before.
 * @throws a non-retryable failure when the request makes no sense, or the id belongs to another start
 */
export async function openBatchRows(deps: OpenBatchDeps, start: BatchStartRequest): Promise<void> {
  const { database } = deps;
  for (;;) {
    const known = await findBatchStart(database, start.batchId);
    if (known !== undefined && (start.startRunId === undefined || known.startRunId === start.startRunId)) return;
    if (known?.isEnded === true) throw idAlreadyUsedFailure(`the batch ${start.batchId} has ended`);
    const batch = await checkedBatch(deps, start);
    if (known !== undefined) {
      if (!isSameBatch(known, batch))
        throw idAlreadyUsedFailure(`the batch ${start.batchId} is running, with another request`);
      return takeOverBatch(database, batch);
    }
    if (await adoptBatch(database, batch)) return;
    // Somebody else was faster. The next round looks whether it was this start.
  }
}

function isSameBatch(known: BatchStartRow, batch: PricedBatch): boolean {
  return (
    known.onDoneUrl === batch.onDoneUrl &&
    known.fanOut === batch.fanOut &&
    known.isDeduped === (batch.dedupe === true) &&
    isDeepStrictEqual(known.options, asStored(batch.options)) &&
    isDeepStrictEqual(known.urls, batch.urls)
  );
}

async function checkedBatch(deps: OpenBatchDeps, start: BatchStartRequest): Promise<PricedBatch> {
  const { urls, deadlineAtMs, chunks: _chunks, isRendered: _rendered, ...rest } = start.request;
  const createdAt = new Date(start.startedAtMs);
  const checkedUrls = urlsIn(urls);
  const asked = BatchOptions.safeParse(withoutEmptyFields({ ...rest }));
  if (!asked.success) {
    const [issue] = asked.error.issues;
    throw invalidRequestFailure(`${pathOf(issue?.path ?? [])} ${issue?.message ?? 'is not valid'}`);
  }
  const options = await checkedOptions(deps, rest);
  const apiKeyId = await ownerKeyId(deps.database);
  deps.noteIgnored(apiKeyId, options.ignoredParams ?? []);
  const { batchId: id, workflowId, startRunId } = start;
  const batch = newBatch(deps, { id, apiKeyId, urls: checkedUrls, options, batchOptions: asked.data, createdAt });
  return {
    ...batch,
    ...(deadlineAtMs !== undefined && { deadlineAt: new Date(deadlineAtMs) }),
    isStarted: true,
    workflowId: workflowId === batchWorkflowId(id) ? undefined : workflowId,
    startRunId,
  };
}

function urlsIn(urls: unknown): readonly string[] {
  if (!Array.isArray(urls) || urls.length === 0) throw invalidRequestFailure('urls must be a non-empty array');
  if (urls.length > MAX_BATCH_URLS)
    throw invalidRequestFailure(`urls has ${urls.length} items, the limit is ${MAX_BATCH_URLS}`);
  const problems = urlProblems(urls, (index) => `urls[${index}]`);
  if (problems.length > 0) throw problemsFailure(problems);
  return urls as readonly string[];
}
