import fc from 'fast-check';
import { parseProxies, ProxyListError } from '../../../src/fetch/proxies/parse-proxies';
import type { Proxy } from '../../../src/fetch/proxies/proxy';

const problemsOf = (text: string): readonly string[] => {
  try {
    parseProxies(text);
  } catch (error) {
    if (error instanceof ProxyListError) return error.problems;
    throw error;
  }
  return [];
};

const plain: Proxy = {
  id: 'http://proxy.test:8080',
  kind: 'http',
  host: 'proxy.test',
  port: 8080,
  username: undefined,
  password: undefined,
  tier: 'standard',
  country: undefined,
  weight: 1,
};

test('a list has a proxy per line or comma, options behind it, comments and empty lines', () => {
  const list = [
    '\uFEFF# our proxies',
    '',
    'http://proxy.test:8080',
    '   https://user:pass@[2001:DB8::1]:3129/  tier=premium country=DE weight=2.5   # from May on',
    'socks5://10.0.0.1, socks5h://Proxy.Test:9050 country=uk,direct tier=ultra_premium',
  ].join('\r\n');
  expect(parseProxies(list)).toEqual([
    plain,
    {
      ...plain,
      id: 'https://[2001:db8::1]:3129',
      kind: 'https',
      host: '2001:db8::1',
      port: 3129,
      username: 'user',
      password: 'pass',
      tier: 'premium',
      country: 'de',
      weight: 2.5,
    },
    { ...plain, id: 'socks5://10.0.0.1:1080', kind: 'socks5', host: '10.0.0.1', port: 1080 },
    { ...plain, id: 'socks5://proxy.test:9050', kind: 'socks5', port: 9050, country: 'gb' },
    { ...plain, id: 'direct', kind: 'direct', host: '', port: 0, tier: 'ultra_premium' },
  ]);
});

test('a JSON array says the same', () => {
  const list = [
    { url: 'http://proxy.test:8080' },
    { url: 'http://b.test', tier: 'premium', country: 'eu', weight: 0.5 },
  ];
  expect(parseProxies(JSON.stringify(list, undefined, 2))).toEqual([
    plain,
    { ...plain, id: 'http://b.test:80', host: 'b.test', port: 80, tier: 'premium', country: 'eu', weight: 0.5 },
  ]);
});

test.each(['', '  \n# nothing\n,, ,', '[]', ' [ ] '])('%j is an empty list', (text) => {
  expect(parseProxies(text)).toEqual([]);
});

test.each([
  ['http://us%3aer:p@a.test', undefined],
  ['http://user@a.test', ['user', undefined]],
  ['http://user:@a.test', ['user', '']],
  ['http://:key@a.test', ['', 'key']],
  ['http://@a.test', [undefined, undefined]],
  ['http://user:p%40ss%3A%25%2C%20w%C3%A9@a.test', ['user', 'p@ss:%, wé']],
  ['http://user:p@ss:w/?@a.test', ['user', 'p@ss:w/?']],
  ['socks5://us%3Aer:p@a.test', ['us:er', 'p']],
  ['http://customer-x-country-de;session-1:p@a.test', ['customer-x-country-de;session-1', 'p']],
])('the credentials of %s are decoded', (url, credentials) => {
  if (credentials === undefined) return expect(problemsOf(url)[0]).toMatch(/colon/);
  const [proxy] = parseProxies(url);
  expect([proxy?.username, proxy?.password]).toEqual(credentials);
});

test('users of one address have ids of their own, in which nothing of them shows', () => {
  const list = ['a-session-1:x@', 'a-session-2:x@', '', 'a-session-3:x@'].map((user) => `http://${user}gate.test:7777`);
  expect(parseProxies(list.join('\n')).map(({ id }) => id)).toEqual([
    'http://gate.test:7777',
    'http://gate.test:7777#2',
    'http://gate.test:7777#3',
    'http://gate.test:7777#4',
  ]);
});

test('every problem is named with its place, and no text of the list', () => {
  const list = [
    'http://secret:word@a.test',
    'ftp://secret:word@a.test',
    'secret:word',
    'http://secret:wo rd@a.test:1',
    'http://secret:wo,rd@a.test:2',
    'http://secret:word%@a.test:3',
    'http://a.test:70000',
    'http://a.test:0',
    'http://secret:word@a.test/path',
    'http://a b',
    'http://secret:other-word@a.test',
    'http://b.test tier=secret country=word weight=secret',
    'http://c.test tier=premium tier=premium weight=1001',
    `socks5://${'secret'.repeat(50)}:word@a.test`,
    'direct direct',
  ].join('\n');
  expect(problemsOf(list)).toEqual([
    'line 2 must begin with one of http, https, socks5, socks5h, and ://',
    'line 3 is not a URL of a proxy, nor "direct"',
    'line 4 has something besides tier, country, weight behind its URL',
    'line 4 has no valid host and port',
    'line 5, entry 1, has no valid host and port',
    'line 5, entry 2, is not a URL of a proxy, nor "direct"',
    'line 6 has a user name or password that is not percent-encoded',
    'line 7 has a port that is not within 1 and 65535',
    'line 8 has a port that is not within 1 and 65535',
    'line 9 has no valid host and port',
    'line 10 has something besides tier, country, weight behind its URL',
    'line 11 is the same proxy with the same user name as line 1',
    'line 12 has a tier that is not one of standard, premium, ultra_premium',
    'line 12 has a country that is not a code of two letters',
    'line 12 has a weight that is not a number above 0 and up to 1000',
    'line 13 has tier twice',
    'line 13 has a weight that is not a number above 0 and up to 1000',
    'line 14 has a user name or password of over 255 bytes',
    'line 15 has something besides tier, country, weight behind its URL',
  ]);
});

test('problems of a JSON array are named as well', () => {
  const list = [
    { url: 'http://a.test', password: 'secret' },
    { url: 7 },
    'http://secret@a.test',
    null,
    { url: 'http://b.test', tier: 3, country: 'deu', weight: 0 },
    { url: 'http://c.test', weight: true },
  ];
  expect(problemsOf(JSON.stringify(list))).toEqual([
    'entry 1 has something besides tier, country, weight behind its URL',
    'entry 2 is not a URL of a proxy, nor "direct"',
    'entry 3 is not a URL of a proxy, nor "direct"',
    'entry 4 is not a URL of a proxy, nor "direct"',
    'entry 5 has a tier that is not one of standard, premium, ultra_premium',
    'entry 5 has a country that is not a code of two letters',
    'entry 5 has a weight that is not a number above 0 and up to 1000',
    'entry 6 has a weight that is not a number above 0 and up to 1000',
  ]);
  for (const text of ['[{"url": "http://secret:word@a.test"', '[1}', '["secret"'])
    expect(problemsOf(text)).toEqual(['it begins like JSON and is not a valid array']);
});

test('a message stays readable however long the list of problems is', () => {
  const list = Array<string>(5_000).fill('?').join('\n');
  expect(problemsOf(list)).toHaveLength(5_000);
  expect(() => parseProxies(list)).toThrow(/^the list of proxies is not usable: line 1 .*; and 4900 more$/);
  expect(problemsOf(`${list}\n?`)).toEqual(['it has more than 5000 entries']);
});

const secret = fc
  .string({ unit: fc.constantFrom(...'Zq9ß@:/#, %?=[]{}"\\\n\t'), minLength: 3 })
  .map((text) => `Zq9${text}Zq9`);

test('whatever the list is, it is understood or refused with a ProxyListError, and no password shows', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc
      .tuple(fc.constantFrom('http', 'socks5', 'https', 'ftp'), secret)
      .map(([scheme, it]) => `${scheme}://u:${it}@h:1`),
    fc.tuple(secret, secret).map(([it, option]) => `http://u:${encodeURIComponent(it)}@h:1 tier=${option}`),
  );
  const text = fc.oneof(
    fc.array(line).map((lines) => lines.join('\n')),
    fc.json(),
    fc.array(line).map((lines) => JSON.stringify(lines.map((url) => ({ url })))),
    secret.map((it) => `[{"url": "http://u:${it}@h"}`),
  );
  fc.assert(
    fc.property(text, (list) => {
      try {
        for (const { id } of parseProxies(list)) expect(id).not.toContain('Zq9');
      } catch (error) {
        expect(error).toBeInstanceOf(ProxyListError);
        expect(String(error)).not.toContain('Zq9');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what is written percent-encoded comes out as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (username, password) => {
      const url = `socks5://${encodeURIComponent(username)}:${encodeURIComponent(password)}@h.test:1`;
      if (Buffer.byteLength(username) > 255 || Buffer.byteLength(password) > 255) return;
      expect(parseProxies(url)).toMatchObject([{ id: 'socks5://h.test:1', username, password }]);
    }),
  );
});
