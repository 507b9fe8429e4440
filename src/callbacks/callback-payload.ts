import { Permits } from '../async/permits';
import { batchObject } from '../jobs/batch-object';
import { createJobTexts } from '../pages/job-text';
import type { JobTextDeps } from '../pages/job-text';
import type { ReadRecord } from '../pages/segments/read-together';
import { findBatch } from '../store/batches';
import type { Queryable } from '../store/database';
import type { Delivery } from '../store/deliveries';
import type { StoredJob } from '../store/jobs';

/** A callback that is due, with the job that it reports and its page. */
export interface DueCall {
  readonly delivery: Delivery;
  readonly job: StoredJob | undefined;
  readonly record: ReadRecord | undefined;
}

/** The body of a call. A small one is in memory; a large one is read anew for each pass. */
export type Payload =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | {
      readonly kind: 'stream';
      readonly parts: () => AsyncIterable<Buffer>;
      /** Gives the place among the streams back; must be called when the call is over. */
      readonly release: () => void;
    };

export interface PayloadDeps extends JobTextDeps {
  readonly database: Queryable;
}

/** Makes the body of a call; undefined when retention has removed the job or batch that it reports. */
export type PayloadOf = (due: DueCall) => Promise<Payload | undefined>;

/** Larger pages are not sent: the object then has their `bodyUrl`. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Stored pages up to this size become a body in memory, unless they unpack to more than four times as much. */
const SMALL_BYTES = 64 * 1024;

export const isSmall = ({ page }: StoredJob): boolean => page !== undefined && page.length <= SMALL_BYTES;

/** Bodies that a worker reads from segments at a time: each takes some 9 MB with its garbage (measured with 10 MB pages). */
const MAX_STREAMS = 8;

/** Makes the bodies of calls. Only some 100 kB of a page are in memory, whatever its size. */
export function createPayloadOf(deps: PayloadDeps): PayloadOf {
  const streams = new Permits(MAX_STREAMS);
  const texts = createJobTexts(deps);

  /** With a damaged page, the receiver is still told that the job has finished. */
  async function ofJob(job: StoredJob, record: ReadRecord | undefined): Promise<Payload> {
    try {
      return await withPage(job, record);
    } catch (error) {
      if ((error as Error).name === 'PageDamagedError') return bytesOf(texts.damaged(job));
      throw error;
    }
  }

  async function withPage(job: StoredJob, record: ReadRecord | undefined): Promise<Payload> {
    const small = await texts.small(job, { maxStoredBytes: SMALL_BYTES, record });
    if (small !== undefined) return bytesOf(small);
    const release = await streams.enter();
    try {
      const large = await texts.large(job, { maxBytes: MAX_BODY_BYTES });
      if (large.kind === 'parts') return { kind: 'stream', parts: () => encoded(large.parts()), release };
      release();
      const bodyUrl = `${deps.publicUrl}/jobs/${job.id}/body`;
      return bytesOf(JSON.stringify(texts.objectOf(job, { ...large.response, bodyUrl })));
    } catch (error) {
      release();
      throw error;
    }
  }

  return async ({ delivery, job, record }) => {
    if (job !== undefined) return ofJob(job, record);
    const { id, event, batchId, createdAt } = delivery;
    if (event === 'test') return bytesOf(JSON.stringify({ id, event, createdAt: createdAt.toISOString() }));
    const batch = batchId === undefined ? undefined : await findBatch(deps.database, batchId);
    return batch && bytesOf(JSON.stringify(batchObject(batch, deps)));
  };
}

const bytesOf = (text: string): Payload => ({ kind: 'bytes', bytes: Buffer.from(text) });

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}
