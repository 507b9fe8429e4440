import fc from 'fast-check';
import { textMarkers } from '../../../src/fetch/detect/text-markers';
import { detectBlock, visibleText } from '../../../src/fetch/detect/detect-block';
import { literalFinder, mayHoldMarker } from '../../../src/fetch/detect/detection-text';
import { showsMoreThan } from '../../../src/fetch/detect/shows-more-than';

const HTML = [['Content-Type', 'text/html; charset=utf-8']] as const;

/** Text that markers look for, what hides text, and what cuts all of it in two. */
const pieces = [
  '<script src="/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray=1"></script>',
  '<SCRIPT SRC="https://geo.Captcha-Delivery.com/c.js"></SCRIPT>',
  '<iframe src="https://geo.captcha-delivery.com/captcha/?x=1"></iframe>',
  `{'host':'geo.captcha-delivery.com'}`,
  '<script>(function(){window._cf_chl_opt = {}})()</script>',
  '/cdn-cgi/challenge-platform/scripts/jsd/main.js',
  '<title>Just a moment...</title>',
  '<title>Attention Required! | Cloudflare</title>',
  '<span class="cf-error-code">1020</span>',
  'Access to this page has been denied',
  'Reference #18.2d351ab8.1557333295.a4e16ab',
  '<p>Please verify you are human</p>',
  '<div class="g-recaptcha"></div>',
  '<script src="https://hcaptcha.com/1/api.js"></script>',
  '<input type="email">',
  '<textarea>',
  ...[
    '<script',
    '<script>',
    '</script>',
    '</script >',
    '</script',
    '<head>',
    '<header>',
    '</head>',
    '<style/>',
    '<svg>',
  ],
  ...['<!--', '-->', '<!', '--', '<', '>', '</', '/>', '<a title="', '">', '<p>', '</p>'],
  ...[' ', '\n', '\u00a0', '\u3000', '\ufeff', '\u00e9', '\u65e5\u672c', '\u{1f600}', '\u017f', '\u212a', '\u0000'],
  ...['a', 'word', 'some more words. ', 'x'.repeat(300), 'An honest paragraph. '.repeat(60), '<p>y</p>'.repeat(900)],
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 30 })
  .map((parts) => parts.join(''));
const statusCode = fc.constantFrom(200, 304, 403, 404, 410, 429, 503);
const headers = fc.constantFrom(
  HTML,
  [],
  [['content-type', ' Application/XHTML+xml']] as const,
  [['content-type', 'application/json']] as const,
);

test('what may hold no marker is no block, whatever the page', () => {
  fc.assert(
    fc.property(text, statusCode, headers, fc.nat(40), (whole, status, given, cut) => {
      // What comes are bytes, and not always whole characters.
      const bytes = Buffer.from(whole).subarray(cut === 40 ? 1 : 0, 16_384);
      const expected = detectBlock({ statusCode: status, headers: given, text: bytes.toString('utf8') });
      const seen = mayHoldMarker(bytes, status, given) ? bytes.toString('utf8') : '';
      expect(detectBlock({ statusCode: status, headers: given, text: seen })).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});

test('what is certainly shown is shown', () => {
  fc.assert(
    fc.property(text, fc.nat(1_200), (whole, characters) => {
      const bytes = Buffer.from(whole);
      if (showsMoreThan(bytes, characters))
        expect(visibleText(bytes.toString('utf8')).length).toBeGreaterThan(characters);
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ['a script whose end is in a comment', (words: string) => `<script><!-- </script> --> ${words}`],
  ['an attribute that a comment cuts in two', (words: string) => `<a title="<!-- x --> ${words}">`],
  ['a comment that does not end', (words: string) => `<!-- <p>${words}</p>`],
  ['an upper case element', (words: string) => `<HEAD>${words}</HEAD>`],
])('in %s nothing is shown', (_name, around) => {
  expect(showsMoreThan(Buffer.from(around('word '.repeat(50))), 0)).toBe(false);
});

test('after what is hidden, things are shown again', () => {
  const html = '<header><script>if (a < b) c()</script ><!-- x --><p class="y">word</p></header>';
  expect([3, 4].map((characters) => showsMoreThan(Buffer.from(html), characters))).toEqual([true, false]);
});

const page = (tail: string) => Buffer.from(`<html><body>${'<p>An honest page.</p>'.repeat(100)}${tail}</body></html>`);

test('an ordinary page is not looked into', () => {
  expect(mayHoldMarker(page(''), 200, HTML)).toBe(false);
  expect(mayHoldMarker(page('<a href="https://captcha-delivery.com">'), 200, HTML)).toBe(true);
  expect(mayHoldMarker(page(''), 403, HTML)).toBe(true);
  expect(mayHoldMarker(Buffer.from('<p>Wait</p>'), 200, HTML)).toBe(true);
  expect(mayHoldMarker(Buffer.from('{"captcha":1}'), 403, [['content-type', 'application/json']])).toBe(false);
});

test.each(pieces.slice(0, 5))('a page with %s is', (marker) => {
  expect(mayHoldMarker(page(marker), 200, HTML)).toBe(true);
});

test('markers that count anywhere have a literal to look for', () => {
  const anywhere = textMarkers.filter(({ scope }) => scope === 'anywhere');
  expect(anywhere.map(({ literal }) => literal)).not.toContain(undefined);
});

test('a literal is found in whatever case, and nothing else is', () => {
  const literal = fc.constantFrom('captcha-delivery.com', 'window._cf_chl_opt', 'ab', 'a-', '-a');
  const around = fc.string({ unit: fc.constantFrom(...'aAbB-._dDcC') });
  fc.assert(
    fc.property(literal, around, around, fc.boolean(), fc.boolean(), (wanted, before, after, isThere, isUpper) => {
      const middle = isThere ? (isUpper ? wanted.toUpperCase() : wanted) : wanted.slice(1);
      const whole = `${before}${middle}${after}`;
      expect(literalFinder(wanted)(Buffer.from(whole))).toBe(whole.toLowerCase().includes(wanted));
    }),
    { numRuns: 2_000 },
  );
});
