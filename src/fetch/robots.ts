import { untilAborted } from '../async/until-aborted';
import { canonicalHost } from '../net/allow-list';
import { isRedirectStatus, locationUrl } from './next-request';
import { requestTarget } from './request-target';
import { parseRobots } from './robots-rules';
import type { RobotsRules } from './robots-rules';

export interface RobotsAnswer {
  readonly statusCode: number;
  readonly location?: string | undefined;
  /** The beginning of a 2xx answer's body, at least 500 kB if it is that long; empty for other answers. */
  readonly text: string;
}

export interface RobotsDeps {
  /** Sends one GET without following redirects. Rejects when there is no answer. */
  readonly fetchText: (url: URL, signal: AbortSignal) => Promise<RobotsAnswer>;
  /** Whether the owner obeys the robots.txt of this host. */
  readonly isObeyed: (host: string) => boolean;
  /** Hears of the `Crawl-delay` that a host asks for; undefined: none. */
  readonly onCrawlDelay: (host: string, delayMs: number | undefined) => void;
  readonly nowMs: () => number;
}

export interface Robots {
  /**
   * Whether the site allows this URL to be fetched. The answer comes at once when its robots.txt is known; otherwise the file is fetched,
   * once for all callers that wait.
   * Rejects with the signal's reason, or with a RobotsUnreachableError.
   */
  isAllowed(url: URL, signal: AbortSignal): boolean | Promise<boolean>;
  stop(): void;
}

/** The robots.txt cannot be read now, so the site must not be fetched for the time being (RFC 9309 §2.3.1.4). */
export class RobotsUnreachableError extends Error {
  override readonly name = 'RobotsUnreachableError';
  readonly code = 'ROBOTS_UNREACHABLE';

  constructor(host: string) {
    super(`robots.txt of ${host} cannot be had`);
  }
}

const DAY_MS = 24 * 60 * 60_000;
const FIRST_ASK_AGAIN_MS = 30_000;
const LAST_ASK_AGAIN_MS = 10 * 60_000;
const TIMEOUT_MS = 20_000;
const MAX_REDIRECTS = 5;
/** Part of a file that is read; RFC 9309 §2.5 asks for at least 500 KiB. */
const MAX_CHARACTERS = 500 * 1024;
const MAX_ORIGINS = 1_000;
const MAX_BYTES = 16 * 1024 * 1024;

interface Known {
  /** Undefined when the file could not be read so far. */
  readonly rules: RobotsRules | undefined;
  readonly failures: number;
  readonly freshUntilMs: number;
}

const ALL_ALLOWED = parseRobots('');

/** Tells what sites allow. Each origin (scheme, host and port) has a robots.txt of its own, which is kept for a day. */
export function createRobots({ fetchText, isObeyed, onCrawlDelay, nowMs }: RobotsDeps): Robots {
  /** Origins, the least recently used one first. */
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<Known>>();
  const stopping = new AbortController();
  let bytes = 0;

  const forget = (origin: string) => {
    bytes -= known.get(origin)?.rules?.bytes ?? 0;
    known.delete(origin);
  };
  const keep = (origin: string, entry: Known) => {
    forget(origin);
    known.set(origin, entry);
    bytes += entry.rules?.bytes ?? 0;
    for (const oldest of known.keys()) {
      if ((known.size <= MAX_ORIGINS && bytes <= MAX_BYTES) || oldest === origin) break;
      forget(oldest);
    }
  };

  const ask = async (origin: string): Promise<Known> => {
    const before = known.get(origin);
    const rules = await readRobots(origin, fetchText, stopping.signal);
    const failures = rules === undefined ? (before?.failures ?? 0) + 1 : 0;
    const askAgainMs = Math.min(FIRST_ASK_AGAIN_MS * 2 ** Math.min(failures - 1, 10), LAST_ASK_AGAIN_MS);
    const entry: Known = {
      // While the file cannot be read, its last rules count.
      rules: rules ?? before?.rules,
      failures,
      freshUntilMs: nowMs() + (rules === undefined ? askAgainMs : DAY_MS),
    };
    keep(origin, entry);
    if (rules !== undefined) onCrawlDelay(canonicalHost(new URL(origin).hostname), rules.crawlDelayMs);
    return entry;
  };

  const askOnce = (origin: string): Promise<Known> => {
    const running = asking.get(origin);
    if (running !== undefined) return running;
    const started = ask(origin).finally(() => asking.delete(origin));
    asking.set(origin, started);
    return started;
  };

  return {
    isAllowed(url, signal) {
      if (!isObeyed(canonicalHost(url.hostname)) || url.pathname === '/robots.txt') return true;
      const entry = known.get(url.origin);
      if (entry === undefined || entry.freshUntilMs <= nowMs())
        return untilAborted(askOnce(url.origin), signal).then((fresh) => verdictOf(fresh, url));
      known.delete(url.origin);
      known.set(url.origin, entry);
      return entry.rules === undefined
        ? Promise.reject(new RobotsUnreachableError(url.hostname))
        : verdictOf(entry, url);
    },
    stop: () => stopping.abort(new Error('the worker is stopping')),
  };
}

function verdictOf({ rules }: Known, url: URL): boolean {
  if (rules === undefined) throw new RobotsUnreachableError(url.hostname);
  return rules.isAllowed(requestTarget(url));
}

/** Fetches and reads a robots.txt (RFC 9309 §2.3.1). Undefined when that is not possible now. */
async function readRobots(
  origin: string,
  fetchText: RobotsDeps['fetchText'],
  stopping: AbortSignal,
): Promise<RobotsRules | undefined> {
  let url = new URL('/robots.txt', origin);
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const { statusCode, location, text } = await fetchText(url, signal);
      if (statusCode >= 200 && statusCode < 300) return parseRobots(text.slice(0, MAX_CHARACTERS));
      if (statusCode >= 500 || statusCode === 429) return undefined;
      const next = isRedirectStatus(statusCode) && location !== undefined ? locationUrl(location, url) : undefined;
      if (next === undefined || !/^https?:$/.test(next.protocol)) return ALL_ALLOWED;
      url = next;
    }
    return ALL_ALLOWED;
  } catch (error) {
    // A robots.txt at an address that must not be connected to is as good as none.
    return (error as { readonly name?: unknown } | undefined)?.name === 'ForbiddenTargetError'
      ? ALL_ALLOWED
      : undefined;
  }
}

/** The site's robots.txt forbids fetching the page, and the owner obeys it. Becomes the outcome `disallowed`. */
export class RobotsDisallowedError extends Error {
  override readonly name = 'RobotsDisallowedError';
  readonly host: string;

  constructor(host: string) {
    super(`robots.txt of ${host} does not allow it`);
    this.host = host;
  }
}
