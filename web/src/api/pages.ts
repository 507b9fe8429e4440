import type { QueryValues } from '../routing/location';
import type { Everfetch } from './client';
import type { BatchObject, JobObject, Page } from './types';

interface PageOptions {
  readonly signal: AbortSignal;
}

/** One page of a list, which goes on at its `nextCursor`. */
export const batchesPage = (client: Everfetch, filter: QueryValues, options: PageOptions): Promise<Page<BatchObject>> =>
  client.batchesPage(filter, options);

export const jobsPage = (client: Everfetch, filter: QueryValues, options: PageOptions): Promise<Page<JobObject>> =>
  client.jobsPage(filter, options);

export const batchJobsPage = (
  client: Everfetch,
  batchId: string,
  filter: QueryValues,
  options: PageOptions,
): Promise<Page<JobObject>> => client.batchJobsPage(batchId, filter, options);
