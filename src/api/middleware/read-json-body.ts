import { isUtf8 } from 'node:buffer';
import type { Readable, Transform } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import { contentCodings } from '../../http/codings/content-codings';
import { ProblemError } from '../problem';
import { assertJsonShape } from './assert-json-shape';

export interface BodyLimits {
  /** Largest body, after decompression. @default 64 MiB */
  readonly maxBytes?: number;
  /** Most bytes of all bodies that are held at once. @default 192 MiB */
  readonly maxHeldBytes?: number;
}

const MIB = 1024 * 1024;

/** Bytes of a body that do not count as held, so that single jobs are accepted while large batches fill the memory. */
const FREE_BYTES = 16 * 1024;

/** How long the rest of an unread body is drained after the answer, so that the client can read the answer before the connection closes. */
const LINGER_MS = 5_000;

/** Codings of a request body (RFC 9110 §8.4): one, read strictly and to its end. */
const ACCEPTED_CODINGS: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br']);

/** Reads a request's body to its end, decompressed. */
export type ReadBody = (req: Request, res: Response) => Promise<Buffer>;

/**
 * Makes a reader of bodies, with one bound for all that it holds.
 * @throws ProblemError from the reader, for a body that is too large or cannot be read
 */
export function createReadBody(limits: BodyLimits = {}): ReadBody {
  const maxBytes = limits.maxBytes ?? 64 * MIB;
  const room = { heldBytes: 0, maxBytes: limits.maxHeldBytes ?? 192 * MIB };
  return async (req, res) => {
    if (!hasBody(req)) return Buffer.alloc(0);
    const declaredBytes = Number(req.headers['content-length'] ?? 0);
    if (declaredBytes > maxBytes) throw refuse(req, res, tooLarge(maxBytes));
    if (declaredBytes > FREE_BYTES && room.heldBytes + declaredBytes > room.maxBytes) {
      throw refuse(req, res, overloaded());
    }
    const decoder = decoderOf(req.headers['content-encoding']);
    const hold = createHold(res, room);
    const full = hold(decoder?.windowBytes ?? 0);
    if (full !== undefined) throw refuse(req, res, full);
    if (req.headers.expect !== undefined) res.writeContinue();
    let bodyBytes = 0;
    return collect(req, decoder?.createStage(undefined, false), (partBytes) => {
      bodyBytes += partBytes;
      if (bodyBytes > maxBytes) return tooLarge(maxBytes);
      return hold(bodyBytes <= FREE_BYTES ? 0 : Math.min(partBytes, bodyBytes - FREE_BYTES));
    });
  };
}

/**
 * Sets `req.body` from JSON, whatever the content type says, because `curl -d` and existing clients label JSON as a form.
 * @param reads whether the route of a request takes a body; other bodies are not read
 */
export function readJsonBody(
  reads: (req: Request) => boolean,
  limits: BodyLimits = {},
  readBody: ReadBody = createReadBody(limits),
): RequestHandler {
  const read: RequestHandler = async (req, res, next) => {
    closeIfLeftUnread(req, res);
    if (!reads(req)) return next();
    assertCharset(req.headers['content-type']);
    req.body = parse(await readBody(req, res));
    next();
  };
  return (req, res, next) => (hasBody(req) ? read(req, res, next) : next());
}

const hasBody = (req: Request): boolean =>
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

/** Reads the whole body. When `onPart` returns a problem, the rest is drained unread, because the connection has to carry the answer. */
async function collect(
  req: Request,
  decoder: Transform | undefined,
  onPart: (bytes: number) => ProblemError | undefined,
): Promise<Buffer> {
  const source: Readable = decoder === undefined ? req : req.pipe(decoder);
  const parts: Buffer[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      source.on('data', (part: Buffer) => {
        const problem = onPart(part.length);
        if (problem === undefined) parts.push(part);
        else reject(problem);
      });
      source.once('end', resolve);
      source.once('error', (cause) => reject(unreadable(cause)));
      req.once('error', (cause) => reject(unreadable(cause)));
      req.once('close', () => req.complete || reject(unreadable(undefined)));
    });
    return Buffer.concat(parts);
  } catch (error) {
    parts.length = 0;
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

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new ProblemError('invalid_json', 'The request body is not UTF-8.');
  assertJsonShape(bytes);
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return JSON.parse((hasMark ? bytes.subarray(3) : bytes).toString('utf8'));
  } catch (cause) {
    throw new ProblemError('invalid_json', 'The request body is not valid JSON.', { cause });
  }
}

/** After the answer, Node drains what is left of a body. This ends that after {@link LINGER_MS}. */
function closeIfLeftUnread(req: Request, res: Response): void {
  res.once('finish', () => {
    if (req.complete) return;
    const { socket } = req;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    req.once('end', () => clearTimeout(timer));
  });
}
