import type { JobResponse } from '../jobs/job-object-schema';
import type { JsonBody } from '../jobs/json-body';
import { VerbatimJson } from '../jobs/verbatim-json';
import { decodeText } from '../http/charset/charset';
import { BadContentEncodingError } from '../http/body-errors';
import { decodeContent } from '../http/codings/decode-content';
import { isBinary } from '../http/is-binary';
import { isJsonType } from '../http/content-type';
import { isJson } from './json-check';
import { responseHeaders } from '../http/present-headers';
import { lastHeader, listHeader } from '../http/header-value';

/** The parts of a stored page that clients are shown. */
export interface PresentablePage {
  readonly targetUri: string;
  readonly statusCode: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Body as stored, with its content-encoding. */
  readonly body: Buffer;
  /** True: everfetch made the body from the page. */
  readonly isConverted?: boolean;
}

export interface PresentOptions {
  readonly record: PresentablePage;
  readonly isBinaryTarget: boolean;
  /** How a page that is declared as JSON is given, if it is valid. @default 'text' */
  readonly jsonBody?: JsonBody;
  /** False: neither body field is there, and nothing is unpacked. */
  readonly withBody: boolean;
  /** Limit for the unpacked body; beyond it `BodyTooLargeError` is thrown. */
  readonly maxBytes: number;
}

/** Presents a stored page to clients, without `sa-credit-cost`: text as Unicode whatever its charset, anything else as base64. */
export async function presentResponse({
  record,
  isBinaryTarget,
  jsonBody = 'text',
  withBody,
  maxBytes,
}: PresentOptions): Promise<JobResponse> {
  const contentEncoding = listHeader(record.headers, 'content-encoding');
  const headers = responseHeaders(record, record.body.length);
  const { statusCode } = record;
  if (!withBody) return { headers, statusCode };
  const body = await unpacked(record.body, contentEncoding, maxBytes);
  if (body === undefined) return { headers, statusCode, base64EncodedBody: record.body.toString('base64') };
  const contentType = listHeader(record.headers, 'content-type');
  // An empty page is an empty text, even where the target is binary.
  if (body.length > 0 && isBinary(body, { contentType, forceBinary: isBinaryTarget })) {
    return { headers, statusCode, base64EncodedBody: body.toString('base64') };
  }
  const { text } = decodeText(body, contentType);
  const isValue = isParsed(record) || (jsonBody === 'object' && isJsonType(contentType) && isJson(text));
  return { headers, statusCode, body: isValue ? new VerbatimJson(text) : text };
}

/** Whether the body is what `autoparse` made, which is JSON whatever is asked for otherwise. */
export function isParsed({ isConverted = false, headers }: Pick<PresentablePage, 'isConverted' | 'headers'>): boolean {
  return isConverted && lastHeader(headers, 'content-type')?.startsWith('application/json') === true;
}

/**
 * Unpacks a body; undefined when it is not in the encoding it claims. The bytes as they came are then worth more to the client than an
 * error for ever.
 */
async function unpacked(
  body: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Buffer | undefined> {
  try {
    return await decodeContent(body, contentEncoding, { maxBytes });
  } catch (error) {
    if (error instanceof BadContentEncodingError) return undefined;
    throw error;
  }
}
