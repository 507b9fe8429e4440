import { isIPv6 } from 'node:net';
import { parseUrl } from '../../net/parse-url';
import type { Proxy } from './proxy';

/** Parts of a proxy's URL. */
export type ProxyAddress = Pick<Proxy, 'kind' | 'host' | 'port' | 'username' | 'password'>;

const SCHEMES: Readonly<Record<string, { readonly kind: Proxy['kind']; readonly port: number }>> = {
  http: { kind: 'http', port: 80 },
  https: { kind: 'https', port: 443 },
  socks5: { kind: 'socks5', port: 1080 },
  socks5h: { kind: 'socks5', port: 1080 },
};

const DIRECT: ProxyAddress = { kind: 'direct', host: '', port: 0, username: undefined, password: undefined };

/** Maximum length of user name and password (RFC 1929: one byte tells the length of each). */
const MAX_SOCKS5_BYTES = 255;

/**
 * Parses a proxy's URL. Returns the address, or a problem as text that never quotes it, because any part may belong to a password.
 * `URL` is not used: it leaves hosts of socks5: URLs as they are, and drops a port that is the scheme's default.
 */
export function parseProxyUrl(text: string): ProxyAddress | string {
  if (text === 'direct') return DIRECT;
  const [, scheme = '', credentials, authority = ''] = /^([a-z0-9]+):\/\/(?:(.*)@)?([^@]+?)\/?$/i.exec(text) ?? [];
  if (authority === '') return 'is not a URL of a proxy, nor "direct"';
  const known = SCHEMES[scheme.toLowerCase()];
  if (known === undefined) return `must begin with one of ${Object.keys(SCHEMES).join(', ')}, and ://`;
  const [, name = '', digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const host = hostOf(name);
  if (host === undefined) return 'has no valid host and port';
  const port = digits === undefined ? known.port : Number(digits);
  if (port < 1 || port > 65_535) return 'has a port that is not within 1 and 65535';
  const pair = credentialsOf(credentials);
  if (pair === undefined) return 'has a user name or password that is not percent-encoded';
  const problem = known.kind === 'socks5' ? socks5Problem(pair) : basicProblem(pair);
  return problem ?? { kind: known.kind, host, port, ...pair };
}

type Credentials = Pick<Proxy, 'username' | 'password'>;

function hostOf(text: string): string | undefined {
  if (text === '' || /[\s/?#\\]/.test(text)) return undefined;
  const host = parseUrl(`http://${text}/`)?.hostname;
  return host?.startsWith('[') === true ? host.slice(1, -1) : host;
}

function credentialsOf(text: string | undefined): Credentials | undefined {
  if (text === undefined || text === '') return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  try {
    if (colon < 0) return { username: decodeURIComponent(text), password: undefined };
    return { username: decodeURIComponent(text.slice(0, colon)), password: decodeURIComponent(text.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}

function socks5Problem({ username = '', password = '' }: Credentials): string | undefined {
  const longest = Math.max(Buffer.byteLength(username), Buffer.byteLength(password));
  return longest > MAX_SOCKS5_BYTES ? `has a user name or password of over ${MAX_SOCKS5_BYTES} bytes` : undefined;
}

/** Checks credentials for HTTP, where the first colon ends the user name (RFC 7617 §2). */
function basicProblem({ username = '' }: Credentials): string | undefined {
  return username.includes(':') ? 'has a colon in its user name, which HTTP cannot send' : undefined;
}

/** Name of a proxy without its credentials. */
export function addressIdOf({ kind, host, port }: ProxyAddress): string {
  if (kind === 'direct') return 'direct';
  return `${kind}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
