import type { z } from 'zod';
import { pathOf } from '../jobs/check-request';
import { ProblemError } from './problem';

/** Details listed in one answer. */
const MAX_DETAILS = 100;

/** @throws ProblemError `invalid_request` that names everything that is wrong */
export function checkedWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues
    .slice(0, MAX_DETAILS)
    .map((issue) => ({ path: pathOf(issue.path), message: issue.message }));
  const [first] = details;
  throw new ProblemError('invalid_request', `${first?.path ?? 'request'}: ${first?.message ?? 'is not valid'}.`, {
    details,
  });
}

/** @throws ProblemError `invalid_request` */
export function objectBody(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new ProblemError(
    'invalid_request',
    body === undefined ? 'The request has no body; send a JSON object.' : 'The request body must be a JSON object.',
  );
}
