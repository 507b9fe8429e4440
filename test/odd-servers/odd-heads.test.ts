import type { FetchOutcome } from '../../src/contracts/fetch-outcome';
import { headerValue } from '../../src/fetch/header-value';
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
