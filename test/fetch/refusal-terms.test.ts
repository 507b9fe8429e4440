import fc from 'fast-check';
import { linksOf } from '../../src/http/link-header';
import { refusalTermsOf } from '../../src/fetch/refusal-terms';

const PAGE = 'https://news.example/a/b?c';
const of402 = (...headers: [string, string][]) => refusalTermsOf(402, headers, PAGE);

test('pay per crawl: the price as it was sent', () => {
  expect(of402(['Crawler-Price', ' USD 0.01 '])).toEqual({ crawlerPrice: 'USD 0.01' });
});

test.each([
  ['</terms>; rel="terms-of-service"', 'https://news.example/terms'],
  ['<license.xml>; rel="license"; type="application/rsl+xml"', 'https://news.example/a/license.xml'],
  ['<https://pay.example/x>;rel=payment', 'https://pay.example/x'],
  ['<https://a.example/style.css>; rel=preload; as=style, <https://a.example/t>; rel="nofollow LICENSE"', 'https://a.example/t'], // prettier-ignore
  ['<https://a.example/l>; rel=license, <https://a.example/t>; rel="terms-of-service"', 'https://a.example/t'],
  ['<https://a.example/x,y;z>; title="a, \\"b\\"; rel=none"; rel=license', 'https://a.example/x,y;z'],
  ['<https://user:secret@a.example/t>; rel=license', 'https://a.example/t'],
  ['<javascript:alert(1)>; rel="terms-of-service", <https://a.example/l>; rel=license', 'https://a.example/l'],
])('the terms of %s', (link, termsUrl) => {
  expect(of402(['link', link])).toEqual({ termsUrl });
});

test.each([
  ['another relation', '<https://a.example/t>; rel="next"'],
  ['about something else', '<https://a.example/t>; rel=license; anchor="/other"'],
  ['no relation', '<https://a.example/t>'],
  ['not a web page', '<mailto:sales@a.example>; rel="terms-of-service"'],
  ['nonsense', 'rel=license <'],
  ['too long', `<https://a.example/${'x'.repeat(3_000)}>; rel=license`],
])('no terms: %s', (_what, link) => {
  expect(of402(['link', link])).toBeUndefined();
});

test('several Link headers count as one', () => {
  expect(of402(['link', '<https://a.example/1>; rel=next'], ['Link', '</l>; rel=license'])).toEqual({
    termsUrl: 'https://news.example/l',
  });
});

test('x402: the offer as it was sent, unless it is not base64 or too long', () => {
  const offer = Buffer.from(JSON.stringify({ x402Version: 2, accepts: [{ amount: '10000' }] })).toString('base64');
  expect(of402(['PAYMENT-REQUIRED', offer])).toEqual({ paymentRequired: offer });
  expect(of402(['PAYMENT-REQUIRED', '<b>'])).toBeUndefined();
  expect(of402(['PAYMENT-REQUIRED', 'QUJD'.repeat(1_000)])).toBeUndefined();
});

test('451: who blocks it', () => {
  const headers = [['Link', '<https://spqr.example/legislatione>; rel="blocked-by"']] as const;
  expect(refusalTermsOf(451, headers, PAGE)).toEqual({ blockedByUrl: 'https://spqr.example/legislatione' });
});

test('other statuses say nothing of the kind', () => {
  const headers = [['crawler-price', 'USD 1'], ['link', '<https://a.example/t>; rel=license']] as const; // prettier-ignore
  for (const status of [200, 401, 403, 451, 503]) expect(refusalTermsOf(status, headers, PAGE)).toBeUndefined();
});

test('a relative link without a page to be relative to is left out', () => {
  expect(refusalTermsOf(402, [['link', '</t>; rel=license']], undefined)).toBeUndefined();
});

test('whatever is sent, what is kept is short and printable, and hostile headers take no time worth mentioning', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.array(fc.constantFrom('<', '>', ';', ',', '"', '\\', ' ', '=', 'rel', 'license', '/x', '\0', 'é'), { maxLength: 200 }).map((parts) => parts.join('')), // prettier-ignore
  );
  fc.assert(
    fc.property(text, text, text, (price, link, offer) => {
      const terms = of402(['crawler-price', price], ['link', link], ['payment-required', offer]) ?? {};
      for (const value of Object.values(terms)) expect(value).toMatch(/^[\x20-\x7e]{1,2048}$/);
    }),
  );
  for (const part of ['<', ';', ' ', '"', '<>;', '<>;a="', '; a', '\\"', ',<'])
    linksOf([`<x>${part.repeat(100_000)}`, part.repeat(100_000)]);
});
