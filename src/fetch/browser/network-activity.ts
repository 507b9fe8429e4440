import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, CDPSession, Request } from 'playwright-core';

export interface NetworkLimits {
  /** Maximum size of all that a page loads, unpacked. */
  readonly maxTotalBytes: number;
  readonly maxRequests: number;
}

const POLL_MS = 25;
/** Types of requests that stay open by design. */
const ENDLESS = new Set(['eventsource', 'media', 'websocket', 'ping']);

/** Watches what a page loads: whether requests are in flight, and whether it is too much. */
export class NetworkActivity {
  requests = 0;
  bytes = 0;
  readonly #inFlight = new Set<Request>();
  #quietSince = performance.now();

  /**
   * @param hooks `onTooMuch` is called once; `onBytes` is called with the bytes that have come for a request
   */
  constructor(
    context: BrowserContext,
    session: CDPSession,
    limits: NetworkLimits,
    hooks: { readonly onTooMuch: () => void; readonly onBytes: (requestId: string, bytes: number) => void },
  ) {
    let isTooMuch = false;
    const check = () => {
      if (isTooMuch || (this.requests <= limits.maxRequests && this.bytes <= limits.maxTotalBytes)) return;
      isTooMuch = true;
      hooks.onTooMuch();
    };
    context.on('request', (request) => {
      this.requests += 1;
      if (!ENDLESS.has(request.resourceType()) && !request.url().startsWith('data:')) this.#inFlight.add(request);
      check();
    });
    const onEnd = (request: Request) => {
      if (this.#inFlight.delete(request) && this.#inFlight.size === 0) this.#quietSince = performance.now();
    };
    context.on('requestfinished', onEnd);
    context.on('requestfailed', onEnd);
    session.on('Network.dataReceived', ({ requestId, dataLength }) => {
      this.bytes += dataLength;
      hooks.onBytes(requestId, dataLength);
      check();
    });
    session.on('Network.webSocketFrameReceived', ({ response: { opcode, payloadData } }) => {
      // CDP writes all frames but texts as base64 (RFC 6455 §5.2: opcode 1 is a text).
      this.bytes += Buffer.byteLength(payloadData, opcode === 1 ? 'utf8' : 'base64');
      check();
    });
  }

  /** Resolves once no request has been in flight for `quietMs`, or after `timeoutMs`, because pages that poll are never quiet. */
  async quiet(quietMs: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      const now = performance.now();
      const isQuiet = this.#inFlight.size === 0 && now - Math.max(this.#quietSince, startedAt) >= quietMs;
      if (isQuiet || now - startedAt >= timeoutMs) return;
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}
