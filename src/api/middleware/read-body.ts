import type { Readable, Transform } from 'node:stream';
import type { Request, Response } from 'express';
import { contentCodings } from '../../http/codings/content-codings';
import { ProblemError } from '../problem';

export interface BodyLimits {
  /** Largest body, after decompression. @default 64 MiB */
  readonly maxBytes?: number;
  /** Most bytes of all bodies that are held at once. @default 192 MiB */
  readonly maxHeldBytes?: number;
}

const MIB = 1024 * 1024;

/** Bytes of a body that do not count as held, so that single jobs are accepted while large batches fill the memory. */
const FREE_BYTES = 16 * 1024;

/** Codings of a request body (RFC 9110 §8.4): one, read strictly and to its end. */
const ACCEPTED_CODINGS: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br']);

/**
 * Reads the body of a request part by part, unpacked, to its end. What `onPart` throws ends that: the rest is drained unread, because
 * the connection has to carry the answer.
 * @throws ProblemError when the body is too large, is encoded wrongly or breaks off
 */
export type ReadBody = (req: Request, res: Response, onPart: (part: Buffer) => void) => Promise<void>;

/** Reads bodies of which all together hold a bounded number of bytes until their answers have been sent. */
export function createReadBody(limits: BodyLimits = {}): ReadBody {
  const maxBytes = limits.maxBytes ?? 64 * MIB;
  const room = { heldBytes: 0, maxBytes: limits.maxHeldBytes ?? 192 * MIB };
  return async (req, res, onPart) => {
    const declaredBytes = Number(req.headers['content-length'] ?? 0);
    if (declaredBytes > maxBytes) throw refuse(req, res, tooLarge(maxBytes));
    if (declaredBytes > FREE_BYTES && room.heldBytes + declaredBytes > room.maxBytes) {
      throw refuse(req, res, overloaded());
    }
    assertCharset(req.headers['content-type']);
    const decoder = decoderOf(req.headers['content-encoding']);
    const hold = createHold(res, room);
    const full = hold(decoder?.windowBytes ?? 0);
    if (full !== undefined) throw refuse(req, res, full);
    if (req.headers.expect !== undefined) {
      res.removeHeader('Connection');
      res.writeContinue();
    }
    let bodyBytes = 0;
    await drained(req, decoder?.createStage(undefined, false), (part) => {
      bodyBytes += part.length;
      if (bodyBytes > maxBytes) throw tooLarge(maxBytes);
      const problem = hold(bodyBytes <= FREE_BYTES ? 0 : Math.min(part.length, bodyBytes - FREE_BYTES));
      if (problem !== undefined) throw problem;
      onPart(part);
    });
  };
}

/** Whether a request has a body at all. */
export const hasBody = (req: Request): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;

const tooLarge = (maxBytes: number) =>
  new ProblemError('body_too_large', `The request body is larger than ${maxBytes} bytes.`);

const overloaded = () =>
  new ProblemError('overloaded', 'Too many large requests are being read right now; try again.', {
    headers: { 'Retry-After': '5' },
  });

/** A client that waits for `100 Continue` has not sent the body, so the connection can be closed at once. */
function refuse(req: Request, res: Response, problem: ProblemError): ProblemError {
  if (req.headers.expect !== undefined) res.set('Connection', 'close');
  return problem;
}

/** JSON has to be UTF-8 (RFC 8259 §8.1). */
function assertCharset(contentType: string | undefined): void {
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && !['', 'utf-8', 'utf8', 'us-ascii'].includes(charset)) throw unsupported();
}

function decoderOf(contentEncoding: string | undefined) {
  const name = contentEncoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return undefined;
  const coding = ACCEPTED_CODINGS.has(name) ? contentCodings.get(name) : undefined;
  if (coding === undefined) throw unsupported();
  return coding;
}

const unsupported = () =>
  new ProblemError(
    'unsupported_media_type',
    'The request body must be JSON in UTF-8, plain or gzip, deflate or br encoded.',
  );

/** Counts bytes of a request as held until its answer has been sent, because what was parsed from them lives as long. */
function createHold(
  res: Response,
  room: { heldBytes: number; readonly maxBytes: number },
): (bytes: number) => ProblemError | undefined {
  let ownBytes = 0;
  res.once('close', () => {
    room.heldBytes -= ownBytes;
    ownBytes = 0;
  });
  return (bytes) => {
    if (res.closed || bytes === 0) return undefined;
    if (room.heldBytes + bytes > room.maxBytes) return overloaded();
    room.heldBytes += bytes;
    ownBytes += bytes;
    return undefined;
  };
}

async function drained(req: Request, decoder: Transform | undefined, onPart: (part: Buffer) => void): Promise<void> {
  if (req.destroyed && !req.complete) throw unreadable(undefined);
  const source: Readable = decoder === undefined ? req : req.pipe(decoder);
  try {
    await new Promise<void>((resolve, reject) => {
      source.on('data', (part: Buffer) => {
        try {
          onPart(part);
        } catch (error) {
          source.removeAllListeners('data');
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      source.once('end', resolve);
      source.once('error', (cause) => reject(unreadable(cause)));
      req.once('error', (cause) => reject(unreadable(cause)));
      req.once('close', () => req.complete || reject(unreadable(undefined)));
    });
  } catch (error) {
    source.removeAllListeners('data');
    if (decoder !== undefined) {
      req.unpipe(decoder);
      decoder.destroy();
    }
    req.resume();
    throw error;
  }
}

const unreadable = (cause: unknown) =>
  new ProblemError('invalid_request', 'The request body could not be read to its end.', { cause });
