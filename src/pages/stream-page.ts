import type { JsonBody } from '../jobs/json-body';
import { chooseCharset } from '../http/charset/charset';
import { BadContentEncodingError, BodyTooLargeError } from '../http/body-errors';
import { isBinary } from '../http/is-binary';
import { isJsonType } from '../http/content-type';
import { JsonCheck } from './json-check';
import { PageInParts } from '../http/charset/page-bytes';
import { createPartDecoder } from '../http/charset/part-decoders';
import { isParsed } from './present-response';
import { responseHeaders } from '../http/present-headers';
import { listHeader } from '../http/header-value';
import { decodeStream } from '../http/codings/decode-stream';
import type { Parts } from '../http/codings/decode-stream';

/** A stored page whose body is read as it is needed. */
export interface ReadablePage {
  readonly targetUri: string;
  readonly statusCode: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Bytes of the body as stored, with its content-encoding. */
  readonly bodyBytes: number;
  readonly body: Parts;
  /** True: everfetch made the body from the page. */
  readonly isConverted?: boolean;
}

export interface StreamPageOptions {
  readonly isBinaryTarget: boolean;
  /** How a page that is declared as JSON is given, if it is valid. @default 'text' */
  readonly jsonBody?: JsonBody;
  /** Limit for each step of unpacking and for its result. */
  readonly maxBytes: number;
}

/** The `response` of a job object, with its one long field as a stream. The caller adds `sa-credit-cost`. */
export type StreamedPage = {
  readonly headers: Record<string, string>;
  readonly statusCode: number;
} & (
  | {
      readonly kind: 'page';
      readonly field: 'body' | 'base64EncodedBody';
      /** True: the text is JSON and is written as it is. */
      readonly isJson: boolean;
      /** Streams the text of the field, from its beginning each time. */
      readonly text: () => AsyncIterable<string>;
    }
  | { readonly kind: 'too-large' }
);

/**
 * Shortest part that is decoded (bytes): Node's streaming decoders throw where a part of one or two bytes shows that several before it are
 * no character (20.20, gb18030).
 */
const DECODED_BYTES = 64;

/**
 * Gives the same as `presentResponse`, with some 300 kB of the page in memory: it is read once to find out what it is, once more to
 * find out whether it is valid JSON where it is declared as that, and once each time its text is asked for.
 */
export async function streamPage(
  page: ReadablePage,
  { isBinaryTarget, jsonBody = 'text', maxBytes }: StreamPageOptions,
): Promise<StreamedPage> {
  const contentEncoding = listHeader(page.headers, 'content-encoding');
  const { statusCode, bodyBytes } = page;
  const headers = responseHeaders(page, bodyBytes);
  const raw = { kind: 'page', field: 'base64EncodedBody', isJson: false, text: () => base64Of(page.body()) } as const;
  const seen = await lookThrough(page, contentEncoding, maxBytes);
  if (seen === 'not-as-encoded')
    return { headers, statusCode, ...(bodyBytes > maxBytes ? { kind: 'too-large' } : raw) };
  if (seen === 'too-large') return { headers, statusCode, kind: 'too-large' };
  const { bytes, unpacked } = seen;
  const { beginning } = bytes;
  const contentType = listHeader(page.headers, 'content-type');
  if (beginning.length > 0 && isBinary(beginning, { contentType, forceBinary: isBinaryTarget }))
    return { headers, statusCode, ...raw, text: () => base64Of(unpacked()) };
  const charset = chooseCharset(bytes, contentType);
  const text = () => textOf(unpacked(), charset);
  const isValue = isParsed(page) || (jsonBody === 'object' && isJsonType(contentType) && (await isJsonText(text())));
  return { headers, statusCode, kind: 'page', field: 'body', isJson: isValue, text };
}

/** Checks the text up to the first mistake. */
async function isJsonText(text: AsyncIterable<string>): Promise<boolean> {
  const check = new JsonCheck();
  for await (const part of text) {
    check.add(part);
    if (!check.canBeValid) return false;
  }
  return check.isValid;
}

interface Seen {
  readonly bytes: PageInParts;
  readonly unpacked: Parts;
}

async function lookThrough(
  { body, bodyBytes }: ReadablePage,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Seen | 'too-large' | 'not-as-encoded'> {
  try {
    // A HEAD request or a 304 names the encoding of a body that is not there.
    const unpacked = bodyBytes === 0 ? body : decodeStream(body, contentEncoding, { maxBytes });
    const bytes = new PageInParts();
    let total = 0;
    for await (const part of unpacked()) {
      total += part.length;
      if (total > maxBytes) return 'too-large';
      bytes.add(part);
    }
    return { bytes, unpacked };
  } catch (error) {
    if (error instanceof BodyTooLargeError) return 'too-large';
    if (error instanceof BadContentEncodingError) return 'not-as-encoded';
    throw error;
  }
}

async function* textOf(parts: AsyncIterable<Buffer>, charset: string): AsyncGenerator<string> {
  const decoder = createPartDecoder(charset);
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of parts) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part]);
    rest = bytes.subarray(0, bytes.length < DECODED_BYTES ? bytes.length : 0);
    if (rest.length === 0) yield decoder.decode(bytes, { stream: true });
  }
  yield decoder.decode(rest, { stream: false });
}

/** Encodes in multiples of three bytes, so that the parts together are the base64 of the whole. */
async function* base64Of(parts: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const part of parts) {
    const missing = Math.min((3 - rest.length) % 3, part.length);
    const three = Buffer.concat([rest, part.subarray(0, missing)]);
    const end = part.length - ((part.length - missing) % 3);
    rest = three.length % 3 === 0 ? Buffer.from(part.subarray(end)) : three;
    if (rest !== three) yield three.toString('base64') + part.toString('base64', missing, end);
  }
  yield rest.toString('base64');
}
