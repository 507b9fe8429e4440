import { createPaint } from '../../src/demo/output';
import { attemptsHistogram, type DemoReport, sampleJobs, summaryText } from '../../src/demo/summary';
import { finishedJob } from './job-fixtures';

const report: DemoReport = {
  batchJobs: [finishedJob(1), finishedJob(2, 3), finishedJob(3)],
  batchSize: 3,
  batchMs: 8_400,
  singles: [{ name: 'JSON', isRight: true }],
  callbacks: { received: 3, refused: 1, duplicates: 0 },
  faults: new Map([['unavailable', 2]]),
  mismatches: [],
  webUi: 'http://127.0.0.1:2/namespaces/default/workflows',
};
const plain = createPaint({ write: () => undefined }, {});

test('the histogram has a row per number of attempts, scaled to the longest', () => {
  const attempts = [...Array<number>(100).fill(1), ...Array<number>(25).fill(2), 3];
  expect(attemptsHistogram(attempts)).toEqual([
    `1 try      100 ${'█'.repeat(40)}`,
    `2 tries     25 ${'█'.repeat(10)}`,
    '3 tries      1 █',
  ]);
});

test('without jobs the histogram is empty', () => {
  expect(attemptsHistogram([])).toEqual([]);
});

test('samples show different numbers of attempts, the hardest first', () => {
  const jobs = [finishedJob(1), finishedJob(2), finishedJob(3, 3), finishedJob(4, 2), finishedJob(5, 3)];
  expect(sampleJobs(jobs).map((job) => job.attempts)).toEqual([3, 2, 1]);
  expect(sampleJobs([finishedJob(1), finishedJob(2), finishedJob(3, 2), finishedJob(4)]).map((job) => job.id)).toEqual([
    'job-3',
    'job-1',
    'job-2',
  ]);
});

test('the summary names what was fetched, called back and sampled, and where the Web UI is', () => {
  const text = summaryText(report, plain);
  expect(text).toContain('yes, 3 of 3 in 8.4 s');
  expect(text).toContain('3 received, 1 refused at first and sent again, 0 twice');
  expect(text).toContain('3 attempts · Nr. 2 · 20 bytes');
  expect(text).toContain(report.webUi);
  expect(text).toContain('Every result equals what the shop serves.');
  expect(text).not.toContain('\u001b');
});

test('the first ten mismatches are listed, the rest is counted', () => {
  const mismatches = Array.from({ length: 12 }, (_, index) => ({ url: `http://shop/${index}`, problem: 'wrong' }));
  const text = summaryText({ ...report, mismatches }, plain);
  expect(text).toContain('12 things are wrong:');
  expect(text).toContain('http://shop/9: wrong');
  expect(text).not.toContain('http://shop/10: wrong');
  expect(text).toContain('… and 2 more');
});

test('colour appears on a terminal unless NO_COLOR is set', () => {
  const terminal = { write: () => undefined, isTTY: true };
  expect(createPaint(terminal, {}).good('yes')).toBe('\u001b[32myes\u001b[0m');
  expect(createPaint(terminal, { NO_COLOR: '1' }).good('yes')).toBe('yes');
});
