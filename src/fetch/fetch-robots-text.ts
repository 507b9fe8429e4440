import { startAttemptClock } from './attempt-clock';
import { unpackPrefix } from './content-decoding';
import type { FetchEngine } from './engines/engine';
import { PLAIN_ROUTE } from './fetch-route';
import type { Guard } from './guard';
import { headerValue, headerValues } from './header-value';
import type { Proxy } from './proxies/proxy';
import type { RobotsAnswer } from './robots';

export interface RobotsTextDeps {
  readonly guard: Pick<Guard, 'assertUrl' | 'checkName'>;
  readonly engine: FetchEngine;
  /** The way out to a host; undefined: directly. */
  readonly proxyFor: (host: string) => Proxy | undefined;
}

/** RFC 9309 §2.5 asks for the first 500 KiB. */
const MAX_BYTES = 512 * 1024;
const TIMEOUT_MS = 20_000;

/** By its own name: the rules that count are those for `everfetch`. */
const HEADERS = [
  'User-Agent',
  'everfetch',
  'Accept',
  'text/plain, */*;q=0.5',
  'Accept-Encoding',
  'gzip, identity;q=0.5',
];

/** One GET of a robots.txt, without following redirects; with its beginning where it was found. */
export async function fetchRobotsText(url: URL, signal: AbortSignal, deps: RobotsTextDeps): Promise<RobotsAnswer> {
  deps.guard.assertUrl(url);
  const proxy = deps.proxyFor(url.hostname);
  if (proxy !== undefined) await deps.guard.checkName(url.hostname);
  const clock = startAttemptClock(TIMEOUT_MS, signal);
  try {
    const request = { url, method: 'GET', headers: HEADERS, body: undefined, deviceType: 'desktop' } as const;
    const answer = await deps.engine.send(request, clock, { ...PLAIN_ROUTE, proxy });
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
    const text = await unpackPrefix(Buffer.concat(parts), headerValues(headers, 'content-encoding').join(','), {
      ...{ maxBytes: 16 * MAX_BYTES, prefixBytes: MAX_BYTES, isCut: bytes > MAX_BYTES },
      throwIfOver: () => clock.throwIfOver(),
    });
    return { statusCode, text: text.toString('utf8') };
  } finally {
    clock.stop();
  }
}
