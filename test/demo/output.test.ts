import type { BatchCounts } from '../../src/demo/api-client';
import { createProgress, progressLine } from '../../src/demo/output';

const counts = (finished: number, running: number): BatchCounts => ({
  total: 300,
  queued: 300 - finished - running,
  running,
  finished,
  failed: 0,
  cancelled: 0,
});

test('the line tells pages done, in work and failed, rate and time', () => {
  const line = progressLine(counts(150, 16), { elapsedMs: 2_340, pagesPerSecond: 64.2, columns: 120 });
  expect(line).toBe(
    `${'█'.repeat(15)}${'░'.repeat(15)} 150/300 done · 16 in flight or retrying · 0 failed · 64 pages/s · 2.3 s`,
  );
});

test('the bar is full only when nothing is left', () => {
  const bar = (finished: number) =>
    progressLine(counts(finished, 0), { elapsedMs: 1, pagesPerSecond: 1, columns: 120 });
  expect(bar(299)).toContain('░');
  expect(bar(300)).not.toContain('░');
});

test.each([120, 90, 80, 60, 20])('the line is at most %i columns wide', (columns) => {
  expect(
    progressLine(counts(299, 1), { elapsedMs: 99_999, pagesPerSecond: 5_000, columns }).length,
  ).toBeLessThanOrEqual(columns);
});

test('a terminal is redrawn in place', () => {
  const written: string[] = [];
  const progress = createProgress({ write: (text) => written.push(text), isTTY: true, columns: 100 });
  progress.update(counts(0, 16), 0);
  progress.update(counts(50, 16), 500);
  progress.end();
  expect(written).toHaveLength(3);
  expect(written[1]?.startsWith('\r\u001b[2K  █')).toBe(true);
  expect(written[1]).toMatch(/50\/300 done .* 100 pages\/s/);
  expect(written[2]).toBe('\n');
});

test('a pipe gets a line every two seconds and the last one', () => {
  const written: string[] = [];
  const progress = createProgress({ write: (text) => written.push(text) });
  for (let elapsedMs = 0; elapsedMs <= 4_250; elapsedMs += 250) progress.update(counts(elapsedMs / 25, 16), elapsedMs);
  progress.end();
  expect(written.map((line) => /(\d+)\/300/.exec(line)?.[1])).toEqual(['0', '80', '160', '170']);
  expect(written.every((line) => line.endsWith('\n') && !line.includes('\u001b'))).toBe(true);
});

test('nothing is written when there was nothing to show', () => {
  const written: string[] = [];
  createProgress({ write: (text) => written.push(text) }).end();
  expect(written).toEqual([]);
});
