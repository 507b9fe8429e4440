import { createJobId, idTimeMs } from '../jobs/job-id';
import type { AcceptedOptions } from '../jobs/job-options';
import { needsBrowser } from '../jobs/needs-browser';
import type { PriceList } from '../jobs/prices';
import type { Start } from '../jobs/workflow-start';
import { acceptJob } from '../store/accept';
import type { Allowance } from '../store/admission';
import type { Database } from '../store/database';
import { newJob } from '../store/new-rows';
import { idempotencyProblem } from './accepting-problems';
import { maxCostExceeded, orRefused } from './submit-batch';
import type { Submitter } from './submit-batch';

export interface AcceptDeps {
  readonly database: Database;
  readonly priceList: PriceList;
  /** Starts the workflow after the commit. It never fails and waits at most a second, because the dispatcher starts what it could not. */
  readonly startSoon: (start: Start) => Promise<void>;
}

export interface SingleRequest extends Submitter {
  readonly url: string;
  readonly options: AcceptedOptions;
}

export interface AcceptedSingle {
  readonly id: string;
  /** When it was accepted, which a replayed answer takes from the id. */
  readonly acceptedAt: Date;
  /** Whether an earlier request with the same `Idempotency-Key` made the job. */
  readonly isReplayed: boolean;
  /** What limits leave its key; undefined for a repetition, which counts against none. */
  readonly allowance?: Allowance;
}

/**
 * Takes a single job and starts its workflow. When it resolves, the row is committed.
 * @throws ProblemError when the key may not submit it now, or the price is over its `max_cost`
 */
export async function acceptSingleJob(
  deps: AcceptDeps,
  { key, url, options, idempotent }: SingleRequest,
): Promise<AcceptedSingle> {
  const createdAt = new Date();
  const job = newJob(deps.priceList, {
    id: createJobId(createdAt.getTime()),
    apiKeyId: key.id,
    url,
    options,
    createdAt,
  });
  const maxCost = options.apiParams?.max_cost ?? undefined;
  if (maxCost !== undefined && job.price > maxCost)
    throw maxCostExceeded(`The job costs ${job.price} credits, max_cost is ${maxCost}`);
  const accepted = await orRefused(acceptJob(deps.database, job, idempotent));
  if (accepted.kind === 'conflict' || accepted.kind === 'in-flight') throw idempotencyProblem(accepted.kind);
  if (accepted.kind === 'replay') {
    const id = accepted.answerId;
    return { id, isReplayed: true, acceptedAt: new Date(idTimeMs(id) ?? createdAt) };
  }
  const isRendered = needsBrowser(options.apiParams ?? {});
  await deps.startSoon({ kind: 'job', ...job, keyName: key.name, isRendered });
  return { id: job.id, isReplayed: false, acceptedAt: createdAt, allowance: accepted.allowance };
}
