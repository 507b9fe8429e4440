import { chainOf } from '../error-codes';

/** undici's parser accepted the answer but reads it differently from browsers. */
export class MalformedResponseError extends Error {
  readonly code = 'UND_ERR_RESPONSE';

  constructor(what: string) {
    super(what);
    this.name = 'MalformedResponseError';
  }
}

/** Messages of undici 7.30 for an unexpected `100 Continue` and for an upgrade that nobody asked for. */
const BAD_MESSAGES: ReadonlySet<unknown> = new Set(['bad response', 'bad upgrade']);
const CLOSED = 'other side closed';

/** Tells whether an error of undici means that its strict parser (llhttp) rejected the answer. */
export function isMalformed(error: unknown): boolean {
  return chainOf(error).some(
    ({ name, code, message }) =>
      name === 'HTTPParserError' ||
      name === 'MalformedResponseError' ||
      code === 'UND_ERR_HEADERS_OVERFLOW' ||
      (code === 'UND_ERR_SOCKET' && BAD_MESSAGES.has(message)),
  );
}

/**
 * {@link isMalformed} for an error that came before the head was complete. Once undici has seen a length, it reports every fault of the
 * parser as a wrong length (lib/dispatcher/client-h1.js, createError). And a head may end without an empty line.
 */
export function isMalformedHead(error: unknown): boolean {
  if (isMalformed(error)) return true;
  return chainOf(error).some(
    ({ code, message, socket }) =>
      code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' ||
      (code === 'UND_ERR_SOCKET' && message === CLOSED && (socket?.bytesRead ?? 0) > 0),
  );
}

/** Tells whether the peer closed the connection in order, but before the message was complete. */
export const isClosedEarly = (error: unknown): boolean =>
  chainOf(error).some(({ code, message }) => code === 'UND_ERR_SOCKET' && message === CLOSED);

/** Tells whether the request may be sent twice within one attempt. */
export const isRepeatable = (method: string): boolean => method === 'GET' || method === 'HEAD';
