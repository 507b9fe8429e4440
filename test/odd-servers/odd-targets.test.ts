import { fetchOnce, openFetcher } from '../fetch/fetch-fixture';
import { credentialsOf, exchange, openEgress } from '../fetch/egress/egress-fixture';
import { nextRequest } from '../../src/fetch/next-request';
import { startOddServer } from './odd-server';
import type { OddServer } from './odd-server';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage';
const targetsOf = ({ requests }: OddServer): readonly string[] => requests.map((text) => text.split(' ', 2)[1] ?? '');

/** Written → what stands in the request line, by the URL Standard (§4.4, §4.5; the percent-encode sets of §1.3). */
const TARGETS: readonly (readonly [written: string, sent: string])[] = [
  ['', '/'],
  ['/', '/'],
  ['/p?', '/p?'],
  ['?', '/?'],
  ['/p?#', '/p?'],
  ['/p#', '/p'],
  ['/p#?', '/p'],
  ['/p?q#f', '/p?q'],
  ['?q', '/?q'],
  ['/p??', '/p??'],
  ['/a^b', '/a%5Eb'],
  ['/p?a^b', '/p?a^b'],
  ['/a|b', '/a|b'],
  ['/a{b}', '/a%7Bb%7D'],
  ['/p?a={b}|c', '/p?a={b}|c'],
  ['/a"b<c>d`e', '/a%22b%3Cc%3Ed%60e'],
  ["/a'b?c'd", "/a'b?c%27d"],
  ['/p?"<>`', '/p?%22%3C%3E`'],
  ['/a%zz%', '/a%zz%'],
  ['/a%2fb%5E', '/a%2fb%5E'],
  ['//a//b', '//a//b'],
  ['/a/../b/./c', '/b/c'],
  ['/a/%2e%2e/b', '/b'],
  ['/a\\b', '/a/b'],
  ['/p?a\\b', '/p?a\\b'],
  ['/a\tb\nc', '/abc'],
  ['/a b', '/a%20b'],
  ['/p?a b+c', '/p?a%20b+c'],
  ['/a[b]@:!$&()*+,;=~-._', '/a[b]@:!$&()*+,;=~-._'],
  ['/caf\u00e9', '/caf%C3%A9'],
  ['/p?caf\u00e9', '/p?caf%C3%A9'],
  ['/\u4e2d', '/%E4%B8%AD'],
]; // prettier-ignore

describe.each(TARGETS)('%j', (written, sent) => {
  test('goes out as the URL Standard writes it, for a GET, a POST, a retry and behind a redirect', async () => {
    const server = await startOddServer((target) =>
      target === '/from'
        ? `HTTP/1.1 302 Found\r\nLocation: ${latin1(`http://127.0.0.1:${server.port}${written}`)}\r\n\r\n`
        : OK,
    );
    const site = `http://127.0.0.1:${server.port}`;
    const fetcher = openFetcher();
    await fetchOnce(fetcher, site + written);
    await fetchOnce(fetcher, site + written, { method: 'POST' });
    // A line break would end the header.
    if (!/\n/.test(written)) await fetchOnce(fetcher, `${site}/from`);
    expect(targetsOf(server).filter((target) => target !== '/from')).toEqual(
      Array<string>(/\n/.test(written) ? 2 : 3).fill(sent),
    );
  });

  test('goes through the egress proxy as it is', async () => {
    const server = await startOddServer(() => OK);
    const address = (await openEgress()).addressFor(undefined);
    const url = `http://127.0.0.1:${server.port}${sent}`;
    await exchange(address, `GET ${url} HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}Connection: close\r\n\r\n`);
    expect(targetsOf(server)).toEqual([sent]);
  });
});

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Bytes of a Location → the target that the next request asks for. */
const LOCATIONS: readonly (readonly [what: string, bytes: Buffer, sent: string])[] = [
  ['ISO-8859-1', Buffer.from('/caf\xe9', 'latin1'), '/caf%E9'],
  ['windows-1251', Buffer.from([0x2f, 0xef, 0xf0, 0xe8]), '/%EF%F0%E8'],
  ['GBK', Buffer.from([0x2f, 0xd6, 0xd0, 0xce, 0xc4]), '/%D6%D0%CE%C4'],
  ['GBK with an ASCII trail byte', Buffer.from([0x2f, 0x81, 0x5c, 0x81, 0x40]), '/%81/%81@'],
  ['Shift_JIS', Buffer.from([0x2f, 0x93, 0xfa, 0x96, 0x7b]), '/%93%FA%96%7B'],
  ['EUC-KR', Buffer.from([0x2f, 0xc7, 0xd1]), '/%C7%D1'],
  ['UTF-8', Buffer.from('/caf\u00e9'), '/caf%C3%A9'],
  ['UTF-8 and others', Buffer.from('/\xc3\xa9\xe9', 'latin1'), '/%C3%A9%E9'],
  ['ISO-8859-1 in the query', Buffer.from('/p?q=caf\xe9', 'latin1'), '/p?q=caf%E9'],
  ['C1 controls', Buffer.from('/\x80\x9f\xff', 'latin1'), '/%80%9F%FF'],
  ['a relative path', Buffer.from('d\xe9j\xe0/vu', 'latin1'), '/d%E9j%E0/vu'],
  ['an absolute path without scheme', Buffer.from('//127.0.0.1:/\xe9', 'latin1'), '/%E9'],
  ['blanks around', Buffer.from('  /caf\xe9 ', 'latin1'), '/caf%E9'],
];

test.each(LOCATIONS)('a Location in %s is asked for with its own bytes', async (what, bytes, sent) => {
  const server = await startOddServer((target) =>
    target === '/from'
      ? Buffer.concat([
          Buffer.from('HTTP/1.1 302 Found\r\nLocation: '),
          withPort(bytes, server.port),
          Buffer.from('\r\n\r\n'),
        ])
      : OK,
  );
  for (const method of ['GET', 'POST']) {
    const outcome = await fetchOnce(openFetcher(), `http://127.0.0.1:${server.port}/from`, { method });
    expect(outcome).toMatchObject({ kind: 'page', page: { finalUrl: `http://127.0.0.1:${server.port}${sent}` } });
  }
  expect(targetsOf(server)).toEqual(['/from', sent, '/from', sent]);
  expect(what).not.toBe('');
});

const withPort = (bytes: Buffer, port: number): Buffer =>
  Buffer.from(bytes.toString('latin1').replace('127.0.0.1:', `127.0.0.1:${port}`), 'latin1');

test('a host in UTF-8 is read as such, and one in other bytes is none', () => {
  const next = (location: string) =>
    nextRequest(
      { url: new URL('http://a.test/'), method: 'GET', callerHeaders: [], body: undefined, authorization: undefined },
      302,
      location,
    )?.url.href;
  expect(next(latin1('http://b\u00fccher.test/'))).toBe('http://xn--bcher-kva.test/');
  expect(next('http://b\xfccher.test/')).toBeUndefined();
});
