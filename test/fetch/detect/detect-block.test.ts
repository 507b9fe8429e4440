import { detectBlock } from '../../../src/fetch/detect/detect-block';

const HTML = [['Content-Type', 'text/html; charset=utf-8']] as const;
const detect = (statusCode: number, text: string, headers: readonly (readonly [string, string])[] = HTML) =>
  detectBlock({ statusCode, headers, text })?.vendor;
const longPage = (extra: string) =>
  `<html><body>${'<p>An honest paragraph of an honest page.</p>'.repeat(80)}${extra}</body></html>`;

test.each([
  ['cloudflare', 200, '<title>Just a moment...</title>'],
  ['cloudflare', 403, '<title>Attention Required! | Cloudflare</title>'],
  [
    'cloudflare',
    200,
    longPage('<script src="/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray=1"></script>'),
  ],
  ['cloudflare', 503, '<script>(function(){window._cf_chl_opt = {}})()</script>'],
  ['cloudflare', 403, '<span class="cf-error-code">1020</span>'],
  ['datadome', 403, `<script>var dd={'rt':'c','host':'geo.captcha-delivery.com'}</script>`],
  ['datadome', 200, longPage('<iframe src="https://geo.captcha-delivery.com/captcha/?x=1"></iframe>')],
  ['human', 403, '<div id="px-captcha"></div>'],
  ['human', 200, '<h1>Access to this page has been denied</h1>'],
  ['akamai', 403, '<H1>Access Denied</H1>Reference&#32;&#35;18&#46;2d351ab8&#46;1557333295&#46;a4e16ab'],
  ['akamai', 403, 'Reference #18.2d351ab8.1557333295.a4e16ab'],
  ['imperva', 200, '<iframe src="/_Incapsula_Resource?CWUDNSAI=1">Incapsula incident ID: 1-2</iframe>'],
  ['imperva', 405, '<title>Pardon Our Interruption</title>'],
  ['kasada', 429, '<script>window.KPSDK={};</script>'],
  ['sucuri', 403, '<title>Sucuri WebSite Firewall - Access Denied</title>'],
  ['google', 429, '<div id="infoDiv0">Our systems have detected unusual traffic from your computer network.</div>'],
  ['generic', 200, '<form><div class="g-recaptcha" data-sitekey="x"></div></form>'],
  ['generic', 403, '<script src="https://hcaptcha.com/1/api.js"></script>'],
  ['generic', 200, '<p>Please verify you are human</p>'],
])('%s: %d %s', (vendor, statusCode, text) => {
  expect(detect(statusCode, text)).toBe(vendor);
});

test.each([
  ['cloudflare', 429, 'cf-mitigated', 'challenge'],
  ['aws-waf', 202, 'x-amzn-waf-action', 'challenge'],
  ['kasada', 429, 'x-kpsdk-ct', 'token'],
  ['vercel', 403, 'X-Vercel-Mitigated', 'challenge'],
])('%s: %d with %s', (vendor, statusCode, name, value) => {
  expect(detect(statusCode, '', [[name, value]])).toBe(vendor);
});

test.each([
  ['an empty page', 200, ''],
  ['ok', 200, 'ok'],
  ['a tiny page', 200, '<p>ok</p>'],
  ['an application that is a script', 200, '<div id="root"></div><script src="/app.js"></script>'],
  [
    'the same, scored by recaptcha',
    200,
    '<div id="root"></div><script src="https://www.google.com/recaptcha/api.js?render=x"></script>',
  ],
  [
    'a sign-in page',
    200,
    '<form><input name="user" type="email"><input type="password"><div class="g-recaptcha"></div></form>',
  ],
  ['a contact form', 200, '<form><textarea name="message"></textarea><div class="h-captcha"></div></form>'],
  [
    'an article about blocks',
    200,
    longPage('<h1>Just a moment... or: Access to this page has been denied, captcha-delivery.com</h1>'),
  ],
  ['Cloudflare statistics', 200, '<p>hi</p><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'],
  ['Imperva on a good page', 200, longPage('<script src="/_Incapsula_Resource?SWJIYLWA=1"></script>')],
  ['HUMAN on a good page', 200, '<p>Shop</p><script>window._pxAppId = "PX1"</script>'],
  ['a 404 with a captcha script', 404, '<p>Not found</p><script src="https://hcaptcha.com/1/api.js"></script>'],
  ['an origin error behind Cloudflare', 522, '<span class="cf-error-code">522</span><p>Connection timed out</p>'],
])('%s is no block', (_name, statusCode, text) => {
  expect(detect(statusCode, text)).toBeUndefined();
});

test.each([
  'application/json',
  'application/xml',
  'text/plain',
  'image/svg+xml',
  'application/pdf',
  'text/xml; charset=utf-8',
])('%s is not looked into', (type) => {
  expect(detect(403, '<title>Just a moment...</title>', [['content-type', type]])).toBeUndefined();
});

test('without a type, text that begins like HTML is looked into', () => {
  expect(detect(200, ' <title>Just a moment...</title>', [])).toBe('cloudflare');
  expect(detect(200, '<?xml version="1.0"?><title>Just a moment...</title>', [])).toBeUndefined();
  expect(detect(200, 'Just a moment...', [])).toBeUndefined();
});

test('supporting signs alone prove nothing', () => {
  const headers = [
    ...HTML,
    ['server', 'cloudflare'],
    ['cf-ray', '1'],
    ['set-cookie', 'datadome=1'],
    ['x-iinfo', '1'],
  ] as const;
  expect(detect(200, longPage(''), headers)).toBeUndefined();
});
