import type { JobResponse } from '../contracts/job-object';
import type { JsonBody } from '../contracts/json-body';
import type { StoredJob } from './jobs';
import type { ReadRecord } from './segments/read-together';
import type { SegmentStore } from './segments/segment-store';
import { parsePageRecord } from './segments/warc';
import type { PageRecord } from './segments/warc';

/** A page unpacks to at most this much, or it would not have been stored. */
export const MAX_PAGE_BYTES = 50 * 1024 * 1024;

export interface ReadResponseDeps {
  readonly segments: SegmentStore;
  /** Decodes a record for clients: `extract/present-response`. */
  readonly present: (options: {
    readonly record: PageRecord;
    readonly isBinaryTarget: boolean;
    readonly jsonBody: JsonBody;
    readonly withBody: boolean;
    readonly maxBytes: number;
  }) => Promise<JobResponse>;
}

export type ReadResponse = (
  job: StoredJob,
  options: {
    readonly withBody: boolean;
    /** Of the unpacked page; beyond it `TooLargeError` is thrown. @default MAX_PAGE_BYTES */
    readonly maxBytes?: number;
    /** How a page that is declared as JSON is given, if it is valid. @default 'text' */
    readonly jsonBody?: JsonBody;
    /** The stored page, where it is read together with others. */
    readonly record?: ReadRecord | undefined;
  },
) => Promise<JobResponse | undefined>;

/** Reads the `response` of a finished job: one ranged read. Undefined for a job without a page. */
export function createReadResponse({ segments, present }: ReadResponseDeps): ReadResponse {
  return async (job, { withBody, maxBytes = MAX_PAGE_BYTES, jsonBody = 'text', record }) => {
    if (job.page === undefined) return undefined;
    const { segment, offset, length } = job.page;
    const bytes = await (record?.() ?? segments.read(segment, offset, length));
    return present({
      record: parsePageRecord(bytes),
      isBinaryTarget: job.options.apiParams?.binary_target === true,
      jsonBody,
      withBody,
      maxBytes,
    });
  };
}
