import { errors } from 'undici';
import { BadContentEncodingError } from '../../http/body-errors';
import { headerValue } from '../../http/header-value';
import type { Interruption } from '../attempt-clock';
import type { Answer } from './engine';
import { HttpExchange } from './http-exchange';
import { ANSWER_HEADER, BROWSER_TROUBLE_HEADER, fromHeader } from './impersonate-message';
import type { BrowserAnswer, BrowserTrouble } from './impersonate-message';

/** One order to a browser process and its answer. Body, back-pressure and interruption are those of the exchange with the process. */
export class ImpersonateExchange extends HttpExchange {
  /** True when the egress proxy refused the tunnel; its `troubleOf` tells why. */
  wasTunnelRefused = false;

  constructor(attempt: Interruption) {
    super(attempt);
    this.answer.catch(() => undefined); // it may reject before anybody waits for it
  }

  /** Resolves with the target's answer, decoded from the answer of the process. */
  async unwrapped(): Promise<Answer> {
    const { headers } = await this.answer;
    const answer = headerValue(headers, ANSWER_HEADER);
    if (answer !== undefined) return { ...fromHeader<BrowserAnswer>(answer), body: this };
    await this.readInto(() => undefined);
    const trouble = headerValue(headers, BROWSER_TROUBLE_HEADER);
    if (trouble === undefined) throw new Error('the browser process did not understand');
    const told = fromHeader<BrowserTrouble>(trouble);
    this.wasTunnelRefused = told.tunnelStatus !== undefined;
    throw errorOfTrouble(told);
  }

  /** Treats the end as an error when a trailer says how the body failed. */
  override onResponseEnd(controller?: unknown, trailers: Readonly<Record<string, unknown>> = {}): void {
    const trouble = trailers[BROWSER_TROUBLE_HEADER];
    if (typeof trouble === 'string') this.onResponseError(controller, errorOfTrouble(fromHeader(trouble)));
    else super.onResponseEnd();
  }
}

/** Names that rustls gives faults of certificates, and Node's codes for them. */
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
 * Translates an error of impit into one with a code of undici or Node, which `error-codes.ts` knows. impit's errors have no code: only
 * their text (Rust's `Debug` of reqwest, hyper and rustls; impit 0.14.5) says what happened.
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
  // TLS failed for another reason than the certificate: an alert, another protocol, no version in common.
  if (/InvalidMessage|AlertReceived|PeerIncompatible|PeerMisbehaved|InappropriateMessage/.test(message))
    return withCode('EPROTO', message);
  if (/\bParse\b|Parse\(|Http2|h2::|GoAway|Reset\(/.test(message)) return invalidResponse(message);
  return name === 'ConnectError' ? withCode('EPROTO', message) : invalidResponse(message);
}

/** reqwest reports every broken body as an error of decoding. Without an error of hyper inside, the decoder itself found it. */
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
