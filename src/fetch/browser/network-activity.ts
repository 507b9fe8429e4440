import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, CDPSession, Request } from 'playwright-core';

export interface NetworkLimits {
  /** Of all that a page loads, unpacked. */
  readonly maxTotalBytes: number;
  readonly maxRequests: number;
}

const POLL_MS = 25;
/** They stay open by design. */
const ENDLESS = new Set(['eventsource', 'media', 'websocket', 'ping']);

/** What a page loads: whether anything is on its way, and whether it is too much. */
export class NetworkActivity {
  requests = 0;
  bytes = 0;
  readonly #inFlight = new Set<Request>();
  #quietSince = performance.now();

  /**
   * @param onTooMuch called once
   * @param onBytes told what has come of each request
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
      // CDP writes all but texts as base64 (RFC 6455 §5.2: 1 is a text).
      this.bytes += Buffer.byteLength(payloadData, opcode === 1 ? 'utf8' : 'base64');
      check();
    });
  }

  /** Resolves once nothing has been on its way for `quietMs`, or when `timeoutMs` are over: pages that poll are never quiet. */
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
