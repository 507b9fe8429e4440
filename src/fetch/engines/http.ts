import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { LookupFunction } from 'node:net';
import type { HeaderPair } from '../header-value';

/** The head of an HTTP answer; its body has not been read yet, and is still content-encoded. */
export interface Answer {
  readonly statusCode: number;
  readonly statusText: string;
  /** As the target wrote them. `transfer-encoding` is undone, and left out. */
  readonly headers: readonly HeaderPair[];
  readonly body: Dispatcher.ResponseData['body'];
}

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly HeaderPair[];
  readonly body: string | undefined;
}

export interface HttpEngineOptions {
  /** The guard's: it decides what is dialled. */
  readonly lookup: LookupFunction;
  readonly attemptTimeoutMs: number;
  readonly connectionsPerHost: number;
}

export interface HttpEngine {
  send(outgoing: OutgoingRequest, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Four times Node's default: sites that set dozens of cookies at once are real. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * HTTP/1.1 by undici, without any of its interceptors: no retries (Temporal's), no redirects (ours), no decompression (pages are kept as received).
 * Its own time-outs only back up the attempt's clock, which covers all hops together and fires first.
 */
export function createHttpEngine({ lookup, attemptTimeoutMs, connectionsPerHost }: HttpEngineOptions): HttpEngine {
  const agent = new Agent({
    connect: { lookup, timeout: CONNECT_TIMEOUT_MS },
    connections: connectionsPerHost,
    pipelining: 1,
    headersTimeout: attemptTimeoutMs,
    bodyTimeout: attemptTimeoutMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  return {
    async send({ url, method, headers, body }, signal) {
      const response = await request(url, {
        dispatcher: agent,
        method,
        headers: headers.flat(),
        body: body ?? null,
        signal,
        responseHeaders: 'raw',
      });
      return {
        statusCode: response.statusCode,
        statusText: response.statusText,
        headers: pairsOf(response.headers).filter(([name]) => name.toLowerCase() !== 'transfer-encoding'),
        body: response.body,
      };
    },
    close: () => agent.destroy(),
  };
}

/** With `responseHeaders: 'raw'` undici gives one flat list, which its types do not say. */
function pairsOf(headers: unknown): readonly HeaderPair[] {
  const flat = headers as readonly string[];
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : []));
}
