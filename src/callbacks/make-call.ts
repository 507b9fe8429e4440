import { parseRetryAfter } from '../http/retry-after';
import type { CallRecord, Delivery } from '../store/deliveries';
import type { Logger } from '../telemetry/logger';
import type { CallResult, PostCallback } from './post-callback';
import { nextCallAt } from './retry-schedule';
import type { PayloadOf, DueCall } from './callback-payload';

export interface MakeCallDeps {
  readonly payloadOf: PayloadOf;
  readonly post: PostCallback;
  /** Calls after which a delivery is given up. Undefined: when its 72 hours are over. */
  readonly maxAttempts: number | undefined;
  readonly logger: Logger;
}

/**
 * Sign that a call gives of its receiver: `delivers` (2xx, or 410, which the receiver means), `refuses` (another status: its URL is in
 * trouble), `stays-silent` (connected, and then no answer: the URL or the whole origin) or `unreachable` (no connection: the origin).
 */
export type ReceiverSign = 'delivers' | 'refuses' | 'stays-silent' | 'unreachable';

export interface MadeCall {
  readonly record: CallRecord;
  /** Sign of how the receiver does. Undefined: the call says nothing of it. */
  readonly receiver: ReceiverSign | undefined;
  /** Pause that the receiver asked for with `Retry-After`. */
  readonly retryAfterMs?: number;
}

/** Makes one call; undefined when retention has removed what it reports. Rejects when the page store is away, and when the signal aborts. */
export type MakeCall = (
  due: DueCall,
  options: { readonly secrets: readonly string[]; readonly signal: AbortSignal },
) => Promise<MadeCall | undefined>;

/** Statuses with which `Retry-After` is obeyed (RFC 9110 §10.2.3; Standard Webhooks, "Retry schedule"). */
const MAY_ASK_FOR_PATIENCE = [429, 502, 503, 504];
const GONE = 410;

/** Makes one call and judges it: whether it has arrived, and if not, when it is made again. */
export function createMakeCall({ payloadOf, post, maxAttempts, logger }: MakeCallDeps): MakeCall {
  /** An unreadable page must not hold up the calls behind it: it counts as a failed call that says nothing of the receiver. */
  async function posted(due: DueCall, options: Parameters<MakeCall>[1]): Promise<CallResult | undefined> {
    const { delivery, job } = due;
    try {
      const payload = await payloadOf(due);
      if (payload === undefined) return undefined;
      const call = post({ id: delivery.id, url: delivery.url, payload, ...options });
      return await (payload.kind === 'stream' ? call.finally(payload.release) : call);
    } catch (error) {
      if (options.signal.aborted || (error as Error).name === 'StoreUnavailableError') throw error;
      logger.error({ err: error, delivery_id: delivery.id, job_id: job?.id }, 'a callback could not be put together');
      return { kind: 'unanswered', error: PAGE_UNREADABLE };
    }
  }

  return async (due, options) => {
    const at = new Date();
    const startedAt = performance.now();
    const result = await posted(due, options);
    if (result === undefined) return undefined;
    const signOf = (sign: ReceiverSign) => (due.delivery.event === 'test' ? undefined : sign); // A test call says nothing of how the others do.
    const call = { delivery: due.delivery, at, durationMs: Math.round(performance.now() - startedAt) };
    if (result.kind === 'unanswered') {
      const { error } = result;
      const receiver =
        error === PAGE_UNREADABLE ? undefined : signOf(isSilence(error) ? 'stays-silent' : 'unreachable');
      return { record: { ...call, error, ...again(due.delivery, undefined) }, receiver };
    }
    const { statusCode, text } = result;
    const answered = { ...call, statusCode, ...(text !== undefined && { answer: text }) };
    if (statusCode >= 200 && statusCode < 300)
      return { record: { ...answered, status: 'delivered' }, receiver: 'delivers' };
    if (statusCode === GONE) return { record: { ...answered, status: 'stopped' }, receiver: 'delivers' };
    const retryAfterMs = MAY_ASK_FOR_PATIENCE.includes(statusCode)
      ? parseRetryAfter(result.retryAfter, Date.now())
      : undefined;
    return {
      record: { ...answered, ...again(due.delivery, retryAfterMs) },
      receiver: signOf('refuses'),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  };

  function again(delivery: Delivery, retryAfterMs: number | undefined): Pick<CallRecord, 'status' | 'nextAttemptAt'> {
    const callLimit = delivery.event === 'test' ? 1 : maxAttempts;
    const nextAttemptAt = nextCallAt({
      attempts: delivery.roundAttempts + 1,
      roundStartedAt: delivery.roundStartedAt,
      now: new Date(),
      random: Math.random(),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(callLimit !== undefined && { maxAttempts: callLimit }),
    });
    return nextAttemptAt === undefined ? { status: 'failed' } : { status: 'pending', nextAttemptAt };
  }
}

/** Error codes of a connection that was made and then broke, or brought nothing in time. */
const SILENCES: ReadonlySet<string> = new Set(['timeout', 'UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'UND_ERR_ABORTED']);
/** Whether the connection was made and brought no valid answer (`HPE_…` are the parser codes of llhttp). */
const isSilence = (error: string): boolean => SILENCES.has(error) || error.startsWith('HPE_');

const PAGE_UNREADABLE = 'page_unreadable';
