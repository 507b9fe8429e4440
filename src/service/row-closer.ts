import type { EndWithout } from '../workflows/workflow-io';
import { findUnfinishedMembers } from '../store/chunks';
import type { Database } from '../store/database';
import { endBatch } from '../store/end-batch';
import type { StoredJob } from '../store/jobs';
import type { OpenPlaces, OpenWork } from '../store/open-rows';
import { retryTransient } from '../store/retry-transient';
import { endJobs } from '../store/write-outcomes';
import type { WorkflowState } from '../temporal/workflow-client';
import type { Logger } from '../telemetry/logger';

export interface RowCloserDeps {
  readonly database: Database;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
  readonly logger: Logger;
}

/** How an open row ends when its workflow has closed; undefined when the workflow is open, or never existed. */
export function endOfState(state: WorkflowState): EndWithout | undefined {
  switch (state) {
    case 'TERMINATED':
      return { status: 'failed', failReason: 'terminated' };
    case 'CANCELLED':
      return { status: 'cancelled' };
    case 'TIMED_OUT':
      return { status: 'failed', failReason: 'failed_due_to_timeout' };
    case 'COMPLETED':
    case 'FAILED':
      return { status: 'failed', failReason: 'internal_error' };
    default:
      return undefined;
  }
}

/** How this work ends when its workflow has closed. What was asked of its batch goes before what became of the workflow. */
export function endOfWork({ isCancelRequested = false }: OpenWork, state: WorkflowState): EndWithout | undefined {
  const end = endOfState(state);
  return end !== undefined && isCancelRequested ? { status: 'cancelled' } : end;
}

/** Ends rows that no workflow will end any more. Rows that have ended meanwhile stay unchanged. */
export class RowCloser {
  readonly #deps: RowCloserDeps;

  constructor(deps: RowCloserDeps) {
    this.#deps = deps;
  }

  async endJobs(jobs: readonly StoredJob[], end: EndWithout): Promise<void> {
    const ends = jobs.map((job) => ({ job, attempts: job.attempts, ...end }));
    const { ids, endpointIds } = await retryTransient(() => endJobs(this.#deps.database, ends));
    this.#deps.onDeliveries(endpointIds);
    if (ids.size === 0) return;
    const [first] = ids;
    const which = ids.size === 1 ? { job_id: first } : { jobs: ids.size };
    this.#deps.logger.warn(
      { ...which, status: end.status, fail_reason: end.failReason },
      'jobs were closed that no workflow would have ended',
    );
  }

  async endPlaces({ batchId, chunks, fromPlace, limit }: OpenPlaces, end: EndWithout): Promise<void> {
    for (const chunk of chunks) {
      const members = await findUnfinishedMembers(this.#deps.database, batchId, chunk, { fromPlace, limit });
      if (members.length > 0) await this.endJobs(members, end);
    }
  }

  /** Notes the end of a batch, once all of its URLs have ended. */
  async endBatch(batchId: string, isCancelled = false): Promise<void> {
    this.#deps.onDeliveries((await endBatch(this.#deps.database, batchId, { isCancelled }))?.endpointIds ?? []);
  }
}
