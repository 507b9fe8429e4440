import { errors } from 'undici';
import { networkCodeOf } from '../../src/fetch/error-codes';

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
  [{ code: 'ECONNRESET' }, 'ECONNRESET'], // another realm: the shape is enough
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
