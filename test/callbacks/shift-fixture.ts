import { setMaxListeners } from 'node:events';
import { CallPace, CallSlots } from '../../src/callbacks/call-pace';
import { CallRecorder } from '../../src/callbacks/call-recorder';
import { createPayloadOf } from '../../src/callbacks/callback-payload';
import { DeliveryShift } from '../../src/callbacks/delivery-shift';
import { createMakeCall } from '../../src/callbacks/make-call';
import { batchMemberId, createBatchId } from '../../src/jobs/job-id';
import { createGuard } from '../../src/net/guard';
import { insertBatch } from '../../src/store/batches';
import { findReceiverOfKey } from '../../src/store/list-receivers';
import { endpointOf, findReceiver } from '../../src/store/receivers';
import { findJobs } from '../../src/store/jobs';
import { findTroubledUrls } from '../../src/store/troubled-urls';
import type { SegmentStore } from '../../src/pages/segments/segment-store';
import { endJobs } from '../../src/store/write-outcomes';
import { createLogger } from '../../src/telemetry/logger';
import { createPostCallback } from '../../src/callbacks/post-callback';
import { createTestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';

const noSegments = {} as SegmentStore; // jobs that failed have no page

export interface ShiftOptions {
  readonly callsPerReceiver?: number;
  readonly maxAttempts?: number;
  readonly slots?: number;
  readonly pace?: Pick<CallPace, 'take'>;
}

/** Opens the worker's side of callbacks on a real database. Its jobs failed, so that no page is needed. */
export async function openShifts() {
  const db = await createTestDatabase();
  const apiKeyId = await addDefaultKey(db.database);
  const { post, close } = createPostCallback(createGuard(['127.0.0.1/32']), { timeoutMs: 3_000 });
  const listeners = new Map<string, () => void>();
  const logger = createLogger('silent');

  /** Ends `count` jobs that report to `url`, in order. @returns their ids */
  async function tell(url: string, count: number): Promise<string[]> {
    const id = createBatchId();
    const createdAt = new Date();
    const options = { callback: { type: 'webhook' as const, url }, expectUnsuccessReport: true };
    await db.database.transaction((tx) =>
      insertBatch(tx, {
        ...{ id, apiKeyId, options, fanOut: 'sweep', createdAt, deadlineAt: new Date(createdAt.getTime() + 60_000) },
        urls: Array.from({ length: count }, (_, index) => `https://a.example/${index}`),
        prices: Array.from({ length: count }, () => 1),
      }),
    );
    const ids = Array.from({ length: count }, (_, index) => batchMemberId(id, index));
    for (let from = 0; from < count; from += 500) {
      const jobs = await findJobs(db.database, ids.slice(from, from + 500));
      const ends = [...jobs.values()].map((job) => ({ job, status: 'failed' as const, attempts: 1 }));
      await endJobs(
        db.database,
        ends.sort((a, b) => (a.job.id < b.job.id ? -1 : 1)),
      );
    }
    listeners.get(endpointOf(apiKeyId, url).endpointId)?.();
    return ids;
  }

  function shiftFor(url: string, options: ShiftOptions = {}): DeliveryShift {
    const deps = { database: db.database, readResponse: async () => undefined, openPage: async () => undefined };
    const payloadOf = createPayloadOf({ ...deps, publicUrl: 'https://everfetch.example', retentionMs: 259_200_000 });
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    return new DeliveryShift(
      {
        database: db.database,
        makeCall: createMakeCall({ payloadOf, post, logger, maxAttempts: options.maxAttempts }),
        recorder: new CallRecorder(db.database),
        segments: noSegments,
        pace: options.pace ?? new CallPace({ isBusy: false, begun: 0 }),
        slots: new CallSlots(options.slots ?? 256),
        lingerMs: 100,
        callsPerReceiver: options.callsPerReceiver ?? 32,
        listen: (endpointId, onNews) => {
          listeners.set(endpointId, onNews);
          return () => listeners.delete(endpointId);
        },
      },
      endpointOf(apiKeyId, url).endpointId,
      signal,
    );
  }

  return {
    db,
    apiKeyId,
    tell,
    shiftFor,
    /** Works until nothing is due, or the receiver is left alone. */
    work: (url: string, options?: ShiftOptions) => shiftFor(url, options).run(),
    receiver: async (url: string) => findReceiver(db.database, endpointOf(apiKeyId, url).endpointId),
    /** What its owner sees of the receiver. */
    shown: async (url: string) => findReceiverOfKey(db.database, apiKeyId, endpointOf(apiKeyId, url).endpointId),
    /** Finds the URLs of the receiver that are left alone. */
    troubledUrls: async (url: string) => findTroubledUrls(db.database, endpointOf(apiKeyId, url).endpointId),
    /** Ends the pauses of the receiver and of its URLs. */
    async probeNow(url: string) {
      const { endpointId } = endpointOf(apiKeyId, url);
      await db.database.query(
        'update webhook_endpoints set next_call_at = now() where id = $1 and next_call_at is not null',
        [endpointId],
      );
      await db.database.query('update webhook_troubled_urls set next_call_at = now() where endpoint_id = $1', [
        endpointId,
      ]);
      await db.database.query(
        `update webhook_deliveries set next_attempt_at = least(next_attempt_at, now()) where endpoint_id = $1 and status = 'pending'`,
        [endpointId],
      );
    },
    async counts(url: string): Promise<Record<string, number>> {
      const rows = await db.database.query<{ status: string; n: number }>(
        'select status, count(*) as n from webhook_deliveries where url = $1 group by 1',
        [url],
      );
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    },
    async close() {
      await close();
      await db.drop();
    },
  };
}
