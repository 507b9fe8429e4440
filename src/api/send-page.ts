import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { BadContentEncodingError, BodyTooLargeError } from '../http/body-errors';
import { codingNames } from '../http/codings/coding-steps';
import { decodeStream } from '../http/codings/decode-stream';
import type { Parts } from '../http/codings/decode-stream';
import { lastHeader, listHeader } from '../http/header-value';
import type { OpenedPage } from '../pages/open-page';
import { MAX_PAGE_BYTES } from '../pages/read-response';
import { hasHungUp } from './stream-answer';

/** The page comes from a stranger, so browsers give it no origin and no scripts, and do not guess its type. */
export const STRANGERS_PAGE = { 'Content-Security-Policy': 'sandbox', 'X-Content-Type-Options': 'nosniff' };

/** The content coding of the stored page, when it is the only one and the client accepts it. */
export function acceptedEncoding(req: Request, { headers, bodyBytes }: OpenedPage): string | undefined {
  const [coding, ...others] = codingNames(listHeader(headers, 'content-encoding'));
  if (coding === undefined || others.length > 0 || bodyBytes === 0) return undefined;
  return req.acceptsEncodings(coding) === coding ? coding : undefined;
}

/** Sends the page as the target sent it, with its own type; unpacked unless the client accepts the coding that it is stored in. */
export async function sendPage(req: Request, res: Response, page: OpenedPage): Promise<void> {
  const encoding = acceptedEncoding(req, page);
  const body = encoding === undefined ? await unpackedBody(page) : page.body;
  // `res.set` would add a charset, which would override what the page itself declares.
  res.setHeader('Content-Type', lastHeader(page.headers, 'content-type') || 'application/octet-stream');
  if (encoding !== undefined) res.set('Content-Encoding', encoding);
  if (body === page.body) res.set('Content-Length', String(page.bodyBytes));
  if (req.method === 'HEAD') return void res.end();
  await send(res, body);
}

/**
 * Decompresses the body. One that cannot be decompressed is sent as it is stored, as in the job object; its first part nearly always
 * tells.
 */
async function unpackedBody({ body, bodyBytes, headers }: OpenedPage): Promise<Parts> {
  if (bodyBytes === 0) return body;
  try {
    const unpacked = decodeStream(body, listHeader(headers, 'content-encoding'), { maxBytes: MAX_PAGE_BYTES });
    if (unpacked !== body) for await (const _part of unpacked()) break;
    return unpacked;
  } catch (error) {
    if (error instanceof BadContentEncodingError) return body;
    throw error;
  }
}

/** Sends the body as it is read. An error breaks the connection, because half a page must not look like a whole one. */
async function send(res: Response, body: Parts): Promise<void> {
  try {
    await pipeline(Readable.from(body(), { objectMode: false }), res);
  } catch (error) {
    const isDamagedPage = error instanceof BadContentEncodingError || error instanceof BodyTooLargeError;
    if (!hasHungUp(error) && !isDamagedPage) throw error; // a fault of ours, which is logged
  }
}
