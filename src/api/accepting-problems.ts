import type { Request } from 'express';
import { createHash } from 'node:crypto';
import type { Refusal } from '../store/admission';
import { ProblemError } from './problem';
import { refusalHeaders } from './rate-limit-headers';

const MAX_KEY_LENGTH = 255;

/** The problem that tells a client why its key may not submit this now. */
export function refusalProblem(refusal: Refusal): ProblemError {
  switch (refusal.kind) {
    case 'credits_exhausted':
      return new ProblemError(
        'credits_exhausted',
        `The key has ${refusal.creditsLeft} credits left, not enough for this.`,
      );
    case 'too_many_unfinished':
      return new ProblemError(
        'too_many_unfinished',
        `The key has ${refusal.unfinished} unfinished URLs and may have ${refusal.limit}.`,
        { headers: refusalHeaders(refusal) },
      );
    case 'submit_rate_exceeded':
      return new ProblemError('submit_rate_exceeded', `The key may submit ${refusal.perSecond} times a second.`, {
        headers: refusalHeaders(refusal),
      });
  }
}

export const idempotencyProblem = (kind: 'conflict' | 'in-flight'): ProblemError =>
  kind === 'conflict'
    ? new ProblemError(
        'idempotency_conflict',
        'This Idempotency-Key has been used with another request in the last 24 hours.',
      )
    : new ProblemError(
        'idempotency_in_flight',
        'The first request with this Idempotency-Key is still being worked on.',
        { headers: { 'Retry-After': '1' } },
      );

/**
 * The `Idempotency-Key` of a request, and a hash of its body without the API key; undefined when there is none.
 * @throws ProblemError `invalid_request`
 */
export function idempotencyOf(
  req: Request,
  route: string,
): { readonly key: string; readonly requestHash: Buffer } | undefined {
  const key = idempotencyKeyOf(req);
  if (key === undefined) return undefined;
  const { apiKey: _a, api_key: _b, ...asked } = req.body as Record<string, unknown>;
  return {
    key,
    requestHash: createHash('sha256')
      .update(`${route}\n${JSON.stringify(asked)}`)
      .digest(),
  };
}

/**
 * The `Idempotency-Key` of a request; undefined when there is none.
 * @throws ProblemError `invalid_request`
 */
export function idempotencyKeyOf(req: Request): string | undefined {
  const key = req.get('idempotency-key');
  if (key === undefined) return undefined;
  if (key !== '' && key.length <= MAX_KEY_LENGTH && /^[\x20-\x7e]+$/.test(key)) return key;
  const message = `must be 1 to ${MAX_KEY_LENGTH} printable ASCII characters`;
  throw new ProblemError('invalid_request', `Idempotency-Key ${message}.`, {
    details: [{ path: 'Idempotency-Key', message }],
  });
}
