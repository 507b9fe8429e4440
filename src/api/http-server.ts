import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { parseUrl } from '../net/parse-url';
import { errorCodes } from '../jobs/error-codes';
import type { ErrorCode } from '../jobs/error-codes';

export interface HttpServerOptions {
  /** Time from the first byte of a request to the last byte of its body. @default 60000 */
  readonly requestTimeoutMs?: number;
  /** Time for the head of a request. @default 15000 */
  readonly headersTimeoutMs?: number;
  /** Most connections at once; further ones are closed. @default 5000 */
  readonly maxConnections?: number;
}

/** Has to hold a URL of 8,192 bytes, which may become three times as long when it is percent-encoded in a query. */
const MAX_HEADER_BYTES = 32 * 1024;

/** Longer than the 60 s of common load balancers, so that they close idle connections first. */
const KEEP_ALIVE_MS = 75_000;

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** Makes the HTTP server with its limits. Requests that are not HTTP, or do not end in time, are answered with JSON as well. */
export function createHttpServer(app: RequestListener, options: HttpServerOptions = {}): Server {
  const requestTimeout = options.requestTimeoutMs ?? 60_000;
  const headersTimeout = Math.min(options.headersTimeoutMs ?? 15_000, requestTimeout);
  const server = createServer({
    requestTimeout,
    headersTimeout,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Requests without Host are refused below, because Node would refuse them without a JSON body.
    requireHostHeader: false,
    connectionsCheckingInterval: Math.min(5_000, headersTimeout),
  });
  server.maxConnections = options.maxConnections ?? 5_000;

  const latest = new WeakMap<Duplex, Exchange>();
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    latest.set(req.socket, { req, res });
    const problem =
      req.httpVersion === '1.1' && req.headers.host === undefined
        ? 'The Host header is missing.'
        : takePathOf(req)
          ? undefined
          : 'The request target is not a path or an http URL.';
    if (problem !== undefined) {
      res.shouldKeepAlive = false;
      res.writeHead(400, { 'Content-Type': CONTENT_TYPE }).end(bodyOf('invalid_request', problem));
      return;
    }
    app(req, res);
  };
  server.on('request', onRequest);
  // `100 Continue` is not sent here, but by `readBody` once the body is wanted.
  server.on('checkContinue', onRequest);
  // Other expectations may be ignored (RFC 9110 §10.1.1).
  server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) => {
    delete req.headers.expect;
    onRequest(req, res);
  });
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    end(socket, 'not_found', 'This is no proxy.');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const [code, message] = problemOf(error.code);
    const open = latest.get(socket);
    if (open === undefined) return end(socket, code, message);
    const { req, res } = open;
    // The error concerns the rest of a request that has been answered.
    if (!req.complete && res.headersSent) return socket.destroy();
    // An earlier request on this connection has to be answered first.
    if (req.complete && !res.writableFinished) return void res.once('finish', () => end(socket, code, message));
    end(socket, code, message);
  });
  return server;
}

/** Turns `GET http://host/path` (RFC 9112 §3.2.2) into its path; Express answers with HTML where it cannot parse the target. */
function takePathOf(req: IncomingMessage): boolean {
  const target = req.url ?? '';
  if (target.startsWith('/') || target === '*') return true;
  if (!/^https?:\/\//i.test(target) || parseUrl(target) === undefined) return false;
  const { pathname, search } = new URL(target);
  req.url = pathname + search;
  return true;
}

function problemOf(code: string | undefined): [ErrorCode, string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['request_timeout', 'The request did not arrive in time.'];
    case 'HPE_HEADER_OVERFLOW':
      return ['headers_too_large', `The request line and headers are larger than ${MAX_HEADER_BYTES} bytes.`];
    default:
      return ['invalid_request', 'This is not a valid HTTP request.'];
  }
}

const reasons: Partial<Record<ErrorCode, string>> = {
  not_found: 'Not Found',
  request_timeout: 'Request Timeout',
  headers_too_large: 'Request Header Fields Too Large',
};
const CONTENT_TYPE = 'application/json; charset=utf-8';
const bodyOf = (code: ErrorCode, error: string): string => JSON.stringify({ error, code });

function end(socket: Duplex, code: ErrorCode, message: string): void {
  if (!socket.writable) return void socket.destroy();
  const body = bodyOf(code, message);
  socket.end(
    `HTTP/1.1 ${errorCodes[code].status} ${reasons[code] ?? 'Bad Request'}\r\nContent-Type: ${CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    // The connection is closed without waiting for the client to close its half.
    () => socket.destroy(),
  );
}
