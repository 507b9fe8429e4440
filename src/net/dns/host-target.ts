import { isIP } from 'node:net';
import type { LookupAddress } from 'node:dns';
import { parseUrl } from '../parse-url';

export type HostTarget =
  /** The text is an address, perhaps spelled oddly; nobody has to be asked. */
  | { readonly kind: 'address'; readonly address: LookupAddress }
  /** `name` is in lower case and without the dot at its end; with `isAbsolute` there was one, so no search domain may be added. */
  | { readonly kind: 'name'; readonly name: string; readonly isAbsolute: boolean }
  /** No name can be written like this (RFC 1035 §2.3.4), so nobody has to be asked either. */
  | { readonly kind: 'impossible' };

/** The usual kind, which needs no URL parser: its last label does not begin with a digit, so it cannot be an IPv4 address. */
const PLAIN_NAME = /^(?:[a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*\.?$/;
/** A URL parser gives these a meaning of their own, or drops them; c-ares ends a name at NUL and reads `\` as an escape. */
const NOT_IN_A_NAME = /[\0-\x20\x7f/\\?#@:%[\]<>^|"]/;
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;

/**
 * What a host means before any name server is asked. It reads `127.1`, `0x7f000001` and `2130706433` as the address that browsers (WHATWG
 * URL, "ends in a number") and `getaddrinfo` take them for, and turns Unicode into Punycode.
 */
export function hostTarget(host: string): HostTarget {
  const family = isIP(host);
  if (family !== 0) return { kind: 'address', address: { address: host, family } };
  if (PLAIN_NAME.test(host)) return nameTarget(host);
  const hostname = NOT_IN_A_NAME.test(host) ? undefined : parseUrl(`http://${host}/`)?.hostname;
  if (hostname === undefined) return { kind: 'impossible' };
  return isIP(hostname) === 4 ? { kind: 'address', address: { address: hostname, family: 4 } } : nameTarget(hostname);
}

function nameTarget(host: string): HostTarget {
  const isAbsolute = host.endsWith('.');
  const name = isAbsolute ? host.slice(0, -1) : host;
  const isPossible =
    name.length <= MAX_NAME_LENGTH &&
    name.split('.').every((label) => label.length > 0 && label.length <= MAX_LABEL_LENGTH);
  return isPossible ? { kind: 'name', name, isAbsolute } : { kind: 'impossible' };
}
