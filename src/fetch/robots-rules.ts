/** The product token that chooses a group of rules (RFC 9309 §2.2.1). */
const ROBOTS_TOKEN = 'everfetch';

/** More rules with a wildcard are ignored. Real files have a handful, and a hostile file must not hold the process up. */
const MAX_WILDCARD_RULES = 1_000;

interface Rule {
  readonly isAllowed: boolean;
  /** The texts between the wildcards. */
  readonly parts: readonly string[];
  /** Whether the path has to end with the last part. */
  readonly isWhole: boolean;
  /** Length of the pattern as written: the longest one that matches decides. */
  readonly length: number;
}

/** The rules of a robots.txt that apply to everfetch. */
export interface RobotsRules {
  /** @param path with its query */
  isAllowed(path: string): boolean;
  readonly crawlDelayMs: number | undefined;
  /** Approximate size in memory. */
  readonly bytes: number;
}

interface Group {
  readonly rules: Rule[];
  crawlDelayMs: number | undefined;
  /** Rules with a wildcard so far. */
  wildcards: number;
}

/**
 * Reads a robots.txt (RFC 9309, with `Crawl-delay`). The robots-parser package is not used, because its matching takes time proportional
 * to rules × path × pattern: one file of 500 kB kept the process busy for two seconds per URL (measured).
 */
export function parseRobots(text: string): RobotsRules {
  const ours: Group = { rules: [], crawlDelayMs: undefined, wildcards: 0 };
  const others: Group = { rules: [], crawlDelayMs: undefined, wildcards: 0 };
  let isForUs = false;
  let groups: Group[] = [];
  let isNaming = false;
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const [, name = '', value = ''] = /^\s*([A-Za-z-]+)\s*:([^#]*)/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (key === 'user-agent') {
      if (!isNaming) groups = [];
      isNaming = true;
      const token = value.trim().toLowerCase().split('/', 1)[0]?.trim();
      if (token === ROBOTS_TOKEN) isForUs = true;
      if (token === ROBOTS_TOKEN) groups.push(ours);
      else if (token === '*') groups.push(others);
    } else if (key === 'allow' || key === 'disallow') {
      isNaming = false;
      addRule(groups, value.trim(), key === 'allow');
    } else if (key === 'crawl-delay') {
      isNaming = false;
      const seconds = Number(value.trim() || Number.NaN);
      if (seconds >= 0) for (const group of groups) group.crawlDelayMs = seconds * 1_000;
    }
  }
  return rulesOf(isForUs ? ours : others);
}

function addRule(groups: readonly Group[], pattern: string, isAllowed: boolean): void {
  if (pattern === '' || groups.length === 0) return;
  const isWhole = pattern.endsWith('$');
  // The part is copied, because a slice of the file's text would keep all of it in memory.
  const written = Buffer.from(normalised(isWhole ? pattern.slice(0, -1) : pattern), 'latin1').toString('latin1');
  const parts = written.includes('*') ? written.split(/\*+/) : [written];
  for (const group of groups) {
    if (parts.length > 1 && (group.wildcards += 1) > MAX_WILDCARD_RULES) continue;
    group.rules.push({ isAllowed, parts, isWhole, length: written.length + (isWhole ? 1 : 0) });
  }
}

function rulesOf({ rules, crawlDelayMs }: Group): RobotsRules {
  // The first that matches decides: the most specific, and of two equally specific ones the one that allows.
  const sorted = rules.sort((a, b) => b.length - a.length || Number(b.isAllowed) - Number(a.isAllowed));
  return {
    isAllowed(path) {
      const asked = normalised(path);
      return sorted.find((rule) => isMatch(rule, asked))?.isAllowed ?? true;
    },
    crawlDelayMs,
    bytes: sorted.reduce((sum, { length, parts }) => sum + length + 100 + parts.length * 32, 200),
  };
}

function isMatch({ parts, isWhole }: Rule, path: string): boolean {
  const [first = '', ...others] = parts;
  if (!path.startsWith(first)) return false;
  const last = isWhole ? others.pop() : undefined;
  if (isWhole && last === undefined) return path.length === first.length;
  let at = first.length;
  for (const part of others) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return last === undefined || (path.length - last.length >= at && path.endsWith(last));
}

/** Normalises paths and patterns alike (RFC 9309 §2.2.2): decodes what needs no percent-encoding, and encodes everything else. */
function normalised(path: string): string {
  const ascii = path.replace(/[^\x20-\x7e]+/g, (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'));
  if (!ascii.includes('%')) return ascii;
  return ascii.replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase();
  });
}
