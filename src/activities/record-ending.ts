import type { Activities } from '../workflows/workflow-io';
import type { Committer } from '../pages/committer';
import { findJob } from '../store/jobs';
import type { WorkOf } from './as-activity';
import { notFoundFailure } from './failures';
import { endingOfRow, openJob } from './open-job';
import type { OpenJobDeps } from './open-job';

export interface RecordEndingDeps extends OpenJobDeps {
  readonly committer: Pick<Committer, 'commit'>;
}

/** Ends a job whose `scrape` ran out of time, was cancelled or broke. One that has ended in the meantime stays as it is. */
export function createRecordEnding(deps: RecordEndingDeps): WorkOf<Activities['recordEnding']> {
  return async function recordEnding({ workflowId }, { end, ...ref }) {
    const job = await openJob(deps, ref, workflowId);
    if (job.status === 'running')
      await deps.committer.commit({ kind: 'end', end: { job, attempts: job.attempts, ...end } });
    const ended = await findJob(deps.database, ref.jobId);
    if (ended === undefined) throw notFoundFailure(ref.jobId);
    return endingOfRow(ended);
  };
}
