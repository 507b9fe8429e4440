import type { z } from 'zod';
import { detailsOf } from '../jobs/check-request';
import { urlProblem } from '../jobs/check-url';
import type { ErrorCode, ProblemDetail } from '../jobs/error-codes';
import { isJsonObject } from '../jobs/given-params';
import { ProblemError } from './problem';

/** A problem that lists all details; its sentence names the first. */
export function invalid(details: readonly ProblemDetail[], code: ErrorCode = 'invalid_request'): ProblemError {
  const { path = 'request', message = 'is not valid' } = details[0] ?? {};
  return new ProblemError(code, `${path}: ${message}.`, { details });
}

/**
 * The value as the schema returns it.
 * @throws ProblemError `invalid_request` that names everything that is wrong
 */
export function checkedWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(detailsOf(parsed.error));
}

/**
 * The body, when it is a JSON object.
 * @throws ProblemError `invalid_request`
 */
export function objectBody(body: unknown): Record<string, unknown> {
  if (isJsonObject(body)) return body;
  throw new ProblemError(
    'invalid_request',
    body === undefined ? 'The request has no body; send a JSON object.' : 'The request body must be a JSON object.',
  );
}

/**
 * The field `url`, when it is a URL that can be fetched.
 * @throws ProblemError `invalid_url`
 */
export function checkedUrl(url: unknown): string {
  const problem = urlProblem(url);
  if (typeof url === 'string' && problem === undefined) return url;
  const message = url === undefined ? 'is missing' : (problem ?? 'must be a string');
  throw new ProblemError('invalid_url', `url ${message}.`, { details: [{ path: 'url', message }] });
}

/**
 * Refuses a URL whose address must not be connected to.
 * @param path path of the field, for the answer
 * @param forbiddenReason says why an address must not be connected to, as far as the URL alone tells
 * @throws ProblemError `forbidden_target`
 */
export function assertNotForbidden(
  path: string,
  url: string,
  forbiddenReason: (url: string) => string | undefined,
): void {
  const message = forbiddenReason(url);
  if (message === undefined) return;
  throw new ProblemError('forbidden_target', `${path} is not allowed: ${message}.`, { details: [{ path, message }] });
}
