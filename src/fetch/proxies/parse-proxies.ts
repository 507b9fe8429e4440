import { countryCodeOf } from '../../jobs/api-params';
import { addressIdOf, parseProxyUrl } from './parse-proxy-url';
import type { Proxy, ProxyTier } from './proxy';

/** All problems of a list of proxies. The messages quote nothing of the list, because it holds passwords. */
export class ProxyListError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const shown = problems.slice(0, MAX_SHOWN);
    if (problems.length > MAX_SHOWN) shown.push(`and ${problems.length - MAX_SHOWN} more`);
    super(`the list of proxies is not usable: ${shown.join('; ')}`);
    this.name = 'ProxyListError';
    this.problems = problems;
  }
}

const MAX_SHOWN = 100;
const MAX_PROXIES = 5_000;
const MAX_WEIGHT = 1_000;
const TIERS: readonly ProxyTier[] = ['standard', 'premium', 'ultra_premium'];

/**
 * Parses the operator's proxies: one URL per line or comma, each with `tier=`, `country=` and `weight=` behind it, or a JSON array of objects
 * with these names.
 * Throws a {@link ProxyListError}. An empty text is an empty list.
 */
export function parseProxies(text: string): readonly Proxy[] {
  const entries = readProxyList(text);
  if (entries === undefined) throw new ProxyListError(['it begins like JSON and is not a valid array']);
  if (entries.length > MAX_PROXIES) throw new ProxyListError([`it has more than ${MAX_PROXIES} entries`]);
  const problems: string[] = [];
  const proxies: Proxy[] = [];
  /** Place in the list of each user name, by address. */
  const users = new Map<string, Map<string | undefined, string>>();
  for (const entry of entries) {
    const wrong = (what: string) => void problems.push(`${entry.place} ${what}`);
    entry.problems.forEach(wrong);
    const options = optionsOf(entry, wrong);
    const address = parseProxyUrl(entry.url);
    if (typeof address === 'string') {
      wrong(address);
      continue;
    }
    const id = addressIdOf(address);
    const known = users.get(id) ?? new Map<string | undefined, string>();
    users.set(id, known);
    const twin = known.get(address.username);
    if (twin !== undefined) {
      wrong(`is the same proxy with the same user name as ${twin}`);
      continue;
    }
    known.set(address.username, entry.place);
    // Providers write session and country into the user name, so that one address stands for many routes.
    proxies.push({ id: known.size === 1 ? id : `${id}#${known.size}`, ...address, ...options });
  }
  if (problems.length > 0) throw new ProxyListError(problems);
  return proxies;
}

function optionsOf(
  { options }: ListedProxy,
  wrong: (what: string) => void,
): Pick<Proxy, 'tier' | 'country' | 'weight'> {
  const { tier = 'standard', country, weight = 1 } = options;
  const knownTier = TIERS.find((each) => each === tier);
  if (knownTier === undefined) wrong(`has a tier that is not one of ${TIERS.join(', ')}`);
  const code = typeof country === 'string' ? countryCodeOf(country) : undefined;
  if (country !== undefined && code === undefined) wrong('has a country that is not a code of two letters');
  const share = typeof weight === 'string' && /^\d+(\.\d+)?$/.test(weight) ? Number(weight) : weight;
  const isShare = typeof share === 'number' && share > 0 && share <= MAX_WEIGHT;
  if (!isShare) wrong(`has a weight that is not a number above 0 and up to ${MAX_WEIGHT}`);
  return { tier: knownTier ?? 'standard', country: code, weight: isShare ? share : 1 };
}

/** One entry of a list, before it is checked. */
export interface ListedProxy {
  /** Position in the list, for messages. */
  readonly place: string;
  /** URL of the entry; empty when there is none. */
  readonly url: string;
  readonly options: Readonly<Partial<Record<OptionName, unknown>>>;
  /** Problems of the options. They quote nothing, because a blank or comma in a password makes a part of it look like an option. */
  readonly problems: readonly string[];
}

const OPTION_NAMES = ['tier', 'country', 'weight'] as const;
type OptionName = (typeof OPTION_NAMES)[number];

const UNKNOWN_OPTION = `has something besides ${OPTION_NAMES.join(', ')} behind its URL`;

/** Splits a list in either notation into entries; undefined when it begins like JSON and is no array. */
function readProxyList(text: string): readonly ListedProxy[] | undefined {
  return text.trimStart().startsWith('[') ? readJson(text) : readLines(text);
}

function readLines(text: string): readonly ListedProxy[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, index) => {
    const pieces = line.replace(/(^|\s)#.*$/, '').split(',');
    return pieces.flatMap((piece, order) => {
      const [url = '', ...words] = piece.trim().split(/\s+/);
      if (url === '') return [];
      const place = pieces.length === 1 ? `line ${index + 1}` : `line ${index + 1}, entry ${order + 1},`;
      return [{ place, url, ...readWords(words) }];
    });
  });
}

function readWords(words: readonly string[]): Pick<ListedProxy, 'options' | 'problems'> {
  const options: Partial<Record<OptionName, string>> = {};
  const problems: string[] = [];
  for (const word of words) {
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(word) ?? [];
    const name = OPTION_NAMES.find((each) => each === key);
    if (name === undefined) problems.push(UNKNOWN_OPTION);
    else if (options[name] !== undefined) problems.push(`has ${name} twice`);
    else options[name] = value;
  }
  return { options, problems };
}

function readJson(text: string): readonly ListedProxy[] | undefined {
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return undefined;
  return parsed.map((item: unknown, index) => {
    const fields: Readonly<Record<string, unknown>> = typeof item === 'object' && item !== null ? { ...item } : {};
    const { url, ...options } = fields;
    const isKnown = Object.keys(options).every((key) => OPTION_NAMES.some((name) => name === key));
    const problems = isKnown ? [] : [UNKNOWN_OPTION];
    return { place: `entry ${index + 1}`, url: typeof url === 'string' ? url : '', options, problems };
  });
}

/** Swallows the error of JSON.parse, because it quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.trim());
  } catch {
    return undefined;
  }
}
