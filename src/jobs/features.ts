import { countryCodeOf } from './api-params';
import type { ApiParams } from './api-params';
import { needsBrowser } from './needs-browser';

export type ProxyTier = 'standard' | 'premium' | 'ultra_premium';

/** What this installation has been given, as far as a submission depends on it. Plain data, because workers tell it to the API. */
export interface Features {
  /** No worker has told what it has. */
  readonly areUnknown?: boolean;
  readonly hasBrowser: boolean;
  /** Each kind of proxy once; `eu` stands for the proxies of its member states. Without a country: any. */
  readonly proxies: readonly { readonly tier: ProxyTier; readonly country?: string }[];
}

/** What becomes of a parameter that needs something the installation has not been given: the setting `MISSING_FEATURES`. */
export const missingFeaturesModes = ['refuse', 'ignore'] as const;
export type MissingFeatures = (typeof missingFeaturesModes)[number];

/** Also before anything is known. */
export const NO_FEATURES: Features = { hasBrowser: false, proxies: [] };

/** The tier that the parameters pay for. */
export const tierOf = (params: ApiParams): ProxyTier =>
  params.ultra_premium === true ? 'ultra_premium' : params.premium === true ? 'premium' : 'standard';

/** Parameters that ask for something this installation does not have: named in the answer, never pretended. */
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
