import type { FetchOutcome } from '../../../src/jobs/fetch-outcome';
import { proxyVerdictOf } from '../../../src/fetch/proxies/proxy-pool';

test.each<[FetchOutcome, string | undefined]>([
  [{ kind: 'too-large', limitBytes: 1 }, 'good'],
  [{ kind: 'blocked', statusCode: 200, vendor: 'v', signal: 's' }, 'bad'],
  [{ kind: 'throttled', statusCode: 429 }, 'bad'],
  [{ kind: 'unsuccessful', statusCode: 200, rule: 'r' }, 'bad'],
  [{ kind: 'refused', statusCode: 403 }, 'bad'],
  [{ kind: 'refused', statusCode: 500 }, undefined],
  [{ kind: 'unreachable', code: 'ECONNRESET' }, 'silent'],
  [{ kind: 'unreachable', code: 'ATTEMPT_TIMEOUT' }, 'silent'],
  [{ kind: 'unreachable', code: 'PROXY_REFUSED' }, 'silent'],
  [{ kind: 'unreachable', code: 'PROXY_UNREACHABLE' }, 'dead'],
  [{ kind: 'unreachable', code: 'PROXY_PROTOCOL' }, 'dead'],
  [{ kind: 'unreachable', code: 'PROXY_AUTH_FAILED' }, 'locked-out'],
  [{ kind: 'unreachable', code: 'FETCHER_CLOSED' }, undefined],
  [{ kind: 'too-many-redirects', hops: 3 }, undefined],
  [{ kind: 'unconvertible', reason: 'r' }, undefined],
  [{ kind: 'forbidden', host: 'h', reason: 'r' }, undefined],
  [{ kind: 'disallowed', host: 'h' }, undefined],
])('%j is %s for its proxy', (outcome, verdict) => {
  expect(proxyVerdictOf(outcome)).toBe(verdict);
});

test('a page is good for its proxy', () => {
  const head = { finalUrl: 'http://h.test/', statusCode: 200, statusText: 'OK', headers: [], fetchedAt: '' };
  const page = { ...head, body: Buffer.alloc(0), release: () => undefined };
  expect(proxyVerdictOf({ kind: 'page', page })).toBe('good');
});
