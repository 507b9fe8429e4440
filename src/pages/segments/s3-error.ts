import { types } from 'node:util';
import { isUnavailable, StoreUnavailableError } from '../../store/store-unavailable';

/** The bucket refused, and would refuse again: credentials, permissions, a name that is wrong. Nothing of the request is in it. */
export class S3RequestError extends Error {
  override readonly name = 'S3RequestError';
  /** As S3 names it: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
  readonly code: string;
  readonly statusCode: number | undefined;

  constructor(what: string, code: string, statusCode: number | undefined, reason: string) {
    super(`${what} failed: ${code}${statusCode === undefined ? '' : ` (status ${statusCode})`}: ${reason}`);
    this.code = code;
    this.statusCode = statusCode;
  }
}

const PASSING_CODES = new Set([
  'AbortError', // our own limit of time
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeTooSkewed', // the SDK has taken over the clock of the server, so the next try is right
  'SlowDown',
  // What arrived is not what was sent.
  'BadDigest',
  'XAmzContentSHA256Mismatch',
]);

/** Whether the same request may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  return PASSING_CODES.has(nameOf(error)) || (status === undefined ? isUnavailable(error) : isBusy(status));
}

/**
 * What the SDK threw, as an error of ours. Not with the SDK's as its cause: that one carries what the server sent along,
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

/** Of S3 it is the name, of Node the code: `NoSuchBucket`, `ECONNREFUSED`. */
function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  const isOfNode = typeof code === 'string' && statusOf(error) === undefined;
  return isOfNode ? code : typeof name === 'string' ? name : 'UnknownError';
}

/** The names of several addresses fail together, each with a message of its own and the whole without one. */
function messageOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  if (error.message === '' && 'errors' in error)
    return (error as AggregateError).errors.map((each) => messageOf(each)).join('; ');
  return error.message;
}
