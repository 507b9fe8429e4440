import { countryCodeOf } from '../../jobs/api-params';
import { addressIdOf, parseProxyUrl } from './parse-proxy-url';
import type { Proxy, ProxyTier } from './proxy';
import { readProxyList } from './read-proxy-list';
import type { ListedProxy } from './read-proxy-list';

/** What is wrong with a list of proxies, all of it. Quotes nothing of the list. */
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
 * The owner's proxies: a URL per line or comma, each with `tier=`, `country=` and `weight=` behind it, or a JSON array of objects with these names.
 * Throws a {@link ProxyListError}. An empty text is an empty list.
 */
export function parseProxies(text: string): readonly Proxy[] {
  const entries = readProxyList(text);
  if (entries === undefined) throw new ProxyListError(['it begins like JSON and is not a valid array']);
  if (entries.length > MAX_PROXIES) throw new ProxyListError([`it has more than ${MAX_PROXIES} entries`]);
  const problems: string[] = [];
  const proxies: Proxy[] = [];
  /** Places of the users of each address, in order. */
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
    // Providers write session and country into the user name, so that one address is many ways out.
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
