import { limitReasons, limitedBy } from '../../src/jobs/limited-by';
import type { BatchFacts, HostOfBatch, LimitReason } from '../../src/jobs/limited-by';

const NOW = new Date('2026-03-02T09:30:00.000Z');
const inSeconds = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
const HOST: HostOfBatch = { host: 'shop.example', left: 10_000, concurrency: 16, intervalMs: 0, isPaceFull: false };
const OTHER: HostOfBatch = { ...HOST, host: 'other.example', left: 1_000 };
const LOAD = { inFlight: 200, limit: 400, isFull: false, isBacklogged: false };

/** A batch that nothing of ours limits. */
const FREE: BatchFacts = {
  ...{
    now: NOW,
    createdAt: inSeconds(-600),
    isRendered: false,
    isStarted: true,
    left: 12_000,
    inFlight: 200,
    waiting: 10,
  },
  workers: [{ hasBrowser: false, load: LOAD }],
  ...{ maxBrowserPages: 4, hosts: [HOST, OTHER], areAllHosts: false },
};

const CASES: readonly (readonly [reason: LimitReason, facts: Partial<BatchFacts>, sentence: string])[] = [
  [
    'paused',
    { pausedBecause: 'request', inFlight: 0 },
    'It is paused, and nothing new is fetched until it is resumed.',
  ],
  ['paused', { pausedBecause: 'request', inFlight: 1 }, '1 fetch is in flight and may end.'],
  ['max_credits', { pausedBecause: 'max_credits', maxCredits: 5_000 }, 'Its maxCredits of 5,000 are spent or promised'],
  ['no_worker', { workers: [] }, 'No worker is alive'],
  ['no_worker', { isStarted: false }, 'Temporal has not taken its workflow yet'],
  ['no_browser_worker', { isRendered: true }, 'no worker that is alive has one'],
  [
    'host_rests',
    { hosts: [{ ...HOST, restsUntil: inSeconds(65) }, OTHER] },
    'shop.example asked to be left alone, shop.example until 09:31:05 UTC; some 10,000 of the 12,000 URLs left are there.',
  ],
  [
    'host_pace',
    { hosts: [{ ...HOST, intervalMs: 200, isPaceFull: true }, OTHER] },
    'shop.example is asked at most 5 times a second; some 10,000 of the 12,000 URLs left are there.',
  ],
  ['host_pace', { hosts: [{ ...HOST, intervalMs: 2_000, isPaceFull: true }] }, 'at most 30 times a minute'],
  ['host_pace', { hosts: [{ ...HOST, isPaceFull: true }] }, 'no faster than its robots.txt wants'],
  [
    'per_host_limit',
    { areAllHosts: true, hosts: [HOST], inFlight: 16 },
    'on one host, shop.example, and 16 fetches may be in flight to one at a time (the limit of the installation).',
  ],
  [
    'per_host_limit',
    { areAllHosts: true, maxPerHost: 2, inFlight: 4 },
    'on 2 hosts, and 2 fetches may be in flight to one at a time (maxPerHost of the batch).',
  ],
  [
    'retry_delays',
    { left: 500, waiting: 480, inFlight: 3, nextTryAt: inSeconds(30) },
    '480 of the 500 URLs left failed before and wait for their next try; the next is due at 09:30:30 UTC.',
  ],
  ['retry_delays', { waiting: 1, inFlight: 0 }, '1 of the 12,000 URLs left'],
  ['key_concurrency', { key: { limit: 50, inFlight: 49 } }, 'The API key may have 50 fetches in flight, and has 49.'],
  [
    'commits',
    { workers: [{ hasBrowser: false, load: { ...LOAD, isBacklogged: true, isFull: true } }] },
    'wait for commits',
  ],
  [
    'slots',
    { workers: [{ hasBrowser: false, load: { ...LOAD, isFull: true } }] },
    'All 400 fetch slots of the worker are taken',
  ],
  [
    'slots',
    { isRendered: true, inFlight: 8, workers: [{ hasBrowser: true }, { hasBrowser: true }] },
    '2 browsers may load 8 at a time',
  ],
  ['target_speed', {}, "200 fetches are in flight, and none of our limits is reached: the targets' own speed decides."],
];

test.each(CASES)('%s: %j', (reason, facts, sentence) => {
  const found = limitedBy({ ...FREE, ...facts });
  expect(found?.reason).toBe(reason);
  expect(found?.sentence).toContain(sentence);
  expect(found?.sentence).toMatch(/^[A-Z0-9a-z][^\n]*\.$/);
});

test('every reason is said of some batch', () => {
  expect(new Set(CASES.map(([reason]) => reason))).toEqual(new Set(limitReasons));
});

test.each<[string, Partial<BatchFacts>]>([
  ['a host that rests but has few of the URLs left', { hosts: [HOST, { ...OTHER, restsUntil: inSeconds(60) }] }],
  ['a rest that is over', { hosts: [{ ...HOST, restsUntil: NOW }] }],
  ['hosts that are not all known', { areAllHosts: false, hosts: [HOST], inFlight: 16 }],
  ['a host that is not at its limit', { areAllHosts: true, hosts: [HOST], inFlight: 8 }],
  [
    'fewer URLs left than may be in flight',
    { areAllHosts: true, hosts: [{ ...HOST, left: 10 }], left: 10, waiting: 0, inFlight: 10 },
  ],
  [
    'one of two workers that is full',
    {
      workers: [
        { hasBrowser: false, load: LOAD },
        { hasBrowser: false, load: { ...LOAD, isFull: true } },
      ],
    },
  ],
  ['a key with room', { key: { limit: 1_000, inFlight: 200 } }],
])('%s does not limit a batch', (_what, facts) => {
  expect(limitedBy({ ...FREE, ...facts })?.reason).toBe('target_speed');
});

test('nothing is said of a batch of which nothing is known yet', () => {
  expect(limitedBy({ ...FREE, isStarted: false, createdAt: NOW, inFlight: 0, waiting: 0, hosts: [] })).toBeUndefined();
});
