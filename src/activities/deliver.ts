import { setMaxListeners } from 'node:events';
import type { Activities } from '../workflows/workflow-io';
import type { Queryable } from '../store/database';
import type { SegmentStore } from '../pages/segments/segment-store';
import type { Logger } from '../telemetry/logger';
import type { PostCallback } from '../callbacks/post-callback';
import { CallPace, CallSlots } from '../callbacks/call-pace';
import type { FetchLoad } from '../callbacks/call-pace';
import { CallRecorder } from '../callbacks/call-recorder';
import { createPayloadOf } from '../callbacks/callback-payload';
import type { PayloadDeps } from '../callbacks/callback-payload';
import { DeliveryShift } from '../callbacks/delivery-shift';
import type { DeliveryShiftDeps } from '../callbacks/delivery-shift';
import { createMakeCall } from '../callbacks/make-call';
import type { WorkOf } from './as-activity';

export interface DeliverDeps extends PayloadDeps {
  readonly database: Queryable;
  readonly segments: SegmentStore;
  readonly pool: FetchLoad;
  readonly post: PostCallback;
  readonly listen: DeliveryShiftDeps['listen'];
  readonly callsPerReceiver: number;
  readonly maxCallAttempts: number | undefined;
  readonly logger: Logger;
  /** Aborts when the worker stops. What is left stays due and goes out after the next start. */
  readonly stopping: AbortSignal;
}

/** Longest time that one activity runs, so that the workflow's history shows progress and another worker can take over. */
const SHIFT_MS = 5 * 60_000;
/** How long to wait for the next callback after the last one. It often follows soon, and waiting here costs Temporal nothing. */
const LINGER_MS = 5_000;
/** Most calls in flight per worker, for all receivers together. */
const MAX_CALLS = 256;

/** Makes the calls of one receiver that are due. Resolves with the time of the next one, if any is left. */
export function createDeliver(deps: DeliverDeps): WorkOf<Activities['deliver']> {
  const { post, logger, maxCallAttempts: maxAttempts } = deps;
  const makeCall = createMakeCall({ payloadOf: createPayloadOf(deps), post, maxAttempts, logger });
  const recorder = new CallRecorder(deps.database);
  const slots = new CallSlots(MAX_CALLS);
  const pace = new CallPace(deps.pool);

  return async function deliver({ signal }, { endpointId }) {
    setMaxListeners(0, signal); // one per call in flight
    const shift = new DeliveryShift(
      { ...deps, makeCall, recorder, slots, pace, lingerMs: LINGER_MS },
      endpointId,
      signal,
    );
    const endOfShift = setTimeout(() => shift.end(), SHIFT_MS);
    const end = () => shift.end();
    deps.stopping.addEventListener('abort', end);
    if (deps.stopping.aborted) end();
    try {
      const next = await shift.run();
      return next === undefined ? {} : { nextAtMs: next.getTime() };
    } finally {
      deps.stopping.removeEventListener('abort', end);
      clearTimeout(endOfShift);
    }
  };
}
