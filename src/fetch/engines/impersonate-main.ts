import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Impit } from 'impit';
import type { ImpitResponse } from 'impit';
import type { HeaderPair } from '../../http/header-value';
import { ImpersonateClients } from './impersonate-clients';
import {
  ANSWER_HEADER,
  MAX_MESSAGE_HEADER_BYTES,
  TOKEN_HEADER,
  BROWSER_TROUBLE_HEADER,
  toHeader,
} from './impersonate-message';
import type { BrowserAnswer, BrowserOrder, BrowserSettings, BrowserTrouble } from './impersonate-message';

/**
 * Program of a browser process, which makes the requests that it receives over loopback as one browser would.
 * One process is one browser, because impit keeps the order of HTTP/2's pseudo-headers in the environment of the process: with two browsers
 * in one, each request has the order of whichever client was made last (measured, impit 0.14.5), which is what no browser sends.
 */

/** The limit of the `http` engine's strict parser. Written as base64, a head has to fit into a header of the answer to the engine. */
const MAX_HEAD_BYTES = 64 * 1024;
/** Codings that impit undoes when they are written exactly so; it leaves the header as it is (apify/tower-http, decompression/future.rs). */
const UNDONE = new Set(['gzip', 'deflate', 'br', 'zstd']);
const HEADERS_ONLY = new Set([204, 304]);
/** Delay that lets many bodies cancelled at once be collected together. */
const COLLECT_AFTER_MS = 100;
let collecting: NodeJS.Timeout | undefined;

process.once('message', (settings) => start(settings as BrowserSettings)); // as: sent by our parent
// The engine decides when this process ends: signals to the whole process group must not cut requests in flight.
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

function start(settings: BrowserSettings): void {
  const collect = globalThis.gc;
  const clients = new ImpersonateClients(Impit, settings, collect === undefined ? undefined : () => void collect());
  const server = createServer({ maxHeaderSize: MAX_MESSAGE_HEADER_BYTES, requestTimeout: 0 }, (req, res) => {
    if (req.headers[TOKEN_HEADER] === settings.token) void answer(req, res, clients);
    else res.writeHead(403).end();
  });
  server.keepAliveTimeout = 0; // the engine closes what it does not need
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port })); // as: it listens on TCP
}

async function answer(req: IncomingMessage, res: ServerResponse, clients: ImpersonateClients): Promise<void> {
  let isHeadSent = false;
  try {
    const order = await orderOf(req);
    const response = await clients.for(order).fetch(order.url, initOf(order));
    const head = headOf(response, order.method);
    if (res.destroyed) return void cancelBody(response.body);
    if (sizeOf(head) > MAX_HEAD_BYTES) {
      void cancelBody(response.body);
      throw Object.assign(new Error('the head is too large'), { name: 'HeadTooLarge' });
    }
    res.writeHead(200, { [ANSWER_HEADER]: toHeader(head), Trailer: BROWSER_TROUBLE_HEADER });
    res.flushHeaders();
    isHeadSent = true;
    await pass(response, res);
    res.end();
  } catch (error) {
    const trouble = toHeader(troubleOf(error));
    if (isHeadSent) res.addTrailers({ [BROWSER_TROUBLE_HEADER]: trouble });
    else res.writeHead(502, { [BROWSER_TROUBLE_HEADER]: trouble });
    res.end();
  }
}

async function orderOf(req: IncomingMessage): Promise<BrowserOrder> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer); // as: no encoding is set
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as BrowserOrder; // as: sent by our engine, which has the token
}

function initOf({ method, headers, body }: BrowserOrder): Parameters<Impit['fetch']>[1] {
  return {
    method: method as 'GET', // as: the engine sends only those that impit knows
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    redirect: 'manual',
    ...(body !== undefined && { body: Buffer.from(body, 'utf8') }), // impit would add a content-type to text
  };
}

function headOf(response: ImpitResponse, method: string): BrowserAnswer {
  const headers = wireHeadersOf(response).filter(([name]) => name !== 'transfer-encoding');
  const first = headers.findIndex(([name]) => name === 'content-encoding');
  const hasBody = method !== 'HEAD' && !HEADERS_ONLY.has(response.status);
  const isUndone = hasBody && UNDONE.has(headers[first]?.[1] ?? '');
  return {
    statusCode: response.status,
    statusText: response.statusText,
    // Coding and length no longer describe the body that impit has decoded. It looks at the first of several headers only.
    headers: isUndone ? headers.filter(([name], index) => index !== first && name !== 'content-length') : headers,
  };
}

/** Headers in their order and with each value apart, which impit knows but hides behind `Headers`. */
function wireHeadersOf(response: ImpitResponse): readonly HeaderPair[] {
  const native: unknown = Reflect.get(Object.getPrototypeOf(response) as object, 'headers', response);
  return Array.isArray(native) ? (native as HeaderPair[]) : [...response.headers]; // as: impit's own wrapper takes them for pairs
}

function sizeOf({ headers }: BrowserAnswer): number {
  return headers.reduce((bytes, [name, value]) => bytes + name.length + value.length, 0);
}

/** Passes the body on, no faster than the engine reads it. */
async function pass(response: ImpitResponse, res: ServerResponse): Promise<void> {
  const reader = response.body.getReader();
  const cancel = () => void cancelBody(reader);
  res.once('close', cancel); // it ends a read that waits for the target
  try {
    while (!res.destroyed) {
      const { done, value } = await reader.read();
      if (done) return;
      if (!res.write(value)) await drained(res);
    }
  } finally {
    res.off('close', cancel);
    if (res.destroyed) cancel(); // `destroyed` is set before `close` is emitted
  }
}

/**
 * Only cancelling frees impit's connection; its own `abort` does not. When a read was under way, one connection in thirty is freed only once
 * the rest of the body has been garbage-collected (both measured, impit 0.14.5), so a collection is forced.
 */
async function cancelBody(body: Pick<ReadableStreamDefaultReader, 'cancel'>): Promise<void> {
  await body.cancel().catch(() => undefined);
  collecting ??= setTimeout(() => {
    collecting = undefined;
    globalThis.gc?.();
  }, COLLECT_AFTER_MS);
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.on('drain', done);
    res.on('close', done);
  });
}

function troubleOf(error: unknown): BrowserTrouble {
  const { name, message, status } = error as { name?: unknown; message?: unknown; status?: unknown };
  return {
    name: String(name),
    message: String(message).slice(0, 4_000), // the text holds the URL, but never the proxy's credentials
    tunnelStatus: typeof status === 'number' ? status : undefined,
  };
}
