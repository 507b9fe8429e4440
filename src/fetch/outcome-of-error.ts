import type { Trouble } from '../contracts/fetch-outcome';
import { AttemptTimeoutError } from './attempt-clock';
import { BadContentEncodingError, BodyTooLargeError } from './body-errors';
import { chainOf, networkCodeOf } from './error-codes';
import { ForbiddenTargetError } from './guard';

/** What an error on the way to an answer means; undefined for a bug. */
export function outcomeOfError(error: unknown): Trouble | undefined {
  for (const each of chainOf(error)) {
    if (each instanceof AttemptTimeoutError) return { kind: 'unreachable', code: 'ATTEMPT_TIMEOUT' };
    if (each instanceof ForbiddenTargetError) return { kind: 'forbidden', host: each.host, reason: each.reason };
    if (each instanceof BodyTooLargeError) return { kind: 'too-large', limitBytes: each.limitBytes };
    if (each instanceof BadContentEncodingError) return { kind: 'unreachable', code: 'BAD_CONTENT_ENCODING' };
  }
  const code = networkCodeOf(error);
  return code === undefined ? undefined : { kind: 'unreachable', code };
}
