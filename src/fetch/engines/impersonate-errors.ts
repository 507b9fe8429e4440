import { errors } from 'undici';
import { BadContentEncodingError } from '../../http/body-errors';
import type { BrowserTrouble } from './impersonate-message';

/** What rustls says of a certificate, in Node's words. */
const CERTIFICATES: readonly (readonly [sign: RegExp, code: string])[] = [
  [/\bExpired/, 'CERT_HAS_EXPIRED'],
  [/\bNotValidYet/, 'CERT_NOT_YET_VALID'],
  [/\bNotValidForName/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/\bRevoked/, 'CERT_REVOKED'],
  [/\bUnknownIssuer/, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  [/\bCaUsedAsEndEntity/, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [/\bInvalidCertificate/, 'CERT_REJECTED'],
];

/**
 * An error that means what impit said, with a code that our table of codes knows: undici's or Node's. impit's own errors have no code, and
 * their text (Rust's `Debug` of reqwest, hyper and rustls; impit 0.14.5) is the only place where it says what happened.
 */
export function errorOfTrouble({ name, message }: BrowserTrouble): Error {
  if (name === 'HeadTooLarge') return new errors.HeadersOverflowError();
  if (/Timeout|TimedOut/i.test(name)) return new errors.HeadersTimeoutError(message);
  if (/InvalidCertificate|CertificateError/.test(message)) {
    const [, code] = CERTIFICATES.find(([sign]) => sign.test(message)) ?? [];
    return withCode(code ?? 'CERT_REJECTED', message);
  }
  if (/kind: Decode/.test(message)) return errorOfBody(message);
  if (/\bTimedOut\b/.test(message)) return withCode('ETIMEDOUT', message);
  if (/ConnectionRefused/.test(message)) return withCode('ECONNREFUSED', message);
  if (/ConnectionReset/.test(message)) return withCode('ECONNRESET', message);
  if (/UnexpectedEof|IncompleteMessage|BrokenPipe|ConnectionAborted|Canceled|RemoteProtocolError/.test(message + name))
    return new errors.SocketError(message);
  // Everything that TLS does not like and is not a certificate: an alert, another protocol, no version in common.
  if (/InvalidMessage|AlertReceived|PeerIncompatible|PeerMisbehaved|InappropriateMessage/.test(message))
    return withCode('EPROTO', message);
  if (/\bParse\b|Parse\(|Http2|h2::|GoAway|Reset\(/.test(message)) return invalidResponse(message);
  return name === 'ConnectError' ? withCode('EPROTO', message) : invalidResponse(message);
}

/** reqwest calls all that ends a body early an error of decoding; what the decoder itself found has no error of hyper inside. */
function errorOfBody(message: string): Error {
  if (/hyper::Error|h2::/.test(message)) {
    if (/TimedOut/.test(message)) return new errors.BodyTimeoutError(message);
    return new errors.SocketError(message);
  }
  if (/TimedOut/.test(message)) return new errors.BodyTimeoutError(message);
  return new BadContentEncodingError('of the answer', { cause: new Error(message) });
}

const invalidResponse = (message: string): Error => withCode('UND_ERR_RESPONSE', message);
const withCode = (code: string, message: string): Error => Object.assign(new Error(message), { code });
