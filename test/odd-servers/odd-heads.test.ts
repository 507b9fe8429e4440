import type { FetchOutcome } from '../../src/jobs/fetch-outcome';
import { headerValue } from '../../src/http/header-value';
import { fetchOnce, openFetcher } from '../fetch/fetch-fixture';
import { ODD_HEADS } from './odd-heads';
import type { OddCase } from './odd-heads';
import { startOddServer } from './odd-server';
import type { OddServer } from './odd-server';

const THERE = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere';

const CUT = new Set(['INCOMPLETE_BODY', 'CONNECTION_CLOSED']);

const serverOf = ({ answer, then }: OddCase): Promise<OddServer> =>
  startOddServer((target) => (target === '/there' ? THERE : answer), then === undefined ? {} : { then });

function seenOf(outcome: FetchOutcome): OddCase['seen'] {
  if (outcome.kind === 'page') return [outcome.page.statusCode, outcome.page.body.toString('latin1')];
  if (outcome.kind !== 'unreachable') return outcome.kind;
  return CUT.has(outcome.code) ? 'CUT' : outcome.code;
}

describe.each(ODD_HEADS)('$name', (odd) => {
  test('GET', async () => {
    const server = await serverOf(odd);
    const outcome = await fetchOnce(openFetcher(), `http://127.0.0.1:${server.port}/`);
    expect(seenOf(outcome)).toEqual(odd.seen);
    const headers = outcome.kind === 'page' ? outcome.page.headers : [];
    for (const [name, value] of Object.entries(odd.headers ?? {})) expect(headerValue(headers, name)).toBe(value);
    expect(server.requests.filter((request) => request.startsWith('GET / ')).length).toBeLessThanOrEqual(2);
  });

  test('POST, once', async () => {
    const server = await serverOf(odd);
    const url = `http://127.0.0.1:${server.port}/`;
    const outcome = await fetchOnce(openFetcher(), url, { method: 'POST', body: 'a=1' });
    expect(seenOf(outcome)).toEqual(odd.seen);
    expect(server.requests.filter((request) => request.startsWith('POST '))).toHaveLength(1);
  });
});

test('a robots.txt in odd chunks is obeyed', async () => {
  const rules = 'User-agent: *\nDisallow: /private\n';
  const server = await startOddServer((target) =>
    target === '/robots.txt'
      ? `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${rules.length.toString(16)}  \r\n${rules}\r\n0\r\n\r\n`
      : THERE,
  );
  const robots = {
    isObeyed: () => true,
    onCrawlDelay: () => undefined,
    proxyFor: () => undefined,
    onProxyUsed: () => undefined,
  };
  const fetcher = openFetcher({ robots });
  const site = `http://127.0.0.1:${server.port}`;
  expect(seenOf(await fetchOnce(fetcher, `${site}/private`))).toBe('disallowed');
  expect(seenOf(await fetchOnce(fetcher, `${site}/public`))).toEqual([200, 'there']);
});
