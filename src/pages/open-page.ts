import { createHash } from 'node:crypto';
import { PageDamagedError, undamaged } from './undamaged';
import type { OnDamage } from './undamaged';
import type { StoredJob } from '../store/jobs';
import {
  assertChecksum,
  assertDigest,
  assertOfJob,
  assertStatus,
  checkedPageRecord,
  crc32Of,
} from './segments/check-record';
import type { ExpectedRecord } from './segments/check-record';
import type { HttpHead } from './segments/http-message';
import { parseHttpHead } from './segments/http-message';
import type { ReadRecord } from './segments/read-together';
import type { SegmentStore } from './segments/segment-store';
import type { RecordHead } from './segments/warc';
import { RECORD_END, RECORD_END_BYTES, WarcFormatError, parseRecordHead } from './segments/warc';

/** A stored page whose body is read as it is needed. */
export interface OpenedPage {
  readonly isConverted: boolean;
  readonly targetUri: string;
  /** Time of the fetch as in RFC 3339, in UTC. */
  readonly date: string;
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The heads as they are stored: that of the record and that of the HTTP message, each with the empty line behind it. */
  readonly heads: { readonly record: Buffer; readonly http: Buffer };
  /** Bytes of the body as stored, with its content-encoding. */
  readonly bodyBytes: number;
  /**
   * Reads the body from its beginning each time, in parts, one after another as they are asked for. Throws a PageDamagedError in place of
   * the last part when the page is another one by now.
   */
  readonly body: () => AsyncGenerator<Buffer>;
}

/**
 * Opens the page of a job; undefined without a page. When it resolves, the whole record has been read once and is known to be the one that
 * was stored, because what is sent of a page cannot be taken back. Rejects with a PageDamagedError otherwise.
 */
export type OpenPage = (
  job: Pick<StoredJob, 'id' | 'page' | 'statusCode'>,
  /** The record, where it is read together with others. It is not used for a page that is read in parts. */
  shared?: ReadRecord,
) => Promise<OpenedPage | undefined>;

const PART_BYTES = 256 * 1024;
/** Bytes that are read first; nearly every record has its heads in them. */
const FIRST_BYTES = 64 * 1024;
/** Limit for the heads. The fetcher takes far less from a target, so a record that exceeds it is damaged. */
const MAX_HEAD_BYTES = 1024 * 1024;

/** Opens pages of any size with one part of them in memory. A page of one part is read once, others once more for each pass. */
export function createOpenPage(segments: SegmentStore, onDamage?: OnDamage): OpenPage {
  return async ({ id, page, statusCode }, shared) => {
    if (page === undefined) return undefined;
    const { segment, offset, length, crc32 } = page;
    const record: Stored = {
      ...{ place: { jobId: id, segment, offset, length }, expected: { jobId: page.ownerId ?? id, crc32, statusCode } },
      read: (from, to) => segments.read(segment, offset + from, to - from),
      onDamage,
    };
    const open = (isAgain: boolean) =>
      length > PART_BYTES ? openLarge(record) : openSmall(record, isAgain ? undefined : shared);
    return undamaged(record.place, open, onDamage);
  };
}

interface Stored {
  readonly place: PageDamagedError['place'];
  readonly expected: ExpectedRecord;
  /** Bytes of the record. */
  readonly read: (from: number, to: number) => Promise<Buffer>;
  readonly onDamage: OnDamage | undefined;
}

async function openSmall({ place, expected, read }: Stored, shared: ReadRecord | undefined): Promise<OpenedPage> {
  const bytes = await (shared?.() ?? read(0, place.length));
  const { body, ...head } = checkedPageRecord(bytes, expected);
  // The body is a view on the bytes, with the end of the record behind it.
  const bodyStart = bytes.length - RECORD_END_BYTES - body.length;
  const { start = bodyStart } = parseRecordHead(bytes) ?? {};
  const heads = { record: bytes.subarray(0, start), http: bytes.subarray(start, bodyStart) };
  async function* parts() {
    if (body.length > 0) yield body;
  }
  return { ...head, heads, bodyBytes: body.length, body: parts };
}

async function openLarge(stored: Stored): Promise<OpenedPage> {
  const { place, expected, read } = stored;
  const { record, http, bytes } = await readHeads((size) => read(0, size), place.length);
  const bodyStart = record.start + http.headBytes;
  const bodyEnd = record.start + record.contentBytes;
  if (bodyEnd + RECORD_END_BYTES !== place.length)
    throw new WarcFormatError(
      `expected one record of ${place.length} bytes, found one of ${bodyEnd + RECORD_END_BYTES}`,
    );
  assertOfJob(record, expected);
  assertStatus(http, expected);
  const before = crc32Of([bytes.subarray(0, bodyStart)]);
  const digest = expected.crc32 === undefined ? createHash('sha1') : undefined;
  let crc = before;
  for (let from = bodyStart; from < bodyEnd; from += PART_BYTES) {
    const part = await read(from, Math.min(from + PART_BYTES, bodyEnd));
    crc = crc32Of([part], crc);
    digest?.update(part);
  }
  const end = await read(bodyEnd, place.length);
  if (!end.equals(RECORD_END)) throw new WarcFormatError('the record does not end as one');
  if (expected.crc32 !== undefined) assertChecksum(crc32Of([end], crc), expected.crc32);
  if (digest !== undefined) assertDigest(digest, record.payloadDigest);
  const { targetUri, date, isConverted } = record;
  const { statusCode, statusText, headers } = http;
  const heads = { record: bytes.subarray(0, record.start), http: bytes.subarray(record.start, bodyStart) };
  const body = () => bodyParts(stored, { bodyStart, bodyEnd, before, after: crc });
  const bodyBytes = bodyEnd - bodyStart;
  return { targetUri, date, isConverted, statusCode, statusText, headers, heads, bodyBytes, body };
}

interface CheckedBody {
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** CRC-32 of the record up to its body, and up to the end of its body. */
  readonly before: number;
  readonly after: number;
}

async function* bodyParts({ place, read, onDamage }: Stored, checked: CheckedBody): AsyncGenerator<Buffer> {
  const { bodyStart, bodyEnd, before, after } = checked;
  let crc = before;
  for (let from = bodyStart; from < bodyEnd; from += PART_BYTES) {
    const to = Math.min(from + PART_BYTES, bodyEnd);
    const part = await read(from, to);
    crc = crc32Of([part], crc);
    if (to === bodyEnd && crc !== after) {
      const damaged = new PageDamagedError(place, new WarcFormatError('it changed while it was read'));
      onDamage?.(damaged);
      throw damaged;
    }
    yield part;
  }
}

interface Heads {
  readonly record: RecordHead;
  readonly http: HttpHead;
  /** Bytes that they were read from. */
  readonly bytes: Buffer;
}

/** Reads the heads, and more bytes where they are longer. */
async function readHeads(read: (bytes: number) => Promise<Buffer>, length: number): Promise<Heads> {
  const most = Math.min(MAX_HEAD_BYTES, length);
  for (let size = Math.min(FIRST_BYTES, most); ; size = Math.min(4 * size, most)) {
    const bytes = await read(size);
    const record = parseRecordHead(bytes);
    const http = record && parseHttpHead(bytes.subarray(record.start, record.start + record.contentBytes));
    if (record !== undefined && http !== undefined) return { record, http, bytes };
    if (size === most) throw new WarcFormatError(`the head of the record does not end within ${most} bytes`);
  }
}
