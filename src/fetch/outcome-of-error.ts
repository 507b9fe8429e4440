import type { Trouble } from '../jobs/fetch-outcome';
import { AttemptTimeoutError } from './attempt-clock';
import { BadContentEncodingError, BodyTooLargeError } from '../http/body-errors';
import { RenderError } from './browser/render-error';
import { chainOf, networkCodeOf } from './error-codes';
import { ForbiddenTargetError } from '../net/guard';
import { HostBusyError } from '../scheduling/pacing/host-gate';
import { MAX_REDIRECTS } from './redirects';
import { RobotsDisallowedError, RobotsUnreachableError } from './robots';

/** The outcome that an error on the way to an answer stands for; undefined for a bug. */
export function outcomeOfError(error: unknown): Trouble | undefined {
  for (const each of chainOf(error)) {
    if (each instanceof AttemptTimeoutError) return { kind: 'unreachable', code: 'ATTEMPT_TIMEOUT' };
    if (each instanceof ForbiddenTargetError) return { kind: 'forbidden', host: each.host, reason: each.reason };
    if (each instanceof BodyTooLargeError) return { kind: 'too-large', limitBytes: each.limitBytes };
    if (each instanceof RobotsDisallowedError) return { kind: 'disallowed', host: each.host };
    if (each instanceof HostBusyError || each instanceof RobotsUnreachableError)
      return { kind: 'unreachable', code: each.code };
    if (each instanceof RenderError) return outcomeOfRenderError(each);
    if (each instanceof BadContentEncodingError) return { kind: 'unreachable', code: 'BAD_CONTENT_ENCODING' };
  }
  const code = networkCodeOf(error);
  return code === undefined ? undefined : { kind: 'unreachable', code };
}

/** Codes of pages that were there, but without what the browser was told to wait for or to do. */
const ASKED_FOR: ReadonlySet<string> = new Set(['SELECTOR_NOT_FOUND', 'SELECTOR_INVALID', 'INSTRUCTION_FAILED']);

function outcomeOfRenderError({ code, message }: RenderError): Trouble {
  if (ASKED_FOR.has(code)) return { kind: 'unsuccessful', rule: message };
  if (code === 'TOO_MANY_REDIRECTS') return { kind: 'too-many-redirects', hops: MAX_REDIRECTS };
  return { kind: 'unreachable', code };
}
