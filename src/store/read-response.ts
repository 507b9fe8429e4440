import type { JobResponse } from '../contracts/job-object';
import type { StoredJob } from './jobs';
import type { SegmentStore } from './segments/segment-store';
import { parseResponseRecord } from './segments/warc';
import type { ResponseRecord } from './segments/warc';

/** A page unpacks to at most this much, or it would not have been stored. */
export const MAX_PAGE_BYTES = 50 * 1024 * 1024;

export interface ReadResponseDeps {
  readonly segments: SegmentStore;
  /** Decodes a record for clients: `extract/present-response`. */
  readonly present: (options: {
    readonly record: ResponseRecord;
    readonly isBinaryTarget: boolean;
    readonly withBody: boolean;
    readonly maxBytes: number;
  }) => Promise<JobResponse>;
}

export type ReadResponse = (
  job: StoredJob,
  options: { readonly withBody: boolean },
) => Promise<JobResponse | undefined>;

/** Reads the `response` of a finished job: one ranged read. Undefined for a job without a page. */
export function createReadResponse({ segments, present }: ReadResponseDeps): ReadResponse {
  return async (job, { withBody }) => {
    if (job.page === undefined) return undefined;
    const bytes = await segments.read(job.page.segment, job.page.offset, job.page.length);
    return present({
      record: parseResponseRecord(bytes),
      isBinaryTarget: job.options.apiParams?.binary_target === true,
      withBody,
      maxBytes: MAX_PAGE_BYTES,
    });
  };
}
