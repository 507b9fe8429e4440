import { canonicalHost } from '../net/allow-list';
import { startAttemptClock } from './attempt-clock';
import { decodePrefix } from '../http/codings/decode-content';
import type { FetchEngine } from './engines/engine';
import { isMalformed } from './engines/malformed';
import { isProxyFault, networkCodeOf } from './error-codes';
import { PLAIN_ROUTE } from './open-hop';
import type { PassHost } from './host-visit';
import type { Guard } from '../net/guard';
import { headerValue, headerValues } from '../http/header-value';
import type { Proxy } from './proxies/proxy';
import { createRobots } from './robots';
import type { Robots, RobotsAnswer, RobotsDeps } from './robots';

export interface RobotsOptions extends Pick<RobotsDeps, 'isObeyed' | 'onCrawlDelay'> {
  /** Chooses the proxy that a robots.txt is fetched through; undefined: directly. @param avoidId a proxy that has just failed */
  readonly proxyFor: (host: string, avoidId?: string) => Proxy | undefined;
  /** Hears how a proxy did. @param error undefined when there was an answer */
  readonly onProxyUsed: (proxy: Proxy, host: string, error: unknown) => void;
}

export interface FetchedRobotsDeps {
  readonly guard: Pick<Guard, 'assertUrl' | 'checkName'>;
  readonly engine: FetchEngine;
  readonly pass: PassHost;
}

/** RFC 9309 §2.5 asks for the first 500 KiB. */
const MAX_BYTES = 512 * 1024;
const TIMEOUT_MS = 20_000;

/** robots.txt is fetched under the product's own name, because the rules for `everfetch` count. */
const HEADERS = [
  'User-Agent',
  'everfetch',
  'Accept',
  'text/plain, */*;q=0.5',
  'Accept-Encoding',
  'gzip, identity;q=0.5',
];

/** Reads what sites allow. Their robots.txt files are fetched like pages: guarded, in the host's turn, and through a proxy if there are any. */
export const createFetchedRobots = (
  { proxyFor, onProxyUsed, ...options }: RobotsOptions,
  deps: FetchedRobotsDeps,
): Robots =>
  createRobots({
    ...options,
    nowMs: () => performance.now(),
    fetchText: async (url, signal) => {
      const host = canonicalHost(url.hostname);
      // The attempt that wants to know has had its turn there.
      await deps.pass(host, signal, true);
      let failed: Proxy | undefined;
      for (;;) {
        const proxy = proxyFor(host, failed?.id);
        try {
          const answer = await fetchText(url, signal, proxy, deps);
          if (proxy !== undefined) onProxyUsed(proxy, host, undefined);
          return answer;
        } catch (error) {
          if (proxy === undefined || signal.aborted) throw error;
          onProxyUsed(proxy, host, error);
          if (failed !== undefined || !isProxyFault(networkCodeOf(error) ?? '')) throw error;
          failed = proxy;
        }
      }
    },
  });

/** Sends one GET without following redirects. The answer has the beginning of the file when it was found. */
async function fetchText(
  url: URL,
  signal: AbortSignal,
  proxy: Proxy | undefined,
  deps: FetchedRobotsDeps,
  isLenient = false,
): Promise<RobotsAnswer> {
  deps.guard.assertUrl(url);
  if (proxy !== undefined) await deps.guard.checkName(url.hostname);
  const clock = startAttemptClock(TIMEOUT_MS, signal);
  try {
    const request = { url, method: 'GET', headers: HEADERS, body: undefined, deviceType: 'desktop' } as const;
    clock.throwIfOver();
    const answer = await deps.engine.send(request, clock, { ...PLAIN_ROUTE, proxy, isLenient });
    const { statusCode, headers, body } = answer;
    const location = headerValue(headers, 'location');
    if (statusCode < 200 || statusCode >= 300) {
      body.abandon();
      return { statusCode, location, text: '' };
    }
    const parts: Buffer[] = [];
    let bytes = 0;
    const keep = (chunk: Buffer) => {
      parts.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (bytes > MAX_BYTES) body.abandon();
      return undefined;
    };
    await body.readInto(keep).catch((error: unknown) => {
      if (bytes <= MAX_BYTES) throw error;
    });
    const text = await decodePrefix(Buffer.concat(parts), headerValues(headers, 'content-encoding').join(','), {
      ...{ maxBytes: 16 * MAX_BYTES, prefixBytes: MAX_BYTES, isCut: bytes > MAX_BYTES },
      throwIfOver: () => clock.throwIfOver(),
    });
    return { statusCode, text: text.toString('utf8') };
  } catch (error) {
    if (isLenient || !isMalformed(error)) throw error;
    return fetchText(url, signal, proxy, deps, true);
  } finally {
    clock.stop();
  }
}
