import type { Request } from 'express';
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

/** Says why an address must not be connected to, as far as the URL alone tells. */
export type ForbiddenReason = (url: string) => string | undefined;

/**
 * Refuses a URL whose address must not be connected to.
 * @param path path of the field, for the answer
 * @throws ProblemError `forbidden_target`
 */
export function assertNotForbidden(path: string, url: string | undefined, forbiddenReason: ForbiddenReason): void {
  if (url === undefined) return;
  const message = forbiddenReason(url);
  if (message === undefined) return;
  throw new ProblemError('forbidden_target', `${path} is not allowed: ${message}.`, { details: [{ path, message }] });
}

/** Parameters that hold the API key, which every route knows. */
const KEY_NAMES = ['apiKey', 'api_key'];

export interface KnownParameters {
  readonly query?: readonly string[];
  readonly body?: readonly string[];
}

/**
 * Refuses parameters that a route does not know, so that a typo does not silently give another answer. Only for routes of our own:
 * those that are ScraperAPI's ignore such parameters, as clients expect.
 * @throws ProblemError `invalid_request` that names all of them
 */
export function assertKnown({ query, body }: Pick<Request, 'query' | 'body'>, known: KnownParameters): void {
  const unknownIn = (given: unknown, names: readonly string[] = []): string[] =>
    isJsonObject(given) ? Object.keys(given).filter((name) => !names.includes(name) && !KEY_NAMES.includes(name)) : [];
  const message = (names: readonly string[] = []): string =>
    `is not known here${names.length === 0 ? '' : `; known are ${names.join(', ')}`}`;
  const details = [
    ...unknownIn(query, known.query).map((path) => ({ path, message: message(known.query) })),
    ...unknownIn(body, known.body).map((path) => ({ path, message: message(known.body) })),
  ];
  if (details.length > 0) throw invalid(details.slice(0, MAX_DETAILS));
}

/** Most details in one answer. */
const MAX_DETAILS = 100;
