import type { StoredJob } from './jobs';
import type { HttpHead } from './segments/http-message';
import { parseHttpHead } from './segments/http-message';
import type { SegmentStore } from './segments/segment-store';
import type { RecordHead } from './segments/warc';
import { RECORD_END_BYTES, WarcFormatError, parseRecordHead } from './segments/warc';

/** A stored page whose body is read as it is needed. */
export interface OpenedPage {
  readonly isConverted: boolean;
  readonly targetUri: string;
  /** RFC 3339, in UTC. */
  readonly date: string;
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Of the body as stored, with its content-encoding. */
  readonly bodyBytes: number;
  /** From its beginning each time, in parts that are read one after another as they are asked for. */
  readonly body: () => AsyncGenerator<Buffer>;
}

/** Undefined for a job without a page. */
export type OpenPage = (job: StoredJob) => Promise<OpenedPage | undefined>;

const PART_BYTES = 256 * 1024;
/** Nearly every record has its heads in here. */
const FIRST_BYTES = 64 * 1024;
/** Far more than the fetcher takes of a target: what goes on beyond it is damaged. */
const MAX_HEAD_BYTES = 1024 * 1024;

/** Opens pages of any size at the cost of their heads. */
export function createOpenPage(segments: SegmentStore): OpenPage {
  return async (job) => {
    if (job.page === undefined) return undefined;
    const { segment, offset, length } = job.page;
    const { record, http } = await readHeads((bytes) => segments.read(segment, offset, bytes), length);
    const bodyStart = record.start + http.headBytes;
    const bodyEnd = record.start + record.contentBytes;
    if (bodyEnd + RECORD_END_BYTES !== length)
      throw new WarcFormatError(`expected one record of ${length} bytes, found one of ${bodyEnd + RECORD_END_BYTES}`);
    async function* body() {
      for (let from = bodyStart; from < bodyEnd; from += PART_BYTES)
        yield await segments.read(segment, offset + from, Math.min(PART_BYTES, bodyEnd - from));
    }
    const { targetUri, date, isConverted } = record;
    const { statusCode, statusText, headers } = http;
    return { targetUri, date, isConverted, statusCode, statusText, headers, bodyBytes: bodyEnd - bodyStart, body };
  };
}

interface Heads {
  readonly record: RecordHead;
  readonly http: HttpHead;
}

/** Reads more where the heads are longer. */
async function readHeads(read: (bytes: number) => Promise<Buffer>, length: number): Promise<Heads> {
  const most = Math.min(MAX_HEAD_BYTES, length);
  for (let size = Math.min(FIRST_BYTES, most); ; size = Math.min(4 * size, most)) {
    const bytes = await read(size);
    const record = parseRecordHead(bytes);
    const http = record && parseHttpHead(bytes.subarray(record.start, record.start + record.contentBytes));
    if (record !== undefined && http !== undefined) return { record, http };
    if (size === most) throw new WarcFormatError(`the head of the record does not end within ${most} bytes`);
  }
}
