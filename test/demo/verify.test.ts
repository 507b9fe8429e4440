import { checkCallbacks, checkCounts, checkJob, type ExpectedResult } from '../../src/demo/verify';
import { finishedJob, receipt } from './job-fixtures';

const expected: ExpectedResult = {
  url: 'http://127.0.0.1:1/products/1',
  statusCode: 200,
  body: '<title>Nr. 1</title>',
  finalUrl: 'http://127.0.0.1:1/products/1',
  minAttempts: 1,
};
const problemsOf = (job: ReturnType<typeof finishedJob>, wanted = expected) =>
  checkJob(job, wanted).map(({ problem }) => problem);

test('a right job has no mismatch', () => {
  expect(checkJob(finishedJob(1), expected)).toEqual([]);
  expect(checkJob(finishedJob(1, 4), expected)).toEqual([]);
});

test('a wrong body is found, with the place where it differs', () => {
  expect(problemsOf(finishedJob(1, 1, '<title>Nr. 2</title>'))).toEqual([
    'body differs from character 11 on: "2</title>" instead of "1</title>"',
  ]);
});

test('a body that only goes on longer is found', () => {
  expect(problemsOf(finishedJob(1, 1, `${expected.body}\n`))[0]).toMatch(/^body differs from character 20 on/);
});

test('text where bytes were expected is found', () => {
  expect(problemsOf(finishedJob(1), { ...expected, body: undefined, base64EncodedBody: 'AAAA' })).toEqual([
    'there is a body of 20 characters where none was expected',
  ]);
});

test('another URL, status, final URL, or too few attempts are found', () => {
  const job = finishedJob(1);
  expect(problemsOf({ ...job, url: 'http://127.0.0.1:1/products/1/' })).toHaveLength(1);
  expect(problemsOf(job, { ...expected, statusCode: 404 })).toEqual(['statusCode is 200, not 404']);
  expect(problemsOf(job, { ...expected, finalUrl: 'http://127.0.0.1:1/' })).toHaveLength(1);
  expect(problemsOf(job, { ...expected, minAttempts: 2 })).toHaveLength(1);
});

test('a failed job is named with its reason', () => {
  const { response: _response, ...job } = finishedJob(1);
  expect(problemsOf({ ...job, status: 'failed', failReason: 'failed_due_to_timeout' })).toEqual([
    'status is failed (failed_due_to_timeout)',
  ]);
});

test('one acknowledged callback per job is right, however often it was refused before', () => {
  const jobs = [finishedJob(1), finishedJob(2)];
  const receipts = [receipt(finishedJob(1), false), receipt(finishedJob(1)), receipt(finishedJob(2))];
  expect(checkCallbacks(jobs, receipts)).toEqual([]);
});

test('a missing callback is found', () => {
  expect(
    checkCallbacks([finishedJob(1), finishedJob(2)], [receipt(finishedJob(2)), receipt(finishedJob(1), false)]),
  ).toEqual([{ url: finishedJob(1).url, problem: 'no callback was received' }]);
});

test('a duplicate callback is found', () => {
  expect(checkCallbacks([finishedJob(1)], [receipt(finishedJob(1)), receipt(finishedJob(1))])).toEqual([
    { url: finishedJob(1).url, problem: 'its callback came 2 times' },
  ]);
});

test('a callback with another body than the status URL is found', () => {
  expect(checkCallbacks([finishedJob(1)], [receipt(finishedJob(1, 1, 'else'))])).toEqual([
    { url: finishedJob(1).url, problem: 'its callback differs from its status URL' },
  ]);
});

test('a callback for an unknown job is found', () => {
  expect(checkCallbacks([], [receipt(finishedJob(1))])).toHaveLength(1);
});

test('counts have to sum to the total', () => {
  const counts = { total: 3, queued: 1, running: 1, finished: 1, failed: 0, cancelled: 0 };
  expect(checkCounts(counts)).toBeUndefined();
  expect(checkCounts({ ...counts, running: 2 })).toMatch(/sum to 4, not 3/);
});
