import { remembered } from '../../src/jobs/tried-attempt';
import type { TriedAttempt } from '../../src/jobs/tried-attempt';

const tried = (statusCode: number): TriedAttempt => ({ kind: 'refused', statusCode, engine: 'http' });
const after = (statuses: readonly number[]) =>
  statuses.reduce<readonly TriedAttempt[]>((history, status) => remembered(history, tried(status)), []);
const statusesOf = (history: readonly TriedAttempt[]) => history.map(({ statusCode }) => statusCode);

test('the last 20 attempts are kept', () => {
  const history = after(Array.from({ length: 30 }, (_, index) => 500 + index));
  expect(statusesOf(history)).toEqual(Array.from({ length: 20 }, (_, index) => 510 + index));
});

test('a 402 and a 451 are kept however much comes after them', () => {
  const history = after([402, 451, ...Array.from({ length: 60 }, () => 500)]);
  expect(history).toHaveLength(20);
  expect(statusesOf(history).filter((status) => status !== 500)).toEqual([402, 451]);
});

test('a history from before that holds nothing else is bounded too', () => {
  expect(remembered(after(Array.from({ length: 25 }, () => 402)), tried(503)).at(-1)).toEqual(tried(503));
  expect(remembered(after(Array.from({ length: 25 }, () => 402)), tried(503))).toHaveLength(20);
});
