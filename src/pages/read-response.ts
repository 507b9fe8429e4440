import type { JobResponse } from '../jobs/job-object-schema';
import type { JsonBody } from '../jobs/json-body';
import type { StoredJob } from '../store/jobs';
import type { ReadRecord } from './segments/read-together';
import type { SegmentStore } from './segments/segment-store';
import { checkedPageRecord } from './segments/check-record';
import type { PageRecord } from './segments/warc';
import { undamaged } from './undamaged';
import type { OnDamage } from './undamaged';

/** Most bytes that a page unpacks to; it would not have been stored otherwise. */
export const MAX_PAGE_BYTES = 50 * 1024 * 1024;

export interface ReadResponseDeps {
  readonly segments: SegmentStore;
  /** Decodes a record for clients, as `presentResponse` does. */
  readonly present: (options: {
    readonly record: PageRecord;
    readonly isBinaryTarget: boolean;
    readonly jsonBody: JsonBody;
    readonly withBody: boolean;
    readonly maxBytes: number;
  }) => Promise<JobResponse>;
  readonly onDamage?: OnDamage;
}

export type ReadResponse = (
  job: StoredJob,
  options: {
    readonly withBody: boolean;
    /** Limit for the unpacked page; beyond it `BodyTooLargeError` is thrown. @default MAX_PAGE_BYTES */
    readonly maxBytes?: number;
    /** How a page that is declared as JSON is given, if it is valid. @default 'text' */
    readonly jsonBody?: JsonBody;
    /** The stored page, where it is read together with others. */
    readonly record?: ReadRecord | undefined;
  },
) => Promise<JobResponse | undefined>;

/**
 * Reads the `response` of a finished job with one ranged read. It is undefined for a job without a page. Rejects with a PageDamagedError when the
 * record is not the one that was stored.
 */
export function createReadResponse({ segments, present, onDamage }: ReadResponseDeps): ReadResponse {
  return async (job, { withBody, maxBytes = MAX_PAGE_BYTES, jsonBody = 'text', record }) => {
    if (job.page === undefined) return undefined;
    const { segment, offset, length, crc32 } = job.page;
    const expected = { jobId: job.page.ownerId ?? job.id, crc32, statusCode: job.statusCode };
    const read = async (isAgain: boolean) => {
      const shared = isAgain ? undefined : record?.();
      return checkedPageRecord(await (shared ?? segments.read(segment, offset, length)), expected);
    };
    return present({
      record: await undamaged({ jobId: job.id, segment, offset, length }, read, onDamage),
      isBinaryTarget: job.options.apiParams?.binary_target === true,
      jsonBody,
      withBody,
      maxBytes,
    });
  };
}
