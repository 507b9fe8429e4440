import type { FetchedPage } from '../../../src/jobs/fetch-outcome';

export const JOB_ID = '0199b6c8-7d10-7abc-8def-0123456789ab';

/** A small page; `changes` replace what a test is about. */
export function fetchedPage(changes: Partial<FetchedPage> = {}): FetchedPage {
  return {
    finalUrl: 'https://shop.example/item?id=7',
    statusCode: 200,
    statusText: 'OK',
    headers: [['Content-Type', 'text/html']],
    body: Buffer.from('<p>hello</p>'),
    fetchedAt: '2026-10-05T13:14:15.678Z',
    release: () => undefined,
    ...changes,
  };
}
