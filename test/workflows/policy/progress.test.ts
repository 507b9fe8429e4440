import { NO_ENDS, jobsProgress, sumOf, sweepProgress } from '../../../src/workflows/policy/progress';

const atMs = Date.parse('2026-03-02T09:30:04.512Z');

test.each([
  [{ unfinished: 7 }, 0, '7 URLs are left.'],
  [{ unfinished: 7, isPaused: true }, 0, '7 URLs are left. The batch is paused.'],
  [
    { unfinished: 7, counts: { total: 500, finished: 480, failed: 12, cancelled: 1 }, nextAtMs: atMs + 30_000 },
    2,
    '493 of 500 URLs have ended: 480 finished, 12 failed, 1 cancelled. In lasting trouble, with a workflow of their own: 2. The next sweep is due at 2026-03-02T09:30:34Z.',
  ],
])('after a sweep that left %j', (rest, promoted, text) => {
  expect(sweepProgress(rest, { promoted, atMs, isLast: false })).toBe(`${text} As of 2026-03-02T09:30:04Z.`);
});

test('after the last sweep no other is promised', () => {
  const rest = { unfinished: 1, counts: { total: 2, finished: 1, failed: 0, cancelled: 0 }, nextAtMs: atMs + 1 };
  expect(sweepProgress(rest, { promoted: 1, atMs, isLast: true })).not.toContain('next sweep');
});

test('a workflow that has not told how it ended counts as ended, and as nothing else', () => {
  const counts = [{ finished: 1 }, undefined, { failed: 2, cancelled: 1 }].reduce(sumOf, NO_ENDS);
  expect(jobsProgress({ total: 5, ended: 3, counts })).toBe(
    '3 of 5 jobs have ended: 1 finished, 2 failed, 1 cancelled.',
  );
});
