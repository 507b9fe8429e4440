import type { FetchOutcome, FetchRequest } from '../../src/jobs/fetch-outcome';
import { createFetchForAttempt, triedAttempt } from '../../src/fetch/create-fetch-for-attempt';
import type { FetchForAttemptOptions } from '../../src/fetch/create-fetch-for-attempt';
import { createSessionCookies } from '../../src/fetch/cookie-jar';
import type { FetchOptions } from '../../src/fetch/create-fetcher';
import { parseProxies } from '../../src/fetch/proxies/parse-proxies';
import { ProxyPool } from '../../src/fetch/proxies/proxy-pool';
import { requestOf } from './request-of';

const PAGE: FetchOutcome = { kind: 'refused', statusCode: 500 };
const wish = { isRendered: false, tier: 'standard', isSession: false } as const;
const options = (changes: Partial<FetchForAttemptOptions> = {}): FetchForAttemptOptions => ({
  ...{ attempt: 1, history: [], wish, signal: new AbortController().signal },
  ...changes,
});

function attempts(list: string, outcomes: readonly FetchOutcome[] = []) {
  const routes: FetchOptions['route'][] = [];
  const fetchPage = async (_request: FetchRequest, { route }: FetchOptions) => {
    routes.push(route);
    return outcomes[routes.length - 1] ?? PAGE;
  };
  const proxies = new ProxyPool(parseProxies(list));
  return { routes, fetchForAttempt: createFetchForAttempt({ fetchPage, canImpersonate: false, proxies }) };
}

test('what was paid for is not fetched from our own address when its proxies are gone', async () => {
  const { routes, fetchForAttempt } = attempts('http://a.example:1');
  const premium = await fetchForAttempt(
    requestOf('http://x.example/'),
    options({ wish: { ...wish, tier: 'premium' } }),
  );
  expect(premium.outcome).toEqual({ kind: 'unreachable', code: 'NO_PROXY' });
  const there = await fetchForAttempt({ ...requestOf('http://x.example/'), country: 'de' }, options());
  expect(there.outcome).toEqual({ kind: 'unreachable', code: 'NO_PROXY' });
  expect(routes).toEqual([]);
});

test('attempts that begin a session side by side come to the same proxy', async () => {
  const { routes, fetchForAttempt } = attempts('http://a.example:1\nhttp://b.example:2\nhttp://c.example:3');
  const session = { cookies: createSessionCookies(undefined), proxyId: undefined, seed: 0.5 };
  await Promise.all(
    Array.from({ length: 8 }, () => fetchForAttempt(requestOf('http://x.example/'), options({ session }))),
  );
  expect(new Set(routes.map((route) => route?.proxy?.id)).size).toBe(1);
});

test('a session stays with its proxy, and after a block everything else goes elsewhere', async () => {
  const blocked: FetchOutcome = { kind: 'blocked', statusCode: 403, vendor: 'cloudflare', signal: 'cf-mitigated' };
  const { routes, fetchForAttempt } = attempts('http://a.example:1\nhttp://b.example:2', [blocked]);
  const first = await fetchForAttempt(requestOf('http://x.example/'), options());
  const tried = triedAttempt(blocked, first);
  expect(tried).toEqual({
    ...{ kind: 'blocked', statusCode: 403, vendor: 'cloudflare' },
    engine: 'http',
    tier: 'standard',
    proxy: first.proxy?.id,
  });
  await fetchForAttempt(requestOf('http://x.example/'), options({ attempt: 2, history: [tried] }));
  expect(routes[1]?.proxy?.id).not.toBe(routes[0]?.proxy?.id);
  const session = { cookies: createSessionCookies(undefined), proxyId: first.proxy?.id, seed: 0 };
  const inSession = { attempt: 2, history: [tried], session, wish: { ...wish, isSession: true } };
  await fetchForAttempt(requestOf('http://x.example/'), options(inSession));
  expect(routes[2]?.proxy?.id).toBe(first.proxy?.id);
});

test('the entry `direct` is the own address, as one way out among others', async () => {
  const { routes, fetchForAttempt } = attempts('direct');
  const { proxy } = await fetchForAttempt(requestOf('http://x.example/'), options());
  expect([proxy?.id, routes[0]?.proxy]).toEqual(['direct', undefined]);
});
