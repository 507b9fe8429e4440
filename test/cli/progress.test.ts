import { progressBar, progressLine } from '../../src/cli/progress/progress-text';
import { summaryOf } from '../../src/cli/progress/summary';
import { ProgressTotals, durationText } from '../../src/cli/progress/totals';

const batch = (done: number, more: object = {}) => ({
  id: 'b',
  status: 'running' as const,
  counts: { total: 10_000, queued: 9_000 - done, running: 1_000, finished: done - 12, failed: 12, cancelled: 0 },
  ...more,
});

function totalsAfter10s(more: object = {}) {
  const totals = new ProgressTotals(10_000);
  totals.update(batch(1_000));
  totals.at(0);
  totals.update(batch(2_000, more));
  return totals.at(10_000);
}

test('rate and remaining time follow from the last seconds, unless the service says the time itself', () => {
  expect(totalsAfter10s()).toMatchObject({ done: 2_000, failed: 12, trying: 1_000, perSecond: 100, etaSeconds: 80 });
  expect(totalsAfter10s({ etaSeconds: 300 }).etaSeconds).toBe(300);
  expect(totalsAfter10s({ status: 'paused', pausedBecause: 'max_credits' })).toMatchObject({
    paused: 'paused: its credits are spent',
    etaSeconds: undefined,
  });
});

test.each([20, 30, 40, 60, 80, 200])('the bar fits a terminal of %i columns', (columns) => {
  for (const note of [undefined, 'connection lost, retrying']) {
    const bar = progressBar(totalsAfter10s(), columns, note);
    expect(bar.length).toBeLessThan(columns);
    expect(bar).toContain('20%');
  }
});

test('what room there is shows more', () => {
  expect(progressBar(totalsAfter10s(), 40)).toBe(' 20%  2,000/10,000  12 failed  100/s');
  expect(progressBar(totalsAfter10s(), 100)).toBe(
    '[######------------------------]  20%  2,000/10,000  12 failed  1m 20s left  100/s  1,000 trying',
  );
  expect(progressLine(totalsAfter10s())).toBe('2,000 of 10,000 done (12 failed), 1,000 trying, 100/s, 1m 20s left');
});

test.each([
  [0, '0s'],
  [59.6, '1m 00s'],
  [3_599, '59m 59s'],
  [7_260, '2h 01m'],
  [190_000, '2d 4h'],
])('%d s read %s', (seconds, text) => expect(durationText(seconds)).toBe(text));

test('the summary joins what several batches failed for', () => {
  const ended = (reason: string, failed: number) => ({
    ...batch(2_000),
    counts: { total: 10, queued: 0, running: 0, finished: 10 - failed, failed, cancelled: 0 },
    failuresByReason: { [reason]: failed },
    credits: 7,
  });
  expect(summaryOf([ended('forbidden_target', 1), ended('failed_due_to_timeout', 4)])).toBe(
    '15 of 20 finished, 5 failed (failed_due_to_timeout 4, forbidden_target 1), 14 credits',
  );
});
