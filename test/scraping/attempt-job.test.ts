import type { FetchedPage } from '../../src/jobs/fetch-outcome';
import { commitOf } from '../../src/scraping/commit-of';
import { createAttemptJob } from '../../src/scraping/attempt-job';
import type { AttemptJobDeps } from '../../src/scraping/attempt-job';
import { judgeOutcome } from '../../src/scraping/judge-outcome';
import type { JobOptions } from '../../src/jobs/job-options';
import { createFetchForAttempt } from '../../src/fetch/create-fetch-for-attempt';
import type { StoredJob } from '../../src/store/jobs';
import { openFetcher } from '../fetch/fetch-fixture';
import { startOrigin } from '../support/origin';
import { fetchedPage } from '../pages/segments/page-fixture';

const signal = new AbortController().signal;
const jobOf = (options: JobOptions, changes: Partial<StoredJob> = {}): StoredJob => ({
  ...{
    id: 'job',
    apiKeyId: 'key',
    url: 'https://a.example/',
    options,
    status: 'running',
    attempts: 0,
    strikes: 0,
    price: 5,
  },
  ...{ createdAt: new Date(), deadlineAt: new Date() },
  ...changes,
});

function fetching(page: FetchedPage, engine: 'http' | 'impersonate' = 'http') {
  const broken = new Error('no such table');
  const database = { query: async () => [], transaction: () => Promise.reject(broken) };
  const means = { canImpersonate: false, tiers: [] };
  const fetchForAttempt = async () => ({ outcome: { kind: 'page', page }, engine, proxy: undefined, means }) as const;
  const finishPage = async () => ({ kind: 'page', page }) as const;
  return createAttemptJob({ database, fetchForAttempt, finishPage } as unknown as AttemptJobDeps); // as: no more of the database is used
}

test('a page whose session cannot be kept gives its memory back', async () => {
  const release = jest.fn();
  const attempt = fetching(fetchedPage({ release }));
  const job = jobOf({ apiParams: { session_number: 1 } });
  await expect(attempt(job, { attempt: 1, signal })).rejects.toThrow('no such table');
  expect(release).toHaveBeenCalledTimes(1);
});

describe('a challenge that was passed', () => {
  const tried = [{ kind: 'blocked', statusCode: 403, vendor: 'datadome', engine: 'http' }] as const;
  const judged = async (engine: 'http' | 'impersonate', job: StoredJob) =>
    judgeOutcome(await fetching(fetchedPage(), engine)(job, { attempt: 2, signal }), job, new Date());

  test('costs 10 credits more', async () => {
    expect(await judged('impersonate', jobOf({}, { tried }))).toMatchObject({ kind: 'finish', surcharge: 10 });
    expect(await judged('http', jobOf({}, { tried }))).toMatchObject({ kind: 'finish', surcharge: 0 });
    expect(await judged('impersonate', jobOf({}))).toMatchObject({ kind: 'finish', surcharge: 0 });
  });

  test('never costs more than max_cost', async () => {
    const job = (max_cost: number) => jobOf({ apiParams: { max_cost } }, { tried });
    expect(await judged('impersonate', job(14))).toMatchObject({ kind: 'fail', failReason: 'max_cost_exceeded' });
    expect(await judged('impersonate', job(15))).toMatchObject({ kind: 'finish', surcharge: 10 });
  });
});

test('three conversions in vain end the job, and robots.txt does so at once', () => {
  const trouble = { kind: 'unconvertible', reason: 'time limit' } as const;
  const attempt = { kind: 'trouble', trouble, tried: { kind: 'unconvertible', engine: 'http' } } as const;
  const at = new Date();
  expect(judgeOutcome(attempt, jobOf({}, { strikes: 1 }), at)).toMatchObject({ kind: 'retry', strikes: 2 });
  expect(judgeOutcome(attempt, jobOf({}, { strikes: 2 }), at)).toMatchObject({
    kind: 'fail',
    failReason: 'conversion_failed',
  });
  const disallowed = { kind: 'disallowed', host: 'a.example' } as const;
  expect(judgeOutcome({ ...attempt, trouble: disallowed }, jobOf({}), at)).toMatchObject({
    ...{ kind: 'fail', failReason: 'robots_disallowed' },
  });
});

test('a fetch that the end of the time cuts off counts as an attempt, and ends the job with what it came to', async () => {
  const { url } = await startOrigin(() => undefined); // takes the request and says nothing
  const fetcher = openFetcher();
  const fetchForAttempt = createFetchForAttempt({ fetchPage: fetcher.fetchPage, canImpersonate: false });
  const finishPage = async () => Promise.reject(new Error('there is no page'));
  const attempt = createAttemptJob({ fetchForAttempt, finishPage } as unknown as AttemptJobDeps); // as: no database is used
  const job = jobOf({}, { url: `${url}/`, deadlineAt: new Date(Date.now() + 1_000) });
  const attempted = await attempt(job, { attempt: 1, signal });
  expect(attempted).toMatchObject({ kind: 'trouble', trouble: { kind: 'unreachable', code: 'ATTEMPT_TIMEOUT' } });
  const verdict = judgeOutcome(attempted, job, new Date());
  expect(commitOf(job, 1, verdict, Date.now(), 5).commit).toMatchObject({
    kind: 'end',
    end: {
      ...{ status: 'failed', attempts: 1, failReason: 'failed_due_to_timeout' },
      lastFailure: { reason: 'unreachable', detail: 'ATTEMPT_TIMEOUT' },
      tried: [{ kind: 'unreachable', code: 'ATTEMPT_TIMEOUT', engine: 'http', at: expect.any(Number), durationMs: 5 }],
    },
  });
});

test('a page is remembered as an attempt only behind others that failed, with when it began and how long it took', async () => {
  const tried = [{ kind: 'refused', statusCode: 503, engine: 'http' }] as const;
  const committed = async (job: StoredJob) => {
    const verdict = judgeOutcome(await fetching(fetchedPage())(job, { attempt: 2, signal }), job, new Date());
    return commitOf(job, 2, verdict, 1_700_000_000_250.5, 250.4).commit;
  };
  const first = await committed(jobOf({}));
  expect('end' in first && first.end).not.toHaveProperty('tried');
  const second = await committed(jobOf({}, { tried }));
  expect(second).toMatchObject({ end: { status: 'finished' } });
  expect('end' in second && second.end.tried).toEqual([
    ...tried,
    { kind: 'page', statusCode: 200, engine: 'http', at: 1_700_000_000_000, durationMs: 250 },
  ]);
});
