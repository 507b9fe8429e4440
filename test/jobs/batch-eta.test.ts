import { etaSeconds } from '../../src/jobs/batch-eta';
import type { Progress } from '../../src/jobs/batch-eta';

const minute = (text: string): Date => new Date(`2026-03-02T${text}:00Z`);
const running: Progress = {
  left: 600,
  minutes: [],
  createdAt: minute('09:00'),
  deadlineAt: minute('21:00'),
  now: new Date('2026-03-02T10:30:15Z'),
};
const before = { minute: minute('10:29'), finished: 50, failed: 30 };
const current = { minute: minute('10:30'), finished: 59, failed: 1 };

test.each<[string, Partial<Progress>, number | undefined]>([
  ['nothing ended in the last minute', { minutes: [{ ...before, minute: minute('10:28') }] }, undefined],
  ['everything has ended', { left: 0, minutes: [current] }, undefined],
  // 60 in this minute and three quarters of the 80 before: 120 a minute.
  ['the last minute tells its rate', { minutes: [before, current] }, 300],
  ['it is younger than a minute', { minutes: [current], createdAt: new Date('2026-03-02T10:30:05Z') }, 100],
  ['a URL waits longer than the rest takes', { minutes: [before, current], waitsUntil: minute('10:40') }, 585],
  ['it would take longer than its time', { minutes: [before, current], deadlineAt: minute('10:31') }, 45],
  ['its time is over', { minutes: [before, current], deadlineAt: minute('10:29') }, 1],
])('the remaining time of a batch when %s', (_name, progress, expected) => {
  expect(etaSeconds({ ...running, ...progress })).toBe(expected);
});
