import type { QueryValues } from '../routing/location';
import { ask } from './ask';
import type { Everfetch } from './client';
import type { BatchObject, JobObject, Page } from './types';

interface PageOptions {
  readonly signal: AbortSignal;
}

/** A page of the batches of the key. Filters stand in the address as people type them, so the service judges them. */
export const batchesPage = (
  client: Everfetch,
  filter: QueryValues,
  { signal }: PageOptions,
): Promise<Page<BatchObject>> => ask(client, 'GET', '/batches', { query: filter, signal });

/** A page of the jobs of the key. */
export const jobsPage = (client: Everfetch, filter: QueryValues, { signal }: PageOptions): Promise<Page<JobObject>> =>
  ask(client, 'GET', '/jobs', { query: filter, signal });

/** A page of the URLs of a batch. */
export const batchJobsPage = (
  client: Everfetch,
  batchId: string,
  filter: QueryValues,
  { signal }: PageOptions,
): Promise<Page<JobObject>> =>
  ask(client, 'GET', `/batches/${encodeURIComponent(batchId)}/jobs`, { query: filter, signal });
