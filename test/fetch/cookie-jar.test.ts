import { createSessionCookies, mergeCookies } from '../../src/fetch/cookie-jar';

const url = new URL('https://shop.example/cart/view');
const roundTrip = (stored: unknown): unknown => JSON.parse(JSON.stringify(stored));

test('what an attempt was given is there for the next, with domain and path', () => {
  const first = createSessionCookies(undefined);
  first.store(url, ['a=1; Path=/', 'b=2; Path=/cart', 'c=3; Domain=shop.example; Path=/']);
  const next = createSessionCookies(roundTrip(mergeCookies(undefined, first.changes)));
  expect(next.headerFor(url)).toBe('b=2; a=1; c=3');
  expect(next.headerFor(new URL('https://shop.example/other'))).toBe('a=1; c=3');
  expect(next.headerFor(new URL('https://sub.shop.example/'))).toBe('c=3');
  expect(next.headerFor(new URL('https://other.example/'))).toBeUndefined();
});

test('two attempts that overlap do not undo what the other one did', () => {
  const before = mergeCookies(undefined, [[url.href, 'old=1; Path=/']]);
  const [left, right] = [createSessionCookies(before), createSessionCookies(before)];
  left.store(url, ['left=1; Path=/', 'old=; Max-Age=0; Path=/']);
  right.store(url, ['right=1; Path=/']);
  const stored = mergeCookies(mergeCookies(before, left.changes), right.changes);
  expect(createSessionCookies(stored).headerFor(url)).toBe('left=1; right=1');
});

test('cookies go to a browser and back', () => {
  const cookies = createSessionCookies(undefined);
  cookies.store(url, ['host=1; Path=/; Secure; HttpOnly; SameSite=Strict', 'wide=2; Domain=shop.example; Max-Age=600']);
  const given = cookies.forBrowser();
  expect(given).toMatchObject([
    { name: 'host', domain: 'shop.example', path: '/', expires: -1, httpOnly: true, secure: true, sameSite: 'Strict' },
    { name: 'wide', domain: '.shop.example', path: '/cart', sameSite: 'Lax' },
  ]);
  const [host] = given;
  if (host === undefined) throw new Error('no cookie');
  cookies.storeFromBrowser([
    { ...host, value: 'changed' },
    { ...host, name: 'new', domain: '.shop.example' },
  ]);
  const stored = mergeCookies(undefined, cookies.changes);
  expect(createSessionCookies(stored).headerFor(url)).toBe('host=changed; new=1');
});

test("the caller's own cookies, which a browser sent, are not the session's until the target changes them", () => {
  const stored = mergeCookies(undefined, [[url.href, 'known=session; Path=/']]);
  const cookies = createSessionCookies(stored);
  const place = { domain: url.hostname, path: '/' };
  const of = (name: string, value: string) => ({
    ...{ ...place, name, value, expires: -1, httpOnly: false, secure: true, sameSite: 'Lax' as const },
  });
  const sent = ['own', 'known', 'changed', 'wide', 'lasting'].map((name) => ({ ...place, name, value: 'callers' }));
  cookies.storeFromBrowser(
    [
      ...[of('own', 'callers'), of('known', 'callers'), of('changed', 'targets'), of('new', 'targets')],
      { ...of('wide', 'callers'), domain: `.${url.hostname}` },
      { ...of('lasting', 'callers'), expires: Math.ceil(Date.now() / 1_000) + 600 },
    ],
    sent,
  );
  const next = createSessionCookies(mergeCookies(stored, cookies.changes));
  expect(next.headerFor(url)?.split('; ').sort()).toEqual([
    ...['changed=targets', 'known=session', 'lasting=callers', 'new=targets', 'wide=callers'],
  ]);
});

test('a target cannot make a session grow without an end', () => {
  let stored: unknown;
  for (let round = 0; round < 5; round += 1) {
    const cookies = createSessionCookies(stored);
    for (let index = 0; index < 300; index += 1) cookies.store(url, [`c${round}-${index}=${'x'.repeat(100)}; Path=/`]);
    cookies.store(url, [`huge=${'x'.repeat(5_000)}`]);
    expect(cookies.changes.length).toBeLessThanOrEqual(500);
    stored = mergeCookies(stored, cookies.changes);
  }
  const header = createSessionCookies(stored).headerFor(url) ?? '';
  expect(header.split('; ')).toHaveLength(200);
  expect(header).toContain('c4-299=');
  expect(header).not.toContain('huge');
});
