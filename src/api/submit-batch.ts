import type { BatchLines } from '../jobs/batch-lines';
import type { BatchOptions } from '../jobs/batch-options';
import { createBatchId } from '../jobs/job-id';
import type { AcceptedOptions } from '../jobs/job-options';
import type { Start } from '../jobs/workflow-start';
import { acceptBatch } from '../store/accept';
import { AdmissionRefusedError } from '../store/admission';
import type { Allowance } from '../store/admission';
import type { ApiKey } from '../store/api-keys';
import { chunkCount } from '../store/batches';
import type { Database } from '../store/database';
import { newBatch } from '../store/new-rows';
import type { NewBatchDeps, PricedBatch } from '../store/new-rows';
import { idempotencyProblem, refusalProblem } from './accepting-problems';
import { ProblemError } from './problem';

export interface SubmitBatchDeps extends NewBatchDeps {
  readonly database: Database;
  /** Starts the workflow after the commit. It never fails and waits at most a second, because the dispatcher starts what it could not. */
  readonly startSoon: (start: Start) => Promise<void>;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

/** Who submits, and the claim that keeps a repetition from creating something a second time. */
export interface Submitter {
  readonly key: ApiKey;
  readonly idempotent: { readonly key: string; readonly requestHash: Buffer } | undefined;
}

/** A batch that has been checked. */
export interface BatchRequest {
  readonly urls: readonly string[];
  readonly options: AcceptedOptions;
  readonly batchOptions: BatchOptions;
  readonly lines?: BatchLines | undefined;
}

export interface SubmittedBatch {
  readonly id: string;
  readonly isReplay: boolean;
  /** What limits leave its key; undefined for a repetition, which counts against none. */
  readonly allowance?: Allowance;
}

/**
 * Stores a batch and starts its workflow.
 * @returns its id, which is that of an earlier batch when the request is a repetition
 * @throws ProblemError when limits or credits do not allow it
 */
export async function submitBatch(
  deps: SubmitBatchDeps,
  { key, idempotent }: Submitter,
  request: BatchRequest,
): Promise<SubmittedBatch> {
  const createdAt = new Date();
  const batch = newBatch(deps, { id: createBatchId(createdAt.getTime()), apiKeyId: key.id, createdAt, ...request });
  assertAffordable(batch);
  const accepted = await orRefused(acceptBatch(deps.database, batch, idempotent));
  if (accepted.kind === 'conflict' || accepted.kind === 'in-flight') throw idempotencyProblem(accepted.kind);
  if (accepted.kind === 'replay') return { id: accepted.answerId, isReplay: true };
  deps.onDeliveries(accepted.endpointIds);
  await deps.startSoon({
    kind: 'batch',
    id: batch.id,
    total: batch.urls.length,
    chunks: chunkCount(batch.urls.length),
    fanOut: batch.fanOut,
    isRendered: batch.isRendered,
    apiKeyId: key.id,
    keyName: key.name,
    deadlineAt: batch.deadlineAt,
  });
  return { id: batch.id, isReplay: false, allowance: accepted.allowance };
}

/** Refuses a batch none of whose URLs may cost what it costs. */
function assertAffordable({ urls, overMaxCost, copiesOf = [] }: PricedBatch): void {
  const copies = copiesOf.filter((original) => original !== undefined).length;
  if (overMaxCost.length + copies === urls.length) throw maxCostExceeded('Every URL costs more than max_cost allows');
}

export const maxCostExceeded = (what: string): ProblemError =>
  new ProblemError('max_cost_exceeded', `${what}.`, {
    details: [{ path: 'apiParams.max_cost', message: `is below the price` }],
  });

/** Turns a refused admission into the problem that says why. */
export async function orRefused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AdmissionRefusedError ? refusalProblem(error.refusal) : error;
  }
}
