import { netErrorIn, networkErrorOf } from '../../../src/fetch/browser/render-error';

test.each([
  ['page.goto: net::ERR_CONNECTION_RESET at http://x.test/', 'ECONNRESET', false],
  ['net::ERR_NAME_NOT_RESOLVED', 'ENOTFOUND', false],
  ['net::ERR_CERT_DATE_INVALID', 'CERT_HAS_EXPIRED', false],
  ['net::ERR_CERT_WEAK_KEY', 'CERT_REJECTED', false],
  ['net::ERR_SSL_PROTOCOL_ERROR', 'EPROTO', false],
  ['net::ERR_HTTP2_PROTOCOL_ERROR', 'EPROTO', false],
  ['net::ERR_TUNNEL_CONNECTION_FAILED', 'PROXY_UNREACHABLE', true],
  ['net::ERR_SOMETHING_NEW', 'NAVIGATION_FAILED', false],
])('%s has the code %s', (text, code, isOfProxy) => {
  const found = netErrorIn(text);
  expect(found?.isOfProxy).toBe(isOfProxy);
  expect(found && networkErrorOf(found)).toMatchObject({ name: 'RenderError', code });
});

test('a text that names no network error is none', () => {
  expect(netErrorIn('page.goto: Timeout 100ms exceeded')).toBeUndefined();
});
