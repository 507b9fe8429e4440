import { parseHost } from '../../net/parse-host';

/** The owner's limits for a host. One that is undefined comes from a less specific rule. */
export interface HostRule {
  /** Minimum time between two requests of all workers together (ms); 0 for no pace. */
  readonly intervalMs?: number | undefined;
  /** Most fetches in flight, all workers together. */
  readonly concurrency?: number | undefined;
  readonly obeysRobots?: boolean | undefined;
}

export interface HostRuleEntry {
  /** Lower case, as URLs have it; empty for all hosts. */
  readonly host: string;
  /** Whether the rule is for the host's subdomains too, or for the host alone. */
  readonly isForSubdomains: boolean;
  readonly rule: HostRule;
}

const MS_PER: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const MAX_PER_SECOND = 1_000;
const MAX_AT_ONCE = 4_096;

/**
 * Reads `HOST_LIMITS`: entries `<host>=<limit>;<limit>…` separated by commas or line ends.
 * A host is a name or an address (that host alone), `*.name` (that host and all below it) or `*` (every host). Limits are a pace
 * (`5/s`, `30/m`, `100/h`, or `unlimited`), `concurrency=2` and `robots=on` or `robots=off`.
 * @throws TypeError that names every problem
 */
export function parseHostRules(text: string): readonly HostRuleEntry[] {
  const { entries, problems } = readHostRules(text);
  if (problems.length > 0) throw new TypeError(`limits of hosts: ${problems.join('; ')}`);
  return entries;
}

/** Lists what is wrong with each bad entry of such a text. */
export const hostRuleProblems = (text: string): readonly string[] => readHostRules(text).problems;

interface Read {
  readonly entries: readonly HostRuleEntry[];
  readonly problems: readonly string[];
}

function readHostRules(text: string): Read {
  const problems: string[] = [];
  const entries = new Map<string, HostRuleEntry>();
  for (const part of text.split(/[,\r\n]+/).map((each) => each.trim())) {
    if (part === '') continue;
    const entry = parseEntry(part);
    const name = typeof entry === 'string' ? '' : `${entry.isForSubdomains ? '*.' : ''}${entry.host}`;
    if (typeof entry === 'string') problems.push(`${JSON.stringify(part)} ${entry}`);
    else if (entries.has(name)) problems.push(`${JSON.stringify(part)} is about a host that has an entry already`);
    else entries.set(name, entry);
  }
  return { entries: [...entries.values()], problems };
}

/** Parses an entry. Returns a text when it is wrong. */
function parseEntry(text: string): HostRuleEntry | string {
  const [, name = '', limits = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const pattern = name.trim();
  const isForSubdomains = pattern.startsWith('*');
  const host = pattern === '*' ? '' : parseHost(pattern.replace(/^\*\./, ''));
  if (host === undefined) return 'does not begin with a host name, an address, *.name or *, and then =';
  const rule: { -readonly [K in keyof HostRule]: HostRule[K] } = {};
  for (const limit of limits.split(';').map((each) => each.trim())) {
    const parsed = parseLimit(limit);
    if (typeof parsed === 'string') return parsed;
    if (Object.keys(parsed).some((key) => key in rule)) return `says twice what ${JSON.stringify(limit)} says`;
    Object.assign(rule, parsed);
  }
  return { host, isForSubdomains, rule };
}

function parseLimit(text: string): HostRule | string {
  const [, count, unit = ''] = /^(\d{1,9})\/([smh])$/.exec(text) ?? [];
  const perMs = MS_PER[unit];
  if (count !== undefined && perMs !== undefined) {
    if (Number(count) < 1 || (Number(count) * 1_000) / perMs > MAX_PER_SECOND)
      return `needs a pace from 1/h to ${MAX_PER_SECOND}/s`;
    return { intervalMs: perMs / Number(count) };
  }
  if (text === 'unlimited') return { intervalMs: 0 };
  const [, concurrency] = /^concurrency=(\d{1,9})$/.exec(text) ?? [];
  if (concurrency !== undefined) {
    if (Number(concurrency) < 1 || Number(concurrency) > MAX_AT_ONCE)
      return `needs a concurrency from 1 to ${MAX_AT_ONCE}`;
    return { concurrency: Number(concurrency) };
  }
  if (text === 'robots=on' || text === 'robots=off') return { obeysRobots: text === 'robots=on' };
  return `has ${JSON.stringify(text)} where 5/s, 30/m, 100/h, unlimited, concurrency=2, robots=on or robots=off may stand`;
}
