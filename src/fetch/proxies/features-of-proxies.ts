import type { Features } from '../../jobs/features';
import { isCountryIn } from './countries';
import type { Proxy } from './proxy';

/** Each kind of proxy once, and each tier without a country, which any of its proxies fits; `eu` where a member state is among them. */
export function featuresOfProxies(proxies: readonly Proxy[]): Features['proxies'] {
  const kinds = proxies.flatMap(({ tier, country }): Features['proxies'] => [
    { tier },
    ...(country === undefined ? [] : [{ tier, country }]),
    ...(isCountryIn(country, 'eu') ? [{ tier, country: 'eu' }] : []),
  ]);
  return [...new Map(kinds.map((kind) => [`${kind.tier} ${kind.country ?? ''}`, kind])).values()];
}
