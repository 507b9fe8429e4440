import { firefoxProfiles, headerProfileOf, headerProfiles } from '../../src/fetch/header-profiles';
import { headersOf } from '../../src/fetch/request-headers';
import type { HopRequest } from '../../src/fetch/next-request';

const hopTo = (url: string, rest: Partial<HopRequest> = {}): HopRequest => ({
  url: new URL(url),
  method: 'GET',
  callerHeaders: [],
  body: undefined,
  authorization: undefined,
  ...rest,
});
const pairs = (flat: readonly string[]) => flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]]] : []));
const namesOf = (flat: readonly string[]) => pairs(flat).map(([name]) => name);
const valueOf = (flat: readonly string[], name: string) => pairs(flat).find(([each]) => each === name)?.[1];

test('a request is Chrome’s unless told otherwise', () => {
  const hop = hopTo('https://example.com/');
  expect(headersOf(hop, 'desktop', undefined)).toEqual(headersOf(hop, 'desktop', undefined, 'chrome'));
  expect(headersOf(hop, 'desktop', undefined)).toEqual(headerProfiles.desktop.headers.flat());
});

test.each(['desktop', 'mobile'] as const)('Firefox on %s has its own order and no client hints', (deviceType) => {
  const sent = headersOf(hopTo('https://example.com/'), deviceType, undefined, 'firefox');
  expect(sent).toEqual(firefoxProfiles[deviceType].headers.flat());
  expect(namesOf(sent)).toEqual([
    'User-Agent', 'Accept', 'Accept-Language', 'Accept-Encoding', 'Upgrade-Insecure-Requests',
    'Sec-Fetch-Dest', 'Sec-Fetch-Mode', 'Sec-Fetch-Site', 'Sec-Fetch-User', 'Priority',
  ]);
  expect(valueOf(sent, 'Accept-Language')).toBe('en-US,en;q=0.5');
  expect(valueOf(sent, 'User-Agent')).toMatch(deviceType === 'mobile' ? /Android.*Mobile.*Firefox/ : /Windows.*Firefox/);
}); // prettier-ignore

test.each(['chrome', 'firefox'] as const)('the versions of %s do not contradict each other', (name) => {
  for (const deviceType of ['desktop', 'mobile'] as const) {
    const text = headerProfileOf(name, deviceType).headers.flat().join(' ');
    const versions = text.matchAll(/(?:Chrome|Firefox)\/(\d+)|rv:(\d+)|"(?:Chromium|Google Chrome)";v="(\d+)"/g);
    expect(new Set([...versions].map((match) => match.slice(1).join(''))).size).toBe(1);
  }
});

test('cookies and credentials stand where each browser puts them', () => {
  const hop = hopTo('https://example.com/', { authorization: 'Basic eA==' });
  expect(namesOf(headersOf(hop, 'desktop', 'a=1', 'chrome')).slice(-2)).toEqual(['Authorization', 'Cookie']);
  const firefox = namesOf(headersOf(hop, 'desktop', 'a=1', 'firefox'));
  expect(firefox.slice(3, 7)).toEqual(['Accept-Encoding', 'Authorization', 'Cookie', 'Upgrade-Insecure-Requests']);
});

test.each(['chrome', 'firefox'] as const)('in the clear, %s names fewer codings and says nothing in `sec-` headers', (name) => {
  const clear = headersOf(hopTo('http://example.com/'), 'desktop', undefined, name);
  expect(valueOf(clear, 'Accept-Encoding')).toBe('gzip, deflate');
  expect(namesOf(clear).filter((each) => /^sec-/i.test(each ?? ''))).toEqual([]);
}); // prettier-ignore

test.each(['chrome', 'firefox'] as const)('%s does not ask for zstd, whatever Node can decode', (name) => {
  const codings = valueOf(headersOf(hopTo('https://example.com/'), 'desktop', undefined, name), 'Accept-Encoding');
  expect(codings).toBe('gzip, deflate, br');
});

test('the headers of one profile are not those of another, asked in turn', () => {
  const hop = hopTo('https://example.com/');
  const ask = (name: 'chrome' | 'firefox') => valueOf(headersOf(hop, 'desktop', undefined, name), 'User-Agent');
  expect(ask('chrome')).toMatch(/Chrome/);
  expect(ask('firefox')).toMatch(/Firefox/);
  expect(ask('chrome')).toMatch(/Chrome/);
});
