import { errors } from 'undici';
import { isProxyFault, networkCodeOf } from '../../src/fetch/error-codes';
import { ProxyError } from '../../src/fetch/proxies/proxy';

const coded = (code: string, rest: object = {}) => Object.assign(new Error(code), { code, ...rest });

test.each([
  [new errors.ConnectTimeoutError(), 'CONNECT_TIMEOUT'],
  [new errors.SocketError('other side closed'), 'CONNECTION_CLOSED'],
  [new errors.HeadersTimeoutError(), 'ATTEMPT_TIMEOUT'],
  [coded('ECONNREFUSED'), 'ECONNREFUSED'],
  [coded('EAI_AGAIN'), 'EAI_AGAIN'],
  [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'ERR_SSL_WRONG_VERSION_NUMBER'],
  [Object.assign(new Error('bad'), { name: 'HTTPParserError', code: undefined }), 'INVALID_RESPONSE'],
  [new Error('wrapped', { cause: coded('ENOTFOUND') }), 'ENOTFOUND'],
  [Object.assign(new Error('both'), { errors: [coded('EHOSTUNREACH'), coded('ENETUNREACH')] }), 'EHOSTUNREACH'],
  [new ProxyError('p', 'connect', 'fails', { cause: coded('ECONNREFUSED') }), 'PROXY_UNREACHABLE'], // This is not the target's fault.
  [new ProxyError('p', 'auth', 'fails'), 'PROXY_AUTH_FAILED'],
  [new ProxyError('p', 'tunnel', 'fails'), 'PROXY_REFUSED'],
  [new ProxyError('p', 'handshake', 'fails'), 'PROXY_PROTOCOL'],
  [{ code: 'ECONNRESET' }, 'ECONNRESET'], // Errors of another realm count by their shape.
])('%s has a stable code', (error, code) => {
  expect(networkCodeOf(error)).toBe(code);
});

test.each([
  [new TypeError('bug')],
  [coded('ERR_INVALID_ARG_TYPE')],
  [new errors.InvalidArgumentError('bug')],
  [Object.assign(new Error('timeout'), { code: 23 })],
  [undefined],
  ['ECONNRESET'],
])('%p is a bug', (error) => {
  expect(networkCodeOf(error)).toBeUndefined();
});

test.each([
  ['PROXY_UNREACHABLE', true],
  ['PROXY_AUTH_FAILED', true],
  ['PROXY_PROTOCOL', true],
  ['PROXY_REFUSED', false], // Another target may be fine.
  ['ECONNREFUSED', false],
  ['constructor', false],
])('whether %s is the fault of the proxy itself: %s', (code, isFault) => {
  expect(isProxyFault(code)).toBe(isFault);
});
