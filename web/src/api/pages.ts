import type { QueryValues } from '../routing/location';
import { ask } from './ask';
import type { Everfetch } from './client';
import { filledPage } from './filled-page';
import type { BatchObject, JobObject, Page } from './types';

export interface PageQuery extends QueryValues {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface PageOptions {
  readonly signal: AbortSignal;
}

/** Filters stand in the address as people type them, so that the service judges them. */
const pageOf = <Item>(client: Everfetch, path: string, query: PageQuery, signal: AbortSignal): Promise<Page<Item>> =>
  filledPage<Item>({ cursor: query.cursor, limit: query.limit }, (part) =>
    ask(client, 'GET', path, { query: { ...query, ...part }, signal }),
  );

/** A page of the batches of the key. */
export const batchesPage = (client: Everfetch, query: PageQuery, { signal }: PageOptions): Promise<Page<BatchObject>> =>
  pageOf(client, '/batches', query, signal);

/** A page of the jobs of the key. */
export const jobsPage = (client: Everfetch, query: PageQuery, { signal }: PageOptions): Promise<Page<JobObject>> =>
  pageOf(client, '/jobs', query, signal);

/** A page of the URLs of a batch. */
export const batchJobsPage = (
  client: Everfetch,
  batchId: string,
  query: PageQuery,
  { signal }: PageOptions,
): Promise<Page<JobObject>> => pageOf(client, `/batches/${encodeURIComponent(batchId)}/jobs`, query, signal);
