import { gzipSync } from 'node:zlib';
import type { SuccessRule } from '../../src/jobs/success-rule';
import { checkSuccess } from '../../src/convert/check-success';
import { createConverter } from '../../src/convert/create-converter';
import type { Converter } from '../../src/convert/create-converter';
import { checkSelector } from '../../src/convert/selector';

let converter: Converter;
beforeAll(() => {
  converter = createConverter({ threads: 1, timeLimitMs: 15_000 });
});
afterAll(() => converter.close());

const shop = '<html><body><p class=price>5 €</p><button disabled>Add to cart</button><ul><li>Grün</ul>';

interface Sent {
  readonly html?: string | Buffer;
  readonly type?: string;
  readonly coding?: string;
  readonly statusCode?: number;
}

const check = (
  { html = shop, type = 'text/html; charset=utf-8', coding = 'identity', statusCode = 200 }: Sent,
  rule: SuccessRule,
) =>
  checkSuccess(
    { body: Buffer.from(html as string), headers: [['Content-Type', type], ['content-encoding', coding]], finalUrl: 'https://x.example/', statusCode }, // prettier-ignore
    rule,
    { converter },
  );

test.each<[SuccessRule, string | undefined]>([
  [{ status: [200, 404] }, undefined],
  [{ status: [404] }, 'status 404, got 200'],
  [{ contains: ['Add to cart', 'Grün'] }, undefined],
  [{ contains: ['Add to cart', 'Sold "out"'] }, 'contains "Sold \\"out\\""'],
  [{ contains: ['x'.repeat(1_000)] }, `contains "${'x'.repeat(100)}…"`],
  [{ notContains: ['Captcha'] }, undefined],
  [{ notContains: ['Captcha', 'cart'] }, 'notContains "cart"'],
  [{ minBytes: 80 }, undefined],
  [{ minBytes: 2_000 }, 'minBytes 2000, got 101'],
  [{ selector: 'p.price' }, undefined],
  [{ selector: 'button:not([disabled])' }, 'selector "button:not([disabled])"'],
  [{ selector: 'ul > li:contains("Grün")' }, undefined],
  [{ selector: '.price', contains: ['nowhere'] }, 'contains "nowhere"'],
])('%j', async (rule, expected) => {
  const html = shop.padEnd(98); // 101 bytes
  expect(await check({ html }, rule)).toEqual(expected === undefined ? { ok: true } : { ok: false, rule: expected });
});

test.each<[string, Sent]>([
  ['small', { html: gzipSync(shop), coding: 'gzip' }],
  ['that unpacks to much', { html: gzipSync(`${' '.repeat(1_000_000)}${shop}`), coding: 'gzip' }],
  ['large', { html: `${' '.repeat(1_000_000)}${shop}` }],
  ['windows-1252', { html: Buffer.from(shop.replace('€', '\x80'), 'latin1'), type: 'text/html; charset=iso-8859-1' }],
])('the text of a page is looked at, unpacked and decoded: %s', async (_name, sent) => {
  expect(await check(sent, { contains: ['5 €</p>', 'Grün'] })).toEqual({ ok: true });
  expect(await check(sent, { contains: ['5 $'] })).toEqual({ ok: false, rule: 'contains "5 $"' });
  expect(await check(sent, { selector: 'li' })).toEqual({ ok: true });
});

test('a body that is not in its content-encoding meets no rule', async () => {
  const sent = { html: 'no gzip', coding: 'gzip' };
  const expected = { ok: false, rule: 'the body is not in its content-encoding' };
  expect(await check(sent, { notContains: ['x'] })).toEqual(expected);
  expect(await check(sent, { selector: 'p' })).toEqual(expected);
});

test('selectors look into XML by its own names', async () => {
  const feed = { html: '<rss><channel><pubDate>1</pubDate></channel></rss>', type: 'application/rss+xml' };
  expect(await check(feed, { selector: 'channel > pubDate' })).toEqual({ ok: true });
});

test('what cannot be found out in time is not met', async () => {
  const hasty = createConverter({ threads: 1, timeLimitMs: 200 });
  const page = { body: Buffer.from('<p>'.repeat(3_000)), headers: [], finalUrl: 'https://x.example/', statusCode: 200 };
  const result = await checkSuccess(page, { selector: 'i ~ p ~ p ~ p ~ p' }, { converter: hasty });
  expect(result).toEqual({ ok: false, rule: 'not found out: time limit' });
  await hasty.close();
});

test.each([
  ['.a > b:not(.c, [d="e"]):nth-child(2n+1)', undefined],
  ['div:has(> .price)', undefined],
  ['', 'is not a CSS selector: it is empty'],
  [' ', 'is not a CSS selector'],
  [',', 'is not a CSS selector'],
  ['a[', 'is not a CSS selector: Expected name, found '],
  ['a > > b', 'is not a CSS selector'],
  [':fast', 'is not a CSS selector: Unknown pseudo-class :fast'],
  ['p::before', 'is not a CSS selector: Pseudo-elements are not supported'],
  ['a:has(b:has(c))', 'has more than 3 :has(), or one within another'],
  ['a:has(b):has(b):has(b):has(b)', 'has more than 3 :has(), or one within another'],
  [':not(:not(:not(:not(a))))', 'nests selectors more than 4 deep'],
  ['a '.repeat(51), 'has more than 100 parts'],
  ['a'.repeat(1_001), 'is longer than 1000 characters'],
])('the selector %.60s', (selector, expected) => {
  if (expected === undefined) expect(checkSelector(selector)).toBeUndefined();
  else expect(checkSelector(selector)).toContain(expected);
});
