import { untilAborted } from '../async/until-aborted';
import { canonicalHost } from '../net/allow-list';
import { isRedirectStatus, locationUrl } from './next-request';
import { requestTarget } from './request-target';
import { parseRobots } from './robots-rules';
import type { RobotsRules } from './robots-rules';

export interface RobotsAnswer {
  readonly statusCode: number;
  readonly location?: string | undefined;
  /** The beginning of the body, 500 kB at least if there is so much. Only of 2xx answers. */
  readonly text: string;
}

export interface RobotsDeps {
  /** One GET without following redirects. Rejects when there is no answer. */
  readonly fetchText: (url: URL, signal: AbortSignal) => Promise<RobotsAnswer>;
  /** Whether the robots.txt of this host counts. */
  readonly isObeyed: (host: string) => boolean;
  /** What the host asks for; undefined: nothing. */
  readonly onCrawlDelay: (host: string, delayMs: number | undefined) => void;
  readonly nowMs: () => number;
}

export interface Robots {
  /**
   * Whether the site wants this URL to be fetched. At once when its robots.txt is known; otherwise it is fetched, once for all that wait.
   * Rejects with the signal's reason, or with a RobotsUnreachableError.
   */
  isAllowed(url: URL, signal: AbortSignal): boolean | Promise<boolean>;
  stop(): void;
}

/** Nobody knows what the site allows, so it is not fetched from now (RFC 9309 §2.3.1.4). That will pass. */
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
/** RFC 9309 §2.5: at least so much of a file has to be read. */
const MAX_CHARACTERS = 500 * 1024;
const MAX_ORIGINS = 1_000;
const MAX_BYTES = 16 * 1024 * 1024;

interface Known {
  /** Undefined when there is no file that could be had. */
  readonly rules: RobotsRules | undefined;
  readonly failures: number;
  readonly freshUntilMs: number;
}

const ALL_ALLOWED = parseRobots('');

/** What sites allow, a robots.txt per origin (scheme, host and port), kept for a day. */
export function createRobots({ fetchText, isObeyed, onCrawlDelay, nowMs }: RobotsDeps): Robots {
  /** The least recently used first. */
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
      // While it cannot be had, what it said last counts.
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

/** RFC 9309 §2.3.1. Undefined when it cannot be had now. */
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
    // It leads to where nobody may connect: that is as good as none.
    return (error as { readonly name?: unknown } | undefined)?.name === 'ForbiddenTargetError'
      ? ALL_ALLOWED
      : undefined;
  }
}

/** The site's robots.txt does not want the page to be fetched, and the owner obeys. Becomes the outcome `disallowed`. */
export class RobotsDisallowedError extends Error {
  override readonly name = 'RobotsDisallowedError';
  readonly host: string;

  constructor(host: string) {
    super(`robots.txt of ${host} does not allow it`);
    this.host = host;
  }
}
