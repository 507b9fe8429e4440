import { randomUUID } from 'node:crypto';
import type { FetchedPage } from '../../jobs/fetch-outcome';
import { parseHttpMessage, serializeHead } from './http-message';
import type { HttpMessage } from './http-message';

/**
 * A WARC 1.1 (ISO 28500:2017) record of a page: `response`, the page as HTTP sent it, or `conversion`, the same message with the body that it
 * was made into. A screenshot is a `resource`.
 */
export interface PageRecord extends HttpMessage {
  readonly isConverted: boolean;
  /** URL at which the redirects ended. */
  readonly targetUri: string;
  /** Time of the fetch as in RFC 3339, in UTC. */
  readonly date: string;
}

interface WritePageOptions {
  readonly page: Pick<
    FetchedPage,
    'finalUrl' | 'statusCode' | 'statusText' | 'headers' | 'body' | 'fetchedAt' | 'isConverted'
  >;
  readonly jobId: string;
  /** UUID of the record. @default jobId */
  readonly recordId?: string;
}

/** Place of a record in its segment, in bytes. */
interface RecordPlace {
  readonly offset: number;
  readonly length: number;
}

/** Thrown for bytes that are not exactly one record of ours, because of a wrong range or damage. */
export class WarcFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WarcFormatError';
  }
}

const VERSION = 'WARC/1.1';
const HEAD_END = '\r\n\r\n';
/** End of every record, behind its content. */
export const RECORD_END = Buffer.from('\r\n\r\n');
export const RECORD_END_BYTES = RECORD_END.length;

/**
 * Writes a record in pieces; the body is the page's own buffer, not a copy. It has no payload digest, which the standard leaves open
 * (§5.9): the row's checksum covers more, and SHA-1 would take half of the time that writing a page takes.
 */
export function writePageRecord({ page, jobId, recordId = jobId }: WritePageOptions): Buffer[] {
  const httpHead = serializeHead(page);
  const lines = [
    VERSION,
    `WARC-Type: ${page.isConverted === true ? 'conversion' : 'response'}`,
    `WARC-Record-ID: <urn:uuid:${uriText(recordId)}>`,
    `WARC-Date: ${new Date(page.fetchedAt).toISOString()}`, // It has to be UTC with a Z (§5.4), whatever offset the clock wrote.
    `WARC-Target-URI: ${uriText(page.finalUrl)}`,
    'Content-Type: application/http;msgtype=response',
    `Content-Length: ${httpHead.length + page.body.length}`,
  ];
  return [Buffer.from(lines.join('\r\n') + HEAD_END), httpHead, page.body, RECORD_END];
}

/** Writes a screenshot of a page, named as Browsertrix names it, so that web-archiving tools find it. */
export function writeScreenshotRecord(
  { finalUrl, fetchedAt }: Pick<FetchedPage, 'finalUrl' | 'fetchedAt'>,
  screenshot: Buffer,
): Buffer[] {
  const lines = [
    VERSION,
    'WARC-Type: resource',
    `WARC-Record-ID: <urn:uuid:${randomUUID()}>`,
    `WARC-Date: ${new Date(fetchedAt).toISOString()}`,
    `WARC-Target-URI: urn:fullPage:${uriText(finalUrl)}`,
    'Content-Type: image/png',
    `Content-Length: ${screenshot.length}`,
  ];
  return [Buffer.from(lines.join('\r\n') + HEAD_END), screenshot, RECORD_END];
}

/** Reads the image of exactly one screenshot record, as a view on `bytes`, not a copy. */
export function parseScreenshotRecord(bytes: Buffer): Buffer {
  const head = parseFields(bytes);
  if (head?.fields.get('warc-type') !== 'resource') throw new WarcFormatError('expected a resource record');
  return bytes.subarray(head.start, endOfOnly(bytes, head.start + lengthIn(head.fields)));
}

/** Reads the `WARC-Payload-Digest` of the record that begins here. Records from before the checksums have one. */
export const payloadDigestIn = (bytes: Buffer): string | undefined =>
  parseFields(bytes)?.fields.get('warc-payload-digest');

/** Reads exactly one record of a page, as a ranged read gives it. The body is a view on `bytes`, not a copy. */
export const parsePageRecord = (bytes: Buffer): PageRecord => parseWholeRecord(bytes).record;

/** Reads the same, together with the record's own head. */
export function parseWholeRecord(bytes: Buffer): { readonly record: PageRecord; readonly head: RecordHead } {
  const head = parseRecordHead(bytes);
  if (head === undefined) throw new WarcFormatError('WARC header has no end');
  const end = endOfOnly(bytes, head.start + head.contentBytes);
  const { targetUri, date, isConverted } = head;
  const message = parseHttpMessage(bytes.subarray(head.start, end));
  return { record: { targetUri, date, isConverted, ...message }, head };
}

/** Head of a record, which stands before the HTTP message. */
export interface RecordHead {
  readonly isConverted: boolean;
  readonly targetUri: string;
  readonly date: string;
  /** Id of the record with its brackets: `<urn:uuid:…>`. */
  readonly recordId: string;
  readonly payloadDigest: string | undefined;
  /** Index at which the HTTP message begins, and its length. */
  readonly start: number;
  readonly contentBytes: number;
}

/** Reads the head of a record; undefined when `bytes` end before the head does. */
export function parseRecordHead(bytes: Buffer): RecordHead | undefined {
  const head = parseFields(bytes);
  if (head === undefined) return undefined;
  const { fields, start } = head;
  const type = fields.get('warc-type');
  if (type !== 'response' && type !== 'conversion')
    throw new WarcFormatError(`expected a response or conversion record, found ${type ?? 'no type'}`);
  const targetUri = fields.get('warc-target-uri');
  const date = fields.get('warc-date');
  const recordId = fields.get('warc-record-id') ?? '';
  if (targetUri === undefined || date === undefined) throw new WarcFormatError('record without target URI or date');
  const contentBytes = lengthIn(fields);
  const payloadDigest = fields.get('warc-payload-digest');
  return { targetUri, date, isConverted: type === 'conversion', recordId, payloadDigest, start, contentBytes };
}

/** Reads the named fields; undefined when `bytes` end before they do. */
function parseFields(
  bytes: Buffer,
): { readonly fields: ReadonlyMap<string, string>; readonly start: number } | undefined {
  const headBytes = bytes.indexOf(HEAD_END);
  if (headBytes < 0) return undefined;
  const [version, ...lines] = bytes.toString('utf8', 0, headBytes).split('\r\n');
  if (version !== VERSION)
    throw new WarcFormatError(`expected ${VERSION}, found ${JSON.stringify(version?.slice(0, 40))}`);
  return { fields: new Map(lines.map(namedField)), start: headBytes + HEAD_END.length };
}

/** Reads a length. It takes digits only, because `Number` takes an empty text for 0. */
function lengthIn(fields: ReadonlyMap<string, string>): number {
  const text = fields.get('content-length') ?? '';
  if (!/^\d{1,15}$/.test(text)) throw new WarcFormatError('record without content-length');
  return Number(text);
}

/** @returns index at which the content of the only record in `bytes` ends */
function endOfOnly(bytes: Buffer, end: number): number {
  if (end + RECORD_END.length !== bytes.length || !bytes.subarray(end).equals(RECORD_END))
    throw new WarcFormatError(
      `expected one record, found ${bytes.length} bytes for a record of ${end + RECORD_END.length}`,
    );
  return end;
}

/** Puts records one after another. `places[i]` is where `records[i]` will be. */
export function buildSegment(records: readonly (readonly Buffer[])[]): {
  readonly chunks: Buffer[];
  readonly places: RecordPlace[];
} {
  let offset = 0;
  const places = records.map((record) => {
    const place = { offset, length: record.reduce((sum, chunk) => sum + chunk.length, 0) };
    offset += place.length;
    return place;
  });
  return { chunks: records.flat(), places };
}

function namedField(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** Escapes characters that could start a new line. A URL parser leaves none of them, but another source of URLs might. */
const uriText = (text: string): string => text.replace(/[\p{Cc}\p{Z}\u{feff}<>]/gu, encodeURIComponent);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Encodes bytes as in RFC 4648 §6, for lengths that need no padding: multiples of 5 bytes, such as the 20 of SHA-1. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(pending >>> (bits - 5)) & 31];
    pending &= (1 << bits) - 1;
  }
  return text;
}
