import type { Queryable } from '../store/database';
import type { Delivery } from '../store/deliveries';
import { findJobs } from '../store/jobs';
import { readTogether } from '../pages/segments/read-together';
import type { SegmentStore } from '../pages/segments/segment-store';
import { isSmall } from './callback-payload';
import type { DueCall } from './callback-payload';

export interface DueCallsDeps {
  readonly database: Queryable;
  readonly segments: SegmentStore;
}

/** Looks up what a group of callbacks tells of: the jobs in one query, the pages when they are needed. */
export async function dueCallsOf(deps: DueCallsDeps, deliveries: readonly Delivery[]): Promise<DueCall[]> {
  const ids = deliveries.flatMap(({ jobId }) => jobId ?? []);
  const found = ids.length > 0 ? await findJobs(deps.database, ids) : undefined;
  const jobs = deliveries.map(({ jobId }) => (jobId === undefined ? undefined : found?.get(jobId)));
  const records = readTogether(
    deps.segments,
    jobs.map((job) => (job !== undefined && isSmall(job) ? job.page : undefined)),
  );
  return deliveries.map((delivery, index) => ({ delivery, job: jobs[index], record: records[index] }));
}
