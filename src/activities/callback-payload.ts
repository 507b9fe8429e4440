import { randomUUID } from 'node:crypto';
import { batchObject } from '../contracts/batch-object';
import { jobObject } from '../contracts/job-object';
import type { JobResponse } from '../contracts/job-object';
import { streamPage } from '../extract/stream-page';
import { findBatch } from '../store/batches';
import type { Queryable } from '../store/database';
import type { StoredJob } from '../store/jobs';
import type { OpenPage } from '../store/open-page';
import type { ReadResponse } from '../store/read-response';
import type { ReadRecord } from '../store/segments/read-together';
import type { Payload } from '../webhooks/payload';
import type { DueCall } from './due-calls';
import { Permits } from './permits';

export interface PayloadDeps {
  readonly database: Queryable;
  readonly readResponse: ReadResponse;
  readonly openPage: OpenPage;
  readonly publicUrl: string;
  readonly retentionMs: number;
}

/** The body of a call; undefined when retention has removed what it tells of. */
export type PayloadOf = (due: DueCall) => Promise<Payload | undefined>;

/** A page over it is not sent: the object then says where it can be read. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Stored pages up to here are made a body in memory, unless they unpack to more than four times that. */
const SMALL_BYTES = 64 * 1024;

export const isSmall = ({ page }: StoredJob): boolean => page !== undefined && page.length <= SMALL_BYTES;

/** Bodies read from their segments at a time, per worker: with the garbage that it makes, each takes some 9 MB (measured, 10 MB pages). */
const MAX_STREAMS = 8;

/** Makes the bodies of calls. Whatever the size of the page, some 100 kB of it are in memory. */
export function createPayloadOf(deps: PayloadDeps): PayloadOf {
  const streams = new Permits(MAX_STREAMS);
  const objectOf = (job: StoredJob, response?: JobResponse, error?: 'page_damaged') =>
    JSON.stringify(jobObject(job, { publicUrl: deps.publicUrl, retentionMs: deps.retentionMs, response, error }));

  /** Undefined when it is too much for memory. */
  async function smallObject(job: StoredJob, record: ReadRecord | undefined): Promise<string | undefined> {
    if (job.page === undefined) return objectOf(job);
    if (!isSmall(job)) return undefined;
    try {
      return objectOf(job, await deps.readResponse(job, { withBody: true, maxBytes: 4 * SMALL_BYTES, record }));
    } catch (error) {
      if ((error as Error).name === 'TooLargeError') return undefined;
      throw error;
    }
  }

  /** What a page that is damaged has been, nobody can say any more; that its job has finished, its receiver is told. */
  async function ofJob(job: StoredJob, record: ReadRecord | undefined): Promise<Payload> {
    try {
      return await withPage(job, record);
    } catch (error) {
      if ((error as Error).name === 'PageDamagedError') return bytesOf(objectOf(job, undefined, 'page_damaged'));
      throw error;
    }
  }

  async function withPage(job: StoredJob, record: ReadRecord | undefined): Promise<Payload> {
    const small = await smallObject(job, record);
    if (small !== undefined) return bytesOf(small);
    const release = await streams.enter();
    try {
      const large = await largeObject(job);
      if (typeof large !== 'string') return { kind: 'stream', parts: large, release };
      release();
      return bytesOf(large);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** In parts, or at once where the page is too large to be sent. */
  async function largeObject(job: StoredJob): Promise<string | (() => AsyncIterable<Buffer>)> {
    const opened = await deps.openPage(job);
    if (opened === undefined) return objectOf(job);
    const isBinaryTarget = job.options.apiParams?.binary_target === true;
    const page = await streamPage(opened, { isBinaryTarget, maxBytes: MAX_BODY_BYTES });
    const { headers, statusCode } = page;
    if (page.kind === 'too-large')
      return objectOf(job, { headers, statusCode, bodyUrl: `${deps.publicUrl}/jobs/${job.id}/body` });
    const place = randomUUID();
    const object = objectOf(job, { headers, statusCode, [page.field]: place });
    const [before = '', after = ''] = object.split(page.isObject ? `"${place}"` : place);
    return async function* () {
      yield Buffer.from(before);
      for await (const text of page.text()) yield Buffer.from(page.isObject ? text : JSON.stringify(text).slice(1, -1));
      yield Buffer.from(after);
    };
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
