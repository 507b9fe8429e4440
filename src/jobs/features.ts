import { countryCodeOf } from './api-params';
import type { ApiParams } from './api-params';
import { needsBrowser } from './needs-browser';

export const proxyTiers = ['standard', 'premium', 'ultra_premium'] as const;
export type ProxyTier = (typeof proxyTiers)[number];

/**
 * Optional equipment of this installation (browser, proxies) that parameters may need. Plain data, because workers report it to the
 * API through the database.
 */
export interface Features {
  /** True when no worker has reported yet. */
  readonly areUnknown?: boolean;
  readonly hasBrowser: boolean;
  /**
   * Each kind of proxy once. `eu` stands for the proxies of its member states; without a country, the proxy fits requests that name
   * none.
   */
  readonly proxies: readonly { readonly tier: ProxyTier; readonly country?: string }[];
}

/** What happens to a parameter that needs a missing feature: the setting `MISSING_FEATURES`. */
export const missingFeaturesModes = ['refuse', 'ignore'] as const;
export type MissingFeatures = (typeof missingFeaturesModes)[number];

/** Features of an installation without browser and proxies; they are assumed until a worker reports. */
export const NO_FEATURES: Features = { hasBrowser: false, proxies: [] };

/** The proxy tier that the parameters pay for. */
export const tierOf = (params: ApiParams): ProxyTier =>
  params.ultra_premium === true ? 'ultra_premium' : params.premium === true ? 'premium' : 'standard';

/** Names of the parameters that need something this installation lacks. They are reported to the client rather than silently ignored. */
export function missingFeatures(params: ApiParams, { hasBrowser, proxies }: Features): readonly string[] {
  const missing: string[] = [];
  if (!hasBrowser && needsBrowser(params))
    missing.push(...BROWSER_PARAMS.filter((name) => (params[name] ?? false) !== false));
  const tier = tierOf(params);
  const ofTier = proxies.filter((proxy) => proxy.tier === tier);
  const country = countryCodeOf(params.country_code ?? '');
  if (tier !== 'standard' && ofTier.length === 0) missing.push(tier);
  else if (country !== undefined && !ofTier.some((proxy) => proxy.country === country)) missing.push('country_code');
  return missing;
}

const BROWSER_PARAMS = ['render', 'wait_for_selector', 'screenshot', 'instruction_set'] as const;
