import { createRequire } from 'node:module';
import type { EgressAddress, EgressProxy } from '../egress/egress-proxy';
import type { FetchEngine, HeaderProfileName, OutgoingRequest } from './engine';
import { ImpersonateExchange } from './impersonate-exchange';
import { impersonateHeaders } from './impersonate-headers';
import { BrowserProcesses } from './impersonate-processes';

export interface ImpersonateEngineDeps {
  /** impit resolves and dials by itself, so it goes out through here only. */
  readonly egress: Pick<EgressProxy, 'addressFor' | 'troubleOf'>;
  /** Sends what impit cannot send, and what has no TLS to imitate. Is closed with this engine. */
  readonly plain: FetchEngine;
  readonly attemptTimeoutMs: number;
  /** Outbound routes whose connections are kept, for each browser. @default 32 */
  readonly maxClients?: number;
  /** Is told when a browser process does not start; requests then go out as the `http` engine sends them. */
  readonly onStartFailure?: (error: unknown) => void;
  /** For tests, for whose certificates nobody vouches. @default false */
  readonly ignoreTlsErrors?: boolean;
}

/** The newest ones of impit 0.14, and the versions that `header-profiles.ts` names. */
const BROWSERS = { chrome: 'chrome151', firefox: 'firefox144' } as const satisfies Record<HeaderProfileName, string>;
const METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Requests that look like a browser's below HTTP too: its TLS hello and its HTTP/2 frames, made by impit in a process per browser, which is
 * started when it is first needed. Undefined when impit is not installed, or not for this platform.
 */
export function createImpersonateEngine(deps: ImpersonateEngineDeps): FetchEngine | undefined {
  if (!isImpitThere()) return undefined;
  const { egress, plain, attemptTimeoutMs, maxClients = 32, ignoreTlsErrors = false } = deps;
  // What an attempt waits for memory is not its time, and whoever gives up cuts the body himself: this only ends what nobody waits for.
  const settings = { timeoutMs: 2 * attemptTimeoutMs, maxClients, ignoreTlsErrors };
  const processes = new BrowserProcesses(settings, deps.onStartFailure);

  return {
    async send(outgoing, attempt, route) {
      const headers = canSend(outgoing) ? impersonateHeaders(outgoing, route.profile) : undefined;
      if (headers === undefined) return plain.send(outgoing, attempt, route);
      const exchange = new ImpersonateExchange(attempt);
      const interrupted = exchange.answer.then(() => undefined);
      const browser = await Promise.race([processes.of(BROWSERS[route.profile]), interrupted]);
      if (browser === undefined) return plain.send(outgoing, attempt, route);
      const { url, method, body } = outgoing;
      const proxyUrl = proxyUrlOf(egress.addressFor(route.proxy));
      browser.send({ url: url.href, method, headers, body, proxyUrl, isFresh: route.isFresh }, exchange);
      try {
        return await exchange.unwrapped();
      } catch (error) {
        throw exchange.wasTunnelRefused ? (egress.troubleOf(route.proxy, url) ?? error) : error;
      }
    },
    async close() {
      await Promise.all([processes.stop(), plain.close()]);
    },
  };
}

/** It is an optional dependency with native code; here it is loaded and no more. */
function isImpitThere(): boolean {
  try {
    createRequire(__filename)('impit');
    return true;
  } catch {
    return false;
  }
}

/** impit takes no body with GET and HEAD, and no other methods. Without TLS, the headers of the `http` engine are the better likeness. */
function canSend({ url, method, body }: OutgoingRequest): boolean {
  const isBodyTaken = body === undefined || (method !== 'GET' && method !== 'HEAD');
  return url.protocol === 'https:' && METHODS.has(method) && isBodyTaken;
}

function proxyUrlOf({ server, username, password }: EgressAddress): string {
  const url = new URL(server);
  url.username = username;
  url.password = password;
  return url.href;
}
