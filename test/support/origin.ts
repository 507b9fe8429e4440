import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';

export interface OriginRequest {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn, as they were on the wire. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  /** What has arrived of the body. */
  readonly body: string;
}

export interface Origin {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly OriginRequest[];
  /** Connections accepted since it started. */
  readonly connections: number;
  close(): Promise<void>;
}

const open = new Set<Origin>();
afterEach(async () => {
  await Promise.all([...open].map((origin) => origin.close()));
});

/** A real HTTP server on a free loopback port; closes itself, with all connections, after the test. */
export async function startOrigin(handler: RequestListener, host = '127.0.0.1'): Promise<Origin> {
  const requests: OriginRequest[] = [];
  let connections = 0;
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    const { method = '', url = '', rawHeaders, headers } = req;
    requests.push({
      method,
      url,
      rawHeaders,
      headers,
      get body() {
        return Buffer.concat(parts).toString('utf8');
      },
    });
    handler(req, res);
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const origin: Origin = {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    async close() {
      if (!open.delete(origin)) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  open.add(origin);
  return origin;
}

const html = (res: ServerResponse, statusCode: number, body: string, headers: Record<string, string> = {}) => {
  res.writeHead(statusCode, { 'content-type': 'text/html', ...headers }).end(body);
};

/** What targets do wrong, as handlers. */
export const faults = {
  /** Cuts the connection before any answer. */
  reset: (): RequestListener => (_req, res) => res.socket?.resetAndDestroy(),
  stalledHeaders: (): RequestListener => () => undefined,
  stalledBody: (): RequestListener => (_req, res) => res.writeHead(200, { 'content-length': 100 }).write('half'),
  /** A chunked body whose connection ends before the last chunk. */
  halfBody: (): RequestListener => (_req, res) => res.write('half', () => res.socket?.end()),
  /** Ends the connection before `content-length` bytes have come. */
  wrongLength: (): RequestListener => (_req, res) => {
    res.writeHead(200, { 'content-length': 1_000 });
    res.write('short', () => res.socket?.end());
  },
  notHttp: (): RequestListener => (_req, res) => res.socket?.end('this is not HTTP\r\n\r\n'),
  /** Few bytes that unpack to many zeros. */
  gzipBomb: (unpackedBytes: number): RequestListener => {
    const bomb = gzipSync(Buffer.alloc(unpackedBytes));
    return (_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  },
  brotliBomb: (unpackedBytes: number): RequestListener => {
    const bomb = brotliCompressSync(Buffer.alloc(unpackedBytes));
    return (_req, res) => res.writeHead(200, { 'content-encoding': 'br' }).end(bomb);
  },
  redirectLoop: (): RequestListener => (req, res) => res.writeHead(302, { location: req.url ?? '/' }).end(),
  redirectTo:
    (location: string, statusCode = 302, headers: Record<string, string | string[]> = {}): RequestListener =>
    (_req, res) =>
      res.writeHead(statusCode, { ...headers, location }).end(),
  retryAfter:
    (value: string, statusCode = 503): RequestListener =>
    (_req, res) =>
      res.writeHead(statusCode, { 'retry-after': value }).end('later'),
  cloudflareChallenge:
    (statusCode = 403): RequestListener =>
    (_req, res) =>
      html(
        res,
        statusCode,
        '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>(function(){window._cf_chl_opt={};})()</script></body></html>',
        { 'cf-mitigated': 'challenge', server: 'cloudflare' },
      ),
} as const;
