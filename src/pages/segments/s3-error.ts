import { types } from 'node:util';
import { isUnavailable, StoreUnavailableError } from '../../store/store-unavailable';

/** The bucket refused and would refuse again: credentials, permissions or a name are wrong. The error holds nothing of the request. */
export class S3RequestError extends Error {
  override readonly name = 'S3RequestError';
  /** Code of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
  readonly code: string;
  readonly statusCode: number | undefined;

  constructor(what: string, code: string, statusCode: number | undefined, reason: string) {
    super(`${what} failed: ${code}${statusCode === undefined ? '' : ` (status ${statusCode})`}: ${reason}`);
    this.code = code;
    this.statusCode = statusCode;
  }
}

const PASSING_CODES = new Set([
  'AbortError', // Our own time limit ended it.
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeTooSkewed', // The SDK has taken over the clock of the server, so the next try is right.
  'SlowDown',
  // What arrived is not what was sent.
  'BadDigest',
  'XAmzContentSHA256Mismatch',
]);

/** Decides whether the same request may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  return PASSING_CODES.has(nameOf(error)) || (status === undefined ? isUnavailable(error) : isBusy(status));
}

/**
 * Turns what the SDK threw into an error of ours. The SDK's is not its cause, because that carries what the server sent along,
 * which for a wrong signature is the access key and the whole request.
 */
export function toStoreError(what: string, error: unknown): Error {
  const code = nameOf(error);
  const status = statusOf(error);
  const reason = messageOf(error);
  if (isPassing(error)) return new StoreUnavailableError(`${what} failed: ${code}: ${reason}`);
  return new S3RequestError(what, code, status, reason);
}

const isBusy = (status: number): boolean => status >= 500 || status === 429 || status === 408;

function statusOf(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

/** Finds the code of an error, which S3 gives as its name (`NoSuchBucket`) and Node as its code (`ECONNREFUSED`). */
function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  const isOfNode = typeof code === 'string' && statusOf(error) === undefined;
  return isOfNode ? code : typeof name === 'string' ? name : 'UnknownError';
}

/** Finds the message of an error. Several addresses of a name fail together, each with a message of its own and the whole without one. */
function messageOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  if (error.message === '' && 'errors' in error)
    return (error as AggregateError).errors.map((each) => messageOf(each)).join('; ');
  return error.message;
}
