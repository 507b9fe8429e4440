import { countryCodeOf } from '../../jobs/api-params';
import type { ProxyTier, Features } from '../../jobs/features';

export type { ProxyTier };

/** A proxy, or the machine's own address. The password must never be logged: show `id`. */
export interface Proxy {
  /** Scheme, host and port without credentials, by which logs, sessions and scores name it. `direct` is the machine's own address. */
  readonly id: string;
  readonly kind: 'http' | 'https' | 'socks5' | 'direct';
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tier: ProxyTier;
  /** ISO 3166 alpha-2, lower case. */
  readonly country: string | undefined;
  /** Share of the traffic among equally good proxies; above 0. @default 1 */
  readonly weight: number;
}

/** ISO 3166 codes of the member states (https://european-union.europa.eu/principles-countries-history/eu-countries_en, 27 since 2020). */
const EU_MEMBERS: ReadonlySet<string> = new Set(
  'at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk'.split(' '),
);

/** Tells whether a proxy in `country` counts as one in `wanted`, which may be `eu`. */
export function isCountryIn(country: string | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (country === undefined) return false;
  const code = countryCodeOf(wanted);
  return country === code || (code === 'eu' && EU_MEMBERS.has(country));
}

/** Lists each tier alone and with each country of its proxies, once; and with `eu` where a member state is among them. */
export function featuresOfProxies(proxies: readonly Proxy[]): Features['proxies'] {
  const kinds = proxies.flatMap(({ tier, country }): Features['proxies'] => [
    { tier },
    ...(country === undefined ? [] : [{ tier, country }]),
    ...(isCountryIn(country, 'eu') ? [{ tier, country: 'eu' }] : []),
  ]);
  return [...new Map(kinds.map((kind) => [`${kind.tier} ${kind.country ?? ''}`, kind])).values()];
}

/** How far a connection through a proxy came. */
export type ProxyStage =
  /** TCP or TLS to the proxy itself failed. */
  | 'connect'
  /** The proxy does not accept our credentials, or wants some. */
  | 'auth'
  /** The proxy will not or cannot connect to the target, or is silent once asked to. */
  | 'tunnel'
  /** The proxy does not speak the protocol, or stops midway. */
  | 'handshake';

/** The stable code of each stage, as it stands in an outcome. */
const codes = {
  connect: 'PROXY_UNREACHABLE',
  auth: 'PROXY_AUTH_FAILED',
  tunnel: 'PROXY_REFUSED',
  handshake: 'PROXY_PROTOCOL',
} as const satisfies Record<ProxyStage, string>;

export type ProxyErrorCode = (typeof codes)[ProxyStage];

export interface ProxyErrorOptions extends ErrorOptions {
  /** Status with which an HTTP proxy refused. */
  readonly statusCode?: number;
}

/** A connection through a proxy failed. Neither the message nor the cause holds credentials. */
export class ProxyError extends Error {
  readonly proxyId: string;
  readonly stage: ProxyStage;
  readonly code: ProxyErrorCode;
  readonly statusCode: number | undefined;

  constructor(proxyId: string, stage: ProxyStage, what: string, options: ProxyErrorOptions = {}) {
    super(`proxy ${proxyId} ${what}`, options);
    this.name = 'ProxyError';
    this.proxyId = proxyId;
    this.stage = stage;
    this.code = codes[stage];
    this.statusCode = options.statusCode;
  }
}
