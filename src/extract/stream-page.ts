import { chooseCharset, createPartDecoder } from './charset';
import { BadEncodingError } from './content-decode';
import { isBinary } from './is-binary';
import { lastHeader, listHeader, presentHeaders } from './present-headers';
import { unpackStream } from './unpack-stream';
import type { Parts } from './unpack-stream';

/** A stored page whose body is read as it is needed. */
export interface ReadablePage {
  readonly targetUri: string;
  readonly statusCode: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Of the body as stored, with its content-encoding. */
  readonly bodyBytes: number;
  readonly body: Parts;
}

export interface StreamPageOptions {
  readonly isBinaryTarget: boolean;
  /** Of the unpacked body. */
  readonly maxBytes: number;
}

/** The `response` of a job object, its one long field as a stream. The caller adds `sa-credit-cost`. */
export type StreamedPage = {
  readonly headers: Record<string, string>;
  readonly statusCode: number;
} & (
  | {
      readonly kind: 'page';
      readonly field: 'body' | 'base64EncodedBody';
      /** The text of the field, from its beginning each time. */
      readonly text: () => AsyncIterable<string>;
    }
  | { readonly kind: 'too-large' }
);

/** What a page begins with decides what it is: as much as the longest look takes. */
const BEGINNING_BYTES = 4_096;

/**
 * The same as `presentResponse` gives, with some 100 kB of the page in memory: it is read once to find out what it is, and once
 * more each time its text is asked for.
 */
export async function streamPage(
  page: ReadablePage,
  { isBinaryTarget, maxBytes }: StreamPageOptions,
): Promise<StreamedPage> {
  const contentEncoding = listHeader(page.headers, 'content-encoding');
  const { statusCode, bodyBytes } = page;
  const headers = {
    ...presentHeaders(page.headers, { isDecoded: contentEncoding !== undefined, bodyBytes }),
    'sa-final-url': page.targetUri,
    'sa-statuscode': String(statusCode),
  };
  const raw = { kind: 'page', field: 'base64EncodedBody', text: () => base64Of(page.body()) } as const;
  const seen = await lookThrough(page, contentEncoding, maxBytes);
  if (seen === 'not-as-encoded')
    return { headers, statusCode, ...(bodyBytes > maxBytes ? { kind: 'too-large' } : raw) };
  if (seen === 'too-large') return { headers, statusCode, kind: 'too-large' };
  const { beginning, unpacked, isUtf8 } = seen;
  const contentType = lastHeader(page.headers, 'content-type');
  if (beginning.length > 0 && isBinary(beginning, { contentType, forceBinary: isBinaryTarget }))
    return { headers, statusCode, ...raw, text: () => base64Of(unpacked()) };
  const charset = chooseCharset(beginning, contentType, () => isUtf8);
  return { headers, statusCode, kind: 'page', field: 'body', text: () => textOf(unpacked(), charset) };
}

interface Seen {
  readonly beginning: Buffer;
  readonly unpacked: Parts;
  readonly isUtf8: boolean;
}

async function lookThrough(
  { body, bodyBytes }: ReadablePage,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Seen | 'too-large' | 'not-as-encoded'> {
  try {
    // A HEAD request or a 304 names the encoding of a body that is not there.
    const unpacked = bodyBytes === 0 ? body : unpackStream(body, contentEncoding);
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    const isValid = (part: Buffer | undefined) => {
      try {
        utf8.decode(part, { stream: part !== undefined });
        return true;
      } catch {
        return false;
      }
    };
    let beginning = Buffer.alloc(0);
    let bytes = 0;
    let isUtf8 = true;
    for await (const part of unpacked()) {
      bytes += part.length;
      if (bytes > maxBytes) return 'too-large';
      if (beginning.length < BEGINNING_BYTES)
        beginning = Buffer.concat([beginning, part.subarray(0, BEGINNING_BYTES - beginning.length)]);
      isUtf8 &&= isValid(part);
    }
    return { beginning, unpacked, isUtf8: isUtf8 && isValid(undefined) };
  } catch (error) {
    if (error instanceof BadEncodingError) return 'not-as-encoded';
    throw error;
  }
}

async function* textOf(parts: AsyncIterable<Buffer>, charset: string): AsyncGenerator<string> {
  const decoder = createPartDecoder(charset);
  for await (const part of parts) yield decoder.decode(part, { stream: true });
  yield decoder.decode(Buffer.alloc(0), { stream: false });
}

/** In multiples of three bytes, so that the parts put together are the base64 of the whole. */
async function* base64Of(parts: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const part of parts) {
    const bytes = Buffer.concat([rest, part]);
    const whole = bytes.length - (bytes.length % 3);
    rest = bytes.subarray(whole);
    yield bytes.toString('base64', 0, whole);
  }
  yield rest.toString('base64');
}
