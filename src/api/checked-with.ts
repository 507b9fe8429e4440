import type { z } from 'zod';
import { detailsOf } from '../jobs/check-request';
import type { ErrorCode, ProblemDetail } from '../jobs/error-codes';
import { ProblemError } from './problem';

/** Lists every detail; its sentence names the first. */
export function invalid(details: readonly ProblemDetail[], code: ErrorCode = 'invalid_request'): ProblemError {
  const { path = 'request', message = 'is not valid' } = details[0] ?? {};
  return new ProblemError(code, `${path}: ${message}.`, { details });
}

/** @throws ProblemError `invalid_request` that names everything that is wrong */
export function checkedWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(detailsOf(parsed.error));
}

/** @throws ProblemError `invalid_request` */
export function objectBody(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new ProblemError(
    'invalid_request',
    body === undefined ? 'The request has no body; send a JSON object.' : 'The request body must be a JSON object.',
  );
}
