import { chainOf } from '../error-codes';

/** An answer that undici's parser has taken, but not as browsers take it. */
export class MalformedResponseError extends Error {
  readonly code = 'UND_ERR_RESPONSE';

  constructor(what: string) {
    super(what);
    this.name = 'MalformedResponseError';
  }
}

/** What undici 7.30 says where an answer is none for its parser: after `100 Continue` and after an upgrade that nobody asked for. */
const BAD_MESSAGES: ReadonlySet<unknown> = new Set(['bad response', 'bad upgrade']);
const CLOSED = 'other side closed';

/** Whether an error of undici means that there was an answer, but one that its strict parser (llhttp) does not take. */
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
 * The same for an error that came before the head. Once it has seen a length, undici names every fault of the parser after that
 * (lib/dispatcher/client-h1.js, createError); a body that is cut short has had its head before. And a head may end without an empty line.
 */
export function isMalformedHead(error: unknown): boolean {
  if (isMalformed(error)) return true;
  return chainOf(error).some(
    ({ code, message, socket }) =>
      code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' ||
      (code === 'UND_ERR_SOCKET' && message === CLOSED && (socket?.bytesRead ?? 0) > 0),
  );
}

/** The peer has said properly that it sends nothing more, before the message was complete. */
export const isClosedEarly = (error: unknown): boolean =>
  chainOf(error).some(({ code, message }) => code === 'UND_ERR_SOCKET' && message === CLOSED);

/** Whether sending the request twice within one attempt does no harm. */
export const isRepeatable = (method: string): boolean => method === 'GET' || method === 'HEAD';
