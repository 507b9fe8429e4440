import type { LastFailure, TriedAttempt } from '../../api/types';
import { spoken } from '../../format/texts';

/** What people call the results of an attempt. `page` and `finished` are the good ones. */
const results: Readonly<Record<string, string>> = {
  page: 'Page fetched',
  finished: 'Page fetched',
  blocked: 'Blocked',
  throttled: 'Asked to slow down',
  refused: 'Refused',
  unreachable: 'No answer',
  unsuccessful: 'Not what successWhen asks for',
  unconvertible: 'Could not be converted',
  'too-many-redirects': 'Too many redirects',
  'too-large': 'Page too large',
  forbidden: 'Address not allowed',
  disallowed: 'Disallowed by robots.txt',
  'not-tried': 'Not tried',
};

const isPage = (kind: string): boolean => kind === 'page' || kind === 'finished';

/** What an attempt ended with, in a few words: `Blocked by cloudflare`, `No answer (ECONNRESET)`. */
export function resultOf({ kind, vendor, code }: Pick<TriedAttempt, 'kind' | 'vendor' | 'code'>): string {
  const result = results[kind] ?? spoken(kind);
  if (vendor !== undefined) return `${result} by ${vendor}`;
  return code === undefined ? result : `${result} (${code})`;
}

export const toneOf = (kind: string): 'good' | 'warn' | 'bad' =>
  isPage(kind) ? 'good' : kind === 'throttled' || kind === 'unsuccessful' ? 'warn' : 'bad';

const engines: Readonly<Record<string, string>> = {
  http: 'plain HTTP',
  impersonate: 'HTTP like a browser',
  browser: 'a real browser',
};

export const engineOf = (engine: string): string => engines[engine] ?? engine;

/** The way that an attempt went: `HTTP like a browser, proxy eu-3 (residential)`. */
export function wayOf({ engine, tier, proxy }: Pick<TriedAttempt, 'engine' | 'tier' | 'proxy'>): string {
  if (proxy === undefined && tier === undefined) return `${engineOf(engine)}, no proxy`;
  const name = proxy === undefined ? 'proxy' : `proxy ${proxy}`;
  return `${engineOf(engine)}, ${name}${tier === undefined ? '' : ` (${spoken(tier)})`}`;
}

/** The last failure of a job in a few words, for places without a timeline. */
export function failureText({ reason, statusCode, detail }: LastFailure): string {
  const result = results[reason] ?? spoken(reason);
  const rest = [statusCode, detail].filter((part) => part !== undefined).join(', ');
  return rest === '' ? result : `${result} (${rest})`;
}
