import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import { isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import type { EgressAddress, EgressProxy } from '../egress/egress-proxy';
import { headerProfileOf } from '../header-profiles';
import type { FetchEngine, HeaderProfileName, OutgoingRequest } from './engine';
import { ImpersonateExchange } from './impersonate-exchange';
import { BrowserProcesses } from './impersonate-processes';

export interface ImpersonateEngineDeps {
  /** The only way to the internet for impit, which resolves and dials by itself. */
  readonly egress: Pick<EgressProxy, 'addressFor' | 'troubleOf'>;
  /** Sends requests that impit cannot send, or that have no TLS to imitate. It is closed with this engine. */
  readonly plain: FetchEngine;
  readonly attemptTimeoutMs: number;
  /** Maximum number of outbound routes per browser whose connections are kept. @default 32 */
  readonly maxClients?: number;
  /** Called when a browser process does not start; requests then go out as the `http` engine sends them. */
  readonly onStartFailure?: (error: unknown) => void;
  /** True in tests only, whose certificates are self-signed. @default false */
  readonly ignoreTlsErrors?: boolean;
}

/** The newest profiles of impit 0.14; `header-profiles.ts` names the same versions. */
const BROWSERS = { chrome: 'chrome151', firefox: 'firefox144' } as const satisfies Record<HeaderProfileName, string>;
const METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Sends requests whose TLS hello and HTTP/2 frames look like a browser's, too. impit makes them in one process per browser, which is started
 * when it is first needed. Returns undefined when impit is not installed, or not for this platform.
 */
export function createImpersonateEngine(deps: ImpersonateEngineDeps): FetchEngine | undefined {
  if (!isImpitThere()) return undefined;
  const { egress, plain, attemptTimeoutMs, maxClients = 32, ignoreTlsErrors = false } = deps;
  // The attempt's clock stops while it waits for memory, and an attempt that gives up cuts the body itself: this limit only ends requests
  // that nobody waits for.
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

/** Tells whether impit, an optional dependency with native code, can be loaded. */
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

/** Headers that impit adds unless they are given (impit 0.14.5, fingerprint/database). */
const IMPITS_OWN = [
  'accept',
  'accept-encoding',
  'accept-language',
  'priority',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'te',
  'upgrade-insecure-requests',
  'user-agent',
];

/** impit undoes all four codings, whatever Node supports. */
const ALL_CODINGS = 'gzip, deflate, br, zstd';

/** Headers that browsers add at the end over HTTP/2. */
const HTTP2_HEADERS: Readonly<Record<HeaderProfileName, HeaderPair>> = {
  chrome: ['priority', 'u=0, i'],
  firefox: ['te', 'trailers'],
};

/**
 * All headers of a request in their order, so that impit adds none. Returns undefined when impit cannot send them. They are those of the
 * `http` engine, because impit would put the caller's headers and cookies first, and would be on a Mac as Firefox.
 */
function impersonateHeaders(
  { headers, deviceType }: Pick<OutgoingRequest, 'headers' | 'deviceType'>,
  profileName: HeaderProfileName,
): readonly HeaderPair[] | undefined {
  const ours = new Map(headerProfileOf(profileName, deviceType).headers);
  const pairs: HeaderPair[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = '', value = ''] = [headers[index], headers[index + 1]];
    const text = utf8Of(value);
    if (text === undefined || text === '') return undefined;
    const isOurCodings = isName(name, 'accept-encoding') && value === ours.get('Accept-Encoding');
    pairs.push([name, isOurCodings ? ALL_CODINGS : text]);
  }
  const isThere = (wanted: string) => pairs.some(([name]) => isName(name, wanted));
  const extra = HTTP2_HEADERS[profileName];
  if (!isThere(extra[0])) pairs.push(extra);
  const unwanted = IMPITS_OWN.filter((name) => !isThere(name));
  return [...pairs, ...unwanted.map((name): HeaderPair => [name, ''])];
}

/** Re-decodes a header kept as ISO-8859-1, because impit writes text as UTF-8. Returns undefined where the bytes are not UTF-8. */
function utf8Of(value: string): string | undefined {
  if (/^[\x20-\x7e\t]*$/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
