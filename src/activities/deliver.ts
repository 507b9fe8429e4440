import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { jobObject } from '../contracts/job-object';
import type { DeliverWebhooksInput } from '../contracts/workflow-io';
import type { Queryable } from '../store/database';
import { findDueDeliveries, isHealthyEndpoint, nextDeliveryAt, recordDelivery } from '../store/deliveries';
import type { Delivery } from '../store/deliveries';
import { findJob } from '../store/jobs';
import type { ReadResponse } from '../store/read-response';
import type { PostCallback } from '../webhooks/post-callback';
import { nextCallAt } from '../webhooks/retry-schedule';
import { toFailure } from './failures';

export interface DeliverDeps {
  readonly database: Queryable;
  readonly readResponse: ReadResponse;
  readonly post: PostCallback;
  readonly publicUrl: string;
  readonly retentionMs: number;
  /** Aborts when the worker stops: what is left is due and goes out after the next start. */
  readonly stopping: AbortSignal;
}

/** Calls at once while the receiver is healthy; one at a time while it is not. */
const WIDTH = 4;
const GROUP = 40;
const HEARTBEAT_MS = 5_000;
/** One activity never runs longer than this with full groups: the workflow stays responsive and its history honest. */
const SHIFT_MS = 5 * 60_000;

/** Makes the calls of one receiver that are due. Resolves with the time of the next one, if any is left. */
export function createDeliver(
  deps: DeliverDeps,
): (input: DeliverWebhooksInput) => Promise<{ readonly nextAtMs?: number }> {
  return async function deliver({ endpointId }) {
    const signal = cancellationSignal();
    const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
    const endOfShift = Date.now() + SHIFT_MS;
    try {
      while (Date.now() < endOfShift && !deps.stopping.aborted) {
        const due = await findDueDeliveries(deps.database, endpointId, GROUP);
        if (due.length === 0) break;
        await deliverGroup(deps, due, (await isHealthyEndpoint(deps.database, endpointId)) ? WIDTH : 1, signal);
      }
      const next = await nextDeliveryAt(deps.database, endpointId);
      return next === undefined ? {} : { nextAtMs: next.getTime() };
    } catch (error) {
      throw signal.aborted ? signal.reason : toFailure(error);
    } finally {
      clearInterval(beat);
    }
  };
}

/** Stops calling after the first failure: what is left of the group is due and comes with the next one, one at a time. */
async function deliverGroup(
  deps: DeliverDeps,
  due: readonly Delivery[],
  width: number,
  signal: AbortSignal,
): Promise<void> {
  const queue = due.values();
  let isFailing = false;
  const work = async () => {
    for (const delivery of queue) {
      if (!(await call(deps, delivery, signal))) isFailing = true;
      if (isFailing || deps.stopping.aborted) return;
    }
  };
  await Promise.all(Array.from({ length: width }, work));
}

async function call(deps: DeliverDeps, delivery: Delivery, signal: AbortSignal): Promise<boolean> {
  const job = await findJob(deps.database, delivery.jobId);
  if (job === undefined) return true; // retention took the job, and with it this delivery
  const response = await deps.readResponse(job, { withBody: true });
  const body = JSON.stringify(jobObject(job, { publicUrl: deps.publicUrl, retentionMs: deps.retentionMs, response }));
  const result = await deps.post(delivery.url, body, signal);
  const now = new Date();
  const nextAttemptAt = result.isDelivered
    ? undefined
    : nextCallAt({ attempts: delivery.attempts + 1, createdAt: delivery.createdAt, now, random: Math.random() });
  await recordDelivery(deps.database, {
    delivery,
    isDelivered: result.isDelivered,
    ...(!result.isDelivered && { error: result.error }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt }),
  });
  return result.isDelivered;
}
