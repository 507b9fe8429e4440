import { randomUUID } from 'node:crypto';
import { RECORD_END } from './warc';

/** Bytes of a segment, in the form in which a store reads them. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

const ZEROS = Buffer.alloc(256 * 1024);

/**
 * What stands in a segment in place of records that were erased, in parts: one record of the same length whose content is zeros, so that the
 * segment is still a WARC file. Where that has no room there are zeros only.
 */
export function* erasedRecord(length: number): Generator<Buffer> {
  const head = headOf(length);
  const isRecord = head.length + RECORD_END.length <= length;
  if (isRecord) yield head;
  let zeros = isRecord ? length - head.length - RECORD_END.length : length;
  for (; zeros > 0; zeros -= ZEROS.length) yield ZEROS.subarray(0, Math.min(zeros, ZEROS.length));
  if (isRecord) yield RECORD_END;
}

/** The length is written with ten digits, so that the head does not depend on it. */
function headOf(length: number): Buffer {
  const text = (contentBytes: number) =>
    [
      'WARC/1.1',
      'WARC-Type: metadata',
      `WARC-Record-ID: <urn:uuid:${randomUUID()}>`,
      `WARC-Date: ${new Date().toISOString()}`,
      'Content-Type: application/octet-stream',
      `Content-Length: ${String(Math.max(contentBytes, 0)).padStart(10, '0')}`,
    ].join('\r\n') + '\r\n\r\n';
  return Buffer.from(text(length - Buffer.byteLength(text(0)) - RECORD_END.length));
}

/** Whether the ranges leave nothing of a segment of this size. */
export function isCovered(ranges: readonly ByteRange[], size: number): boolean {
  let covered = 0;
  for (const { offset, length } of [...ranges].sort((one, other) => one.offset - other.offset)) {
    if (offset > covered) return false;
    covered = Math.max(covered, offset + length);
  }
  return covered >= size;
}
