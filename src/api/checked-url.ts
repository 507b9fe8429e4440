import { urlProblem } from '../jobs/check-url';
import { ProblemError } from './problem';

/** @throws ProblemError `invalid_url` naming the field `url` */
export function checkedUrl(url: unknown): string {
  const problem = urlProblem(url);
  if (typeof url === 'string' && problem === undefined) return url;
  const message = url === undefined ? 'is missing' : (problem ?? 'must be a string');
  throw new ProblemError('invalid_url', `url ${message}.`, { details: [{ path: 'url', message }] });
}

/**
 * @param path of the field, for the answer
 * @param forbiddenReason why an address may not be connected to, as far as the URL alone tells
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
