import { presentResponse } from '../../src/pages/present-response';
import { streamPage } from '../../src/pages/stream-page';
import { fetchOnce, openFetcher } from '../fetch/fetch-fixture';
import { ODD_BODIES } from './odd-bodies';
import { startOddServer } from './odd-server';

const CUT = new Set(['INCOMPLETE_BODY', 'CONNECTION_CLOSED', 'ECONNRESET']);
const maxBytes = 1_000_000;

test.each(ODD_BODIES)('$name', async ({ headers, body, seen }) => {
  const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n${headers}\r\n`, 'latin1');
  const server = await startOddServer(() => Buffer.concat([head, body]));
  const fetcher = openFetcher();
  for (const method of ['GET', 'POST']) {
    const outcome = await fetchOnce(fetcher, `http://127.0.0.1:${server.port}/`, { method });
    if (outcome.kind !== 'page') {
      const code = outcome.kind === 'unreachable' ? outcome.code : outcome.kind;
      expect(CUT.has(code) ? 'CUT' : code).toBe(seen);
      expect(fetcher.bytesInFlight).toBe(0);
      continue;
    }
    // What the fetcher took for a page, clients get as one, at once and in parts.
    const { page } = outcome;
    const record = { targetUri: page.finalUrl, statusCode: 200, headers: page.headers, body: page.body };
    const presented = await presentResponse({ record, isBinaryTarget: false, withBody: true, maxBytes });
    expect(presented.body).toBe(seen);
    const parts = async function* () {
      for (let at = 0; at < page.body.length; at += 100) yield page.body.subarray(at, at + 100);
    };
    const streamed = await streamPage(
      { ...record, bodyBytes: page.body.length, body: parts },
      { isBinaryTarget: false, maxBytes },
    );
    let text = '';
    if (streamed.kind === 'page') for await (const part of streamed.text()) text += part;
    expect(text).toBe(seen);
    page.release();
  }
  expect(fetcher.bytesInFlight).toBe(0);
});
