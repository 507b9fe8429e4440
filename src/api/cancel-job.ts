import { jobWorkflowId } from '../jobs/workflow-ids';
import type { Database } from '../store/database';
import type { StoredJob } from '../store/jobs';
import { retryTransient } from '../store/retry-transient';
import { endJobs } from '../store/write-outcomes';

export interface CancelJobDeps {
  readonly database: Database;
  /** Cancels a workflow soon; never fails. */
  readonly cancelSoon: (workflowId: string) => void;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

/** Cancels a job. One that has ended meanwhile stays as it is. */
export async function cancelJob(deps: CancelJobDeps, job: StoredJob): Promise<void> {
  // The row is ended first, so that no attempt starts any more, whatever happens to the workflow.
  const { endpointIds } = await retryTransient(() =>
    endJobs(deps.database, [{ job, status: 'cancelled', attempts: job.attempts }]),
  );
  deps.onDeliveries(endpointIds);
  deps.cancelSoon(job.workflowId ?? jobWorkflowId(job.id));
}
