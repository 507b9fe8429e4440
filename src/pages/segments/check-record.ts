import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base32, WarcFormatError, parseScreenshotRecord, parseWholeRecord, payloadDigestIn } from './warc';
import type { PageRecord, RecordHead } from './warc';

/** What a row says about its record. */
export interface ExpectedRecord {
  readonly jobId: string;
  /** Checksum of the whole record. It is undefined for records from before the checksums; their payload digest is compared instead. */
  readonly crc32?: number | undefined;
  /** Status of the page, as the row has it. */
  readonly statusCode?: number | undefined;
}

/**
 * Reads the page of exactly one record in memory and checks that it is the one that was stored.
 * @throws WarcFormatError or HttpFormatError for anything else
 */
export function checkedPageRecord(bytes: Buffer, expected: ExpectedRecord): PageRecord {
  if (expected.crc32 !== undefined) assertChecksum(crc32Of([bytes]), expected.crc32);
  const { record, head } = parseWholeRecord(bytes);
  assertOfJob(head, expected);
  assertStatus(record, expected);
  if (expected.crc32 === undefined) assertDigest(createHash('sha1').update(record.body), head.payloadDigest);
  return record;
}

/** Reads and checks the image of exactly one screenshot record in memory. @throws WarcFormatError */
export function checkedScreenshotRecord(bytes: Buffer, crc32: number | undefined): Buffer {
  if (crc32 !== undefined) assertChecksum(crc32Of([bytes]), crc32);
  const image = parseScreenshotRecord(bytes);
  if (crc32 === undefined) assertDigest(createHash('sha1').update(image), payloadDigestIn(bytes));
  return image;
}

/** Throws for the record of another job, which may be whole. */
export function assertOfJob({ recordId }: RecordHead, { jobId }: ExpectedRecord): void {
  if (recordId !== `<urn:uuid:${jobId}>`)
    throw new WarcFormatError(`expected the record of job ${jobId}, found ${JSON.stringify(recordId.slice(0, 60))}`);
}

/** Throws for another status. The payload digest does not cover the head of the HTTP message, and the status matters most in it. */
export function assertStatus(found: Pick<PageRecord, 'statusCode'>, { statusCode }: ExpectedRecord): void {
  if (statusCode !== undefined && found.statusCode !== statusCode)
    throw new WarcFormatError(`expected a record with status ${statusCode}, found ${found.statusCode}`);
}

export function assertChecksum(found: number, expected: number): void {
  if (found !== expected)
    throw new WarcFormatError(`expected a record with CRC-32 ${hex(expected)}, found one with ${hex(found)}`);
}

export function assertDigest(payload: Hash, expected: string | undefined): void {
  const found = `sha1:${base32(payload.digest())}`;
  if (found !== expected)
    throw new WarcFormatError(`expected a record with payload digest ${expected ?? 'of its own'}, found ${found}`);
}

const hex = (crc: number): string => crc.toString(16).padStart(8, '0');

/**
 * Computes the CRC-32 (ISO 3309, as in gzip) of buffers one after another, unsigned. It finds every change of up to 32 bits in a row, and all but one
 * of four thousand million others, which is enough for damage, at a quarter of the cost of SHA-1 (measured: 5 µs of processor for 20 kB).
 * @param before CRC-32 of the bytes before them
 */
export const crc32Of = (chunks: readonly Buffer[], before = 0): number =>
  // zlib starts again at 0 when it gets no memory, as with some empty buffers (zlib.h, crc32).
  chunks.reduce((crc, chunk) => (chunk.length === 0 ? crc : crc32(chunk, crc)), before);
