import { hostOf } from '../../src/net/host-of';
import type { Trouble } from '../../src/jobs/fetch-outcome';
import type { Commit } from '../../src/pages/committer';
import { FetchPool } from '../../src/scheduling/fetch-pool';
import type { HostGate, HostListener } from '../../src/scheduling/pacing/host-gate';
import type { AttemptJob, AttemptResult } from '../../src/scraping/attempt-job';
import { ChunkSweep } from '../../src/scraping/chunk-sweep';
import type { OpenChunk, OpenMember } from '../../src/store/chunks';
import { batchMemberId, CHUNK_URLS, createBatchId } from '../../src/jobs/job-id';
import { fetchedPage } from '../pages/segments/page-fixture';

const firstFetches = { begin: () => () => undefined };
const reserveCredits = async () => undefined;
const batchId = createBatchId();
const second = batchMemberId(batchId, 1);

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

/** Runs all pending work that does not wait for a timer. */
const settled = () => jest.advanceTimersByTimeAsync(0);

const chunkOf = (members: readonly OpenMember[], chunk = 0): OpenChunk => ({
  ...{ batchId, chunk, apiKeyId: 'key', options: {}, createdAt: new Date(), prices: null, members },
  deadlineAt: new Date(Date.now() + 86_400_000),
});

const membersOf = (count: number): OpenMember[] =>
  Array.from({ length: count }, (_, place) => ({
    ...{ place, url: `https://host${place}.test/`, attempts: 0, strikes: 0 },
  }));

/** A fetch that the test ends. */
interface Fetch {
  readonly url: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly release: jest.Mock;
  page(): Promise<void>;
  trouble(trouble?: Trouble): Promise<void>;
}

const throttled = (retryAfterMs: number): Trouble => ({ kind: 'throttled', statusCode: 429, retryAfterMs });

/** Starts a sweep whose fetches and commits are controlled by the test. */
function startSweep(
  members: readonly OpenMember[],
  options: {
    readonly capacity?: number;
    readonly commit?: (commit: Commit) => Promise<boolean>;
    readonly chunks?: readonly OpenChunk[];
    readonly except?: readonly number[];
    readonly gate?: HostGate;
    readonly plainPool?: FetchPool;
  } = {},
) {
  const fetches: Fetch[] = [];
  const commits: Commit[] = [];
  const committer = {
    isBacklogged: false,
    hurry: jest.fn(),
    commit: async (commit: Commit) => {
      commits.push(commit);
      return options.commit?.(commit) ?? true;
    },
  };
  const attemptJob: AttemptJob = ({ url }, { attempt, signal, onStart }) =>
    new Promise((resolve, reject) => {
      const interrupted = new AbortController();
      onStart?.((reason) => interrupted.abort(reason));
      for (const each of [signal, interrupted.signal])
        each.addEventListener('abort', () => reject(each.reason as Error));
      const release = jest.fn();
      const end = (value: AttemptResult) => {
        resolve(value);
        return settled();
      };
      fetches.push({
        ...{ url, attempt, release, signal: AbortSignal.any([signal, interrupted.signal]) },
        page: () => end({ kind: 'page', page: fetchedPage({ release }), hasPassedChallenge: false }),
        trouble: (trouble = throttled(0)) =>
          end({ kind: 'trouble', trouble, tried: { kind: trouble.kind, engine: 'http' } }),
      });
    });
  const pool = new FetchPool({ capacity: options.capacity ?? 100, perHost: 100, gate: options.gate });
  const chunks = options.chunks ?? [chunkOf(members)];
  const { plainPool = pool } = options;
  const deps = { pool, plainPool, attemptJob, committer, firstFetches, reserveCredits };
  const sweep = new ChunkSweep(deps, chunks, new Set(options.except));
  let state: 'running' | 'resolved' | 'rejected' = 'running';
  let error: unknown;
  sweep.run().then(
    () => (state = 'resolved'),
    (reason: unknown) => {
      state = 'rejected';
      error = reason;
    },
  );
  const fetchOf = (place: number): Fetch => {
    const found = fetches.findLast(({ url }) => hostOf(url) === `host${place}.test`);
    if (found === undefined) throw new Error(`the URL at place ${place} was not fetched`);
    return found;
  };
  return {
    ...{ sweep, pool, fetches, fetchOf, commits, committer },
    state: () => state,
    error: () => error,
    rest: () => sweep.rest.map(({ place }) => place),
  };
}

test('resolves once every page is committed, and leaves no rest', async () => {
  const { state, rest, fetchOf, commits, pool, fetches } = startSweep(membersOf(3));
  expect(fetches).toHaveLength(3);
  await fetchOf(0).page();
  await fetchOf(2).page();
  expect(state()).toBe('running');
  await fetchOf(1).page();
  expect(state()).toBe('resolved');
  expect(rest()).toEqual([]);
  expect(commits.map((commit) => commit.kind)).toEqual(['end', 'end', 'end']);
  expect(commits[2]).toMatchObject({ end: { job: { id: second }, status: 'finished', attempts: 1 } });
  expect(fetches.map(({ release }) => release.mock.calls.length)).toEqual([1, 1, 1]);
  expect(pool.active).toBe(0);
});

test('a sweep without URLs resolves at once', async () => {
  const { state } = startSweep([]);
  await settled();
  expect(state()).toBe('resolved');
});

test('waits for the commit of what it has fetched', async () => {
  let finishCommit: ((isApplied: boolean) => void) | undefined;
  const commit = () => new Promise<boolean>((resolve) => (finishCommit = resolve));
  const { state, fetchOf, pool } = startSweep(membersOf(1), { commit });
  await fetchOf(0).page();
  expect(state()).toBe('running');
  expect(fetchOf(0).release).not.toHaveBeenCalled(); // its bytes still have to be written
  expect(pool.active).toBe(0); // the slot is needed for fetching only
  finishCommit?.(true);
  await settled();
  expect(state()).toBe('resolved');
  expect(fetchOf(0).release).toHaveBeenCalledTimes(1);
});

test('pages linger for others while something may still come, and no longer', async () => {
  let letGo: (isApplied: boolean) => void = () => undefined;
  const commit = () => new Promise<boolean>((resolve) => (letGo = resolve));
  const { fetchOf, committer } = startSweep(membersOf(2), { commit });
  await fetchOf(0).page();
  expect(committer.hurry).not.toHaveBeenCalled();
  await fetchOf(1).page();
  expect(committer.hurry).toHaveBeenCalled();
  letGo(true);
});

test('a drained sweep lets its pages linger no longer than its last fetch', async () => {
  const commit = () => new Promise<boolean>(() => undefined);
  const { sweep, fetchOf, fetches, committer } = startSweep(membersOf(3), { capacity: 1, commit });
  await fetchOf(0).page();
  sweep.drain();
  expect(committer.hurry).not.toHaveBeenCalled();
  await fetchOf(1).page();
  expect(committer.hurry).toHaveBeenCalled();
  expect(fetches).toHaveLength(2);
});

test('a fetch keeps its slot until it is committed while commits do not keep up', async () => {
  let finishCommit: ((isApplied: boolean) => void) | undefined;
  const commit = () => new Promise<boolean>((resolve) => (finishCommit = resolve));
  const { fetches, fetchOf, committer, pool } = startSweep(membersOf(2), { commit, capacity: 1 });
  committer.isBacklogged = true;
  await fetchOf(0).page();
  expect(pool.active).toBe(1);
  expect(fetches).toHaveLength(1);
  finishCommit?.(true);
  await settled();
  expect(fetches).toHaveLength(2);
});

test('a failure is fetched again by the same sweep when it comes due within the horizon', async () => {
  const { state, fetchOf, fetches, commits } = startSweep(membersOf(1));
  await fetchOf(0).trouble(throttled(10_000));
  expect(commits).toMatchObject([{ kind: 'attempt', attempt: { attempts: 1 } }]);
  await jest.advanceTimersByTimeAsync(9_900);
  expect(fetches).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(100);
  expect(fetchOf(0).attempt).toBe(2);
  await fetchOf(0).page();
  expect(state()).toBe('resolved');
  expect(commits[1]).toMatchObject({ kind: 'end', end: { status: 'finished', attempts: 2 } });
});

test('a failure that comes due after the horizon is left to the next sweep', async () => {
  const { state, sweep, fetchOf, fetches } = startSweep(membersOf(1));
  await fetchOf(0).trouble(throttled(60_000));
  expect(state()).toBe('resolved');
  expect(sweep.rest).toMatchObject([{ place: 0, attempts: 1, nextAttemptAtMs: Date.now() + 60_000 }]);
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect(fetches).toHaveLength(1);
});

test('the horizon begins when every URL has been tried', async () => {
  const { state, fetchOf, fetches } = startSweep(membersOf(2));
  await fetchOf(0).trouble(throttled(10_000));
  await jest.advanceTimersByTimeAsync(10_000);
  await fetchOf(0).trouble(throttled(10_000)); // URL 1 is still being tried, so there is no end yet
  await jest.advanceTimersByTimeAsync(8_000);
  await fetchOf(1).page();
  await jest.advanceTimersByTimeAsync(2_000);
  expect(fetches).toHaveLength(4);
  await fetchOf(0).trouble(throttled(14_000)); // its retry would be due 16 s after URL 1 was tried
  expect(state()).toBe('resolved');
});

test('a URL that has failed before is not fetched before its time', async () => {
  const nextAttemptAt = new Date(Date.now() + 5_000);
  const late = new Date(Date.now() + 60_000);
  const [first, later] = membersOf(2);
  const { state, fetches, rest } = startSweep([
    { ...first!, attempts: 3, nextAttemptAt },
    { ...later!, attempts: 4, nextAttemptAt: late },
  ]);
  expect(fetches).toEqual([]);
  await jest.advanceTimersByTimeAsync(5_000);
  expect(fetches).toMatchObject([{ attempt: 4 }]);
  await fetches[0]?.page();
  expect(state()).toBe('resolved');
  expect(rest()).toEqual([1]);
});

test('three strikes end a URL, and the strikes are counted across attempts', async () => {
  const { state, fetchOf, commits } = startSweep(membersOf(1));
  for (const _ of [1, 2, 3]) {
    await fetchOf(0).trouble({ kind: 'too-large', limitBytes: 1 });
    await jest.advanceTimersByTimeAsync(10_000);
  }
  expect(state()).toBe('resolved');
  expect(commits.map((commit) => commit.kind)).toEqual(['attempt', 'attempt', 'end']);
  expect(commits[2]).toMatchObject({ end: { status: 'failed', attempts: 3, failReason: 'response_too_large' } });
});

test('a drained sweep commits what is in flight and starts nothing more', async () => {
  const { state, sweep, fetchOf, fetches, commits, rest } = startSweep(membersOf(4), { capacity: 2 });
  await fetchOf(0).trouble(throttled(5_000)); // it waits for its retry, so place 2 gets the slot
  expect(fetches).toHaveLength(3);
  sweep.drain();
  expect(jest.getTimerCount()).toBe(0);
  expect(state()).toBe('running');
  await fetchOf(1).page();
  await fetchOf(2).trouble(throttled(1_000));
  expect(state()).toBe('resolved');
  await jest.advanceTimersByTimeAsync(60_000);
  expect(fetches).toHaveLength(3);
  expect(commits).toHaveLength(3);
  expect(rest()).toEqual([0, 2, 3]);
});

test('a sweep that is drained before it runs resolves without a fetch', async () => {
  const attemptJob = jest.fn();
  const pool = new FetchPool({ capacity: 1, perHost: 1 });
  const committer = { isBacklogged: false, hurry: jest.fn(), commit: jest.fn() };
  const sweep = new ChunkSweep({ pool, attemptJob, committer, firstFetches, reserveCredits }, [chunkOf(membersOf(2))]);
  sweep.drain();
  await sweep.run();
  expect(attemptJob).not.toHaveBeenCalled();
  expect(sweep.rest).toHaveLength(2);
});

test('a stopped sweep aborts every fetch and rejects with the reason', async () => {
  const { sweep, state, error, fetches, pool, commits } = startSweep(membersOf(3), { capacity: 2 });
  const reason = new Error('cancelled');
  sweep.stop(reason);
  await settled();
  expect(state()).toBe('rejected');
  expect(error()).toBe(reason);
  expect(fetches.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  expect(commits).toEqual([]);
  expect(pool.active).toBe(0);
});

test('a cancelled URL is aborted and not fetched again, and the others go on', async () => {
  const { sweep, state, rest, fetchOf, fetches, commits } = startSweep(membersOf(3));
  sweep.forget(1);
  sweep.forget(99); // no URL of this sweep has that place
  await settled();
  expect(fetchOf(1).signal.aborted).toBe(true);
  expect(fetchOf(0).signal.aborted).toBe(false);
  await fetchOf(0).page();
  await fetchOf(2).page();
  expect(state()).toBe('resolved');
  expect(rest()).toEqual([]);
  expect(fetches).toHaveLength(3);
  expect(commits).toHaveLength(2);
});

test('a URL that is cancelled while it waits is never fetched', async () => {
  const { sweep, state, fetchOf, fetches } = startSweep(membersOf(3), { capacity: 1 });
  await fetchOf(0).trouble(throttled(5_000));
  sweep.forget(0);
  sweep.forget(2); // it waits for a slot
  await fetchOf(1).page();
  await jest.advanceTimersByTimeAsync(5_000);
  expect(state()).toBe('resolved');
  expect(fetches).toHaveLength(2);
});

test('a URL whose job was ended by somebody else is not fetched again', async () => {
  const { state, rest, fetchOf } = startSweep(membersOf(1), { commit: async () => false });
  await fetchOf(0).trouble(throttled(1_000));
  expect(state()).toBe('resolved');
  expect(rest()).toEqual([]);
});

test('a commit that fails rejects the sweep and aborts the other fetches, and every page gives its memory back', async () => {
  const broken = new Error('no space left');
  const { state, error, fetchOf, fetches, pool } = startSweep(membersOf(2), { commit: () => Promise.reject(broken) });
  await fetchOf(0).page();
  expect(state()).toBe('rejected');
  expect(error()).toBe(broken);
  expect(fetchOf(0).release).toHaveBeenCalledTimes(1);
  expect(fetchOf(1).signal.aborted).toBe(true);
  await settled();
  expect(fetches).toHaveLength(2);
  expect(pool.active).toBe(0);
});

test('a URL that cannot wait for its host is left to the next sweep', async () => {
  const gate = {
    ...{ mayStart: () => true, start: () => undefined, listen: () => undefined },
    delayOf: (host: string) =>
      host === 'host1.test' ? { waitMs: 90_000, reason: 'resting' as const, intervalMs: 0 } : undefined,
  };
  const pool = new FetchPool({ capacity: 9, perHost: 9, gate });
  const attemptJob: AttemptJob = async () => ({ kind: 'page', page: fetchedPage(), hasPassedChallenge: false });
  const committer = { isBacklogged: false, hurry: jest.fn(), commit: async () => true };
  const sweep = new ChunkSweep({ pool, attemptJob, committer, firstFetches, reserveCredits }, [chunkOf(membersOf(2))]);
  await sweep.run();
  expect(sweep.rest).toMatchObject([{ place: 1, attempts: 0, nextAttemptAtMs: Date.now() + 90_000 }]);
});

test('a URL that is set aside while it waits counts as tried', async () => {
  let listener: HostListener | undefined;
  const gate: HostGate = {
    mayStart: (host) => host !== 'host1.test',
    start: () => undefined,
    delayOf: () => undefined,
    listen: (each) => (listener = each),
  };
  const { fetchOf, state, rest } = startSweep(membersOf(2), { gate });
  listener?.onShut('host1.test', { waitMs: 90_000, reason: 'resting', intervalMs: 0 });
  await fetchOf(0).trouble(throttled(10_000)); // the first try of the last URL, so the horizon begins
  await jest.advanceTimersByTimeAsync(10_000);
  await fetchOf(0).trouble(throttled(10_000));
  expect(state()).toBe('resolved');
  expect(rest()).toEqual([0, 1]);
});

describe('over several chunks', () => {
  const last = CHUNK_URLS; // the first place of the second chunk
  const chunks = () => [
    chunkOf(membersOf(2), 6),
    chunkOf([{ place: 0, url: 'https://last.test/', attempts: 0, strikes: 0 }], 7),
  ];

  test('fetches the URLs of all, each as the job that it is', async () => {
    const { fetches, commits, state, pool } = startSweep([], { chunks: chunks() });
    expect(fetches).toHaveLength(3);
    for (const fetch of fetches) await fetch.page();
    expect(state()).toBe('resolved');
    expect(pool.active).toBe(0);
    expect(commits).toMatchObject(
      [6 * CHUNK_URLS, 6 * CHUNK_URLS + 1, 7 * CHUNK_URLS].map((index) => ({
        end: { job: { id: batchMemberId(batchId, index), chunkNumber: Math.floor(index / CHUNK_URLS) } },
      })),
    );
  });

  test('counts places from the first', async () => {
    const { fetches, rest, sweep, state } = startSweep([], { chunks: chunks(), except: [1] });
    expect(fetches).toHaveLength(2);
    expect(rest()).toEqual([0, last]);
    sweep.forget(last);
    await fetches[0]?.trouble(throttled(60_000));
    expect(state()).toBe('resolved');
    expect(rest()).toEqual([0]);
  });
});

test('URLs that need no browser do not take the slots of those that do', async () => {
  const plainPool = new FetchPool({ capacity: 100, perHost: 100 });
  const members = membersOf(4).map((each) =>
    each.place < 2 ? { ...each, options: { apiParams: { render: true } } } : each,
  );
  const { fetches, fetchOf, pool, state, sweep } = startSweep(members, { capacity: 1, plainPool });
  expect(fetches.map(({ url }) => hostOf(url))).toEqual(['host0.test', 'host2.test', 'host3.test']);
  expect([pool.active, plainPool.active]).toEqual([1, 2]);
  await fetchOf(0).page();
  await fetchOf(2).page();
  sweep.drain();
  expect(fetches).toHaveLength(4);
  await fetchOf(1).page();
  await fetchOf(3).page();
  expect(state()).toBe('resolved');
  expect([pool.active, plainPool.active]).toEqual([0, 0]);
});

test('refuses to sweep nothing', () => {
  const deps = { pool: new FetchPool({ capacity: 1, perHost: 1 }), attemptJob: jest.fn() };
  const committer = { isBacklogged: false, hurry: jest.fn(), commit: jest.fn() };
  expect(() => new ChunkSweep({ ...deps, committer, firstFetches, reserveCredits }, [])).toThrow('at least one chunk');
});
