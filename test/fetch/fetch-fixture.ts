import type { FetchOutcome, FetchRequest, FetchedPage } from '../../src/jobs/fetch-outcome';
import { createFetcher } from '../../src/fetch/create-fetcher';
import type { Fetcher, FetcherOptions } from '../../src/fetch/create-fetcher';
import { requestOf } from './request-of';

export { requestOf } from './request-of';

const open: Fetcher[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((fetcher) => fetcher.close()));
});

/** Makes a fetcher to which loopback is open unless told otherwise. It is closed after the test. */
export function openFetcher(options: Partial<FetcherOptions> = {}): Fetcher {
  const fetcher = createFetcher({ allowPrivateTargets: ['127.0.0.0/8'], attemptTimeoutMs: 20_000, ...options });
  open.push(fetcher);
  return fetcher;
}

export function fetchOnce(fetcher: Fetcher, url: string, rest: Partial<FetchRequest> = {}): Promise<FetchOutcome> {
  return fetcher.fetchPage(requestOf(url, rest), { attempt: 1, signal: new AbortController().signal });
}

export function pageOf(outcome: FetchOutcome): FetchedPage {
  if (outcome.kind !== 'page') throw new Error(`not a page: ${JSON.stringify(outcome)}`);
  return outcome.page;
}
