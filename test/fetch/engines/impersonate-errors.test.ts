import { errorOfTrouble } from '../../../src/fetch/engines/impersonate-exchange';
import { outcomeOfError } from '../../../src/fetch/outcome-of-error';

/** Messages of impit 0.14.5, shortened. */
test.each([
  ['ConnectError', 'Custom { kind: InvalidData, error: InvalidCertificate(Expired) }', 'CERT_HAS_EXPIRED'],
  ['ConnectError', 'InvalidCertificate(ExpiredContext { time: UnixTime(1), not_after: UnixTime(0) })', 'CERT_HAS_EXPIRED'],
  ['ConnectError', 'InvalidCertificate(NotValidYetContext { .. })', 'CERT_NOT_YET_VALID'],
  ['ConnectError', 'InvalidCertificate(NotValidForNameContext { expected: .. })', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['ConnectError', 'InvalidCertificate(UnknownIssuer)', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ['ConnectError', 'InvalidCertificate(Other(OtherError(CaUsedAsEndEntity)))', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['ConnectError', 'InvalidCertificate(Revoked)', 'CERT_REVOKED'],
  ['ConnectError', 'InvalidCertificate(BadEncoding)', 'CERT_REJECTED'],
  ['ConnectError', 'error: InvalidMessage(InvalidContentType)', 'EPROTO'],
  ['ConnectError', 'error: AlertReceived(HandshakeFailure)', 'EPROTO'],
  ['ConnectError', 'of a kind never seen', 'EPROTO'],
  ['TimeoutError', 'Request timeout (5000 ms) exceeded.', 'ATTEMPT_TIMEOUT'],
  ['ConnectTimeout', 'Timed out', 'ATTEMPT_TIMEOUT'],
  ['RemoteProtocolError', 'The server violated HTTP', 'CONNECTION_CLOSED'],
  ['HTTPError', 'SendRequest, hyper::Error(Io, Custom { kind: UnexpectedEof, error: "peer closed" })', 'CONNECTION_CLOSED'],
  ['HTTPError', 'SendRequest, hyper::Error(Io, Os { code: 104, kind: ConnectionReset })', 'ECONNRESET'],
  ['HTTPError', 'SendRequest, hyper::Error(Parse(Version))', 'INVALID_RESPONSE'],
  ['HTTPError', 'hyper::Error(Http2, Error { kind: GoAway(b"", PROTOCOL_ERROR, Remote) })', 'INVALID_RESPONSE'],
  ['HTTPError', 'of a kind never seen', 'INVALID_RESPONSE'],
  ['Error', 'kind: Decode, source: Custom { kind: InvalidData, error: "Invalid gzip header" }', 'BAD_CONTENT_ENCODING'],
  ['Error', 'kind: Decode, source: Kind(UnexpectedEof)', 'BAD_CONTENT_ENCODING'],
  ['Error', 'kind: Decode, source: hyper::Error(Body, Custom { kind: UnexpectedEof })', 'CONNECTION_CLOSED'],
  ['Error', 'kind: Decode, source: reqwest::Error { kind: Body, source: TimedOut }', 'ATTEMPT_TIMEOUT'],
  ['HeadTooLarge', 'the head is too large', 'HEADERS_TOO_LARGE'],
])('%s: %s is %s', (name, message, code) => {
  const outcome = outcomeOfError(errorOfTrouble({ name, message, tunnelStatus: undefined }));
  expect(outcome).toEqual({ kind: 'unreachable', code });
}); // prettier-ignore
