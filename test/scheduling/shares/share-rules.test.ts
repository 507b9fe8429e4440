import { judgeReport, partOf, slotsFor } from '../../../src/scheduling/shares/share-rules';

const holder = (dividesBy: number, over: readonly string[] = []) => ({ dividesBy, over });
const report = (dividesBy: number, mayGrow = false) => ({ ...holder(dividesBy), mayGrow });

test.each([1, 2, 3, 5, 16, 17, 128])('the parts of up to 40 workers are never more than a limit of %d', (limit) => {
  for (let workers = 1; workers <= 40; workers++) {
    const part = partOf(limit, workers);
    expect(part * workers).toBeLessThanOrEqual(limit);
    if (workers <= limit) expect(part).toBeGreaterThan(0);
  }
});

test('a newcomer waits until all others divide by as many as there are with it', () => {
  expect(judgeReport(report(0), [holder(1)], [], false).dividesBy).toBe(0);
  expect(judgeReport(report(0), [holder(2, ['a'])], [], false)).toMatchObject({ dividesBy: 2, closed: new Set(['a']) });
});

test('a worker that was forgotten joins again', () => {
  expect(judgeReport(report(2), [], [], false).dividesBy).toBe(0);
});

test('a part grows only where leases leave room', () => {
  const leased = [{ resource: 'a', limit: 16, slots: 11 }];
  expect(judgeReport(report(4, true), [holder(4)], leased, true).dividesBy).toBe(4);
  expect(judgeReport(report(4, true), [holder(4)], [], true).dividesBy).toBe(2);
  expect(judgeReport(report(4), [holder(4)], [], true).dividesBy).toBe(4);
});

test('a wish gets what neither parts nor leases have taken, and those ahead come first', () => {
  const wish = { resource: 'a', limit: 2, held: 0, more: 5 };
  const workers = [holder(3), holder(3), holder(3)];
  expect(slotsFor(wish, workers, [])).toBe(2);
  expect(slotsFor(wish, workers, [{ slots: 1, isAhead: false }])).toBe(1);
  expect(slotsFor(wish, workers, [{ slots: 0, isAhead: true }])).toBe(1);
  expect(slotsFor(wish, workers, [{ slots: 2, isAhead: false }])).toBe(0);
});
