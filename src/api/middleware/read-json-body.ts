import { isUtf8 } from 'node:buffer';
import type { Request, RequestHandler, Response } from 'express';
import { ProblemError } from '../problem';
import { assertJsonShape } from './assert-json-shape';
import { createReadBody, hasBody } from './read-body';
import type { ReadBody } from './read-body';

/** How long the rest of an unread body is drained after the answer, so that the client can read the answer before the connection closes. */
const LINGER_MS = 5_000;

/**
 * Sets `req.body` from JSON, whatever the content type says, because `curl -d` and existing clients label JSON as a form.
 * @param reads whether the route of a request takes a body as JSON; other bodies are not read here
 */
export function readJsonBody(reads: (req: Request) => boolean, readBody: ReadBody = createReadBody()): RequestHandler {
  const read: RequestHandler = async (req, res, next) => {
    closeIfLeftUnread(req, res);
    if (!reads(req)) return next();
    const parts: Buffer[] = [];
    await readBody(req, res, (part) => parts.push(part));
    req.body = parse(Buffer.concat(parts));
    next();
  };
  return (req, res, next) => (hasBody(req) ? read(req, res, next) : next());
}

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
