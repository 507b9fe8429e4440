import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parseUrl } from './parse-url';

/** What the owner opened, in a form that can be looked up quickly. */
export interface AllowList {
  readonly matchesAll: boolean;
  hasHost(host: string): boolean;
  hasAddress(address: string): boolean;
}

type Entry =
  | { readonly kind: 'all' }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'range'; readonly prefix: readonly number[]; readonly bits: number };

/**
 * Reads `ALLOW_PRIVATE_TARGETS`: CIDRs, addresses, host names or `*`, separated by commas or spaces.
 * @throws TypeError that names every bad entry
 */
export function parseAllowList(text: string): readonly string[] {
  const problems = allowListProblems(text);
  if (problems.length > 0) throw new TypeError(`private targets to allow: ${problems.join('; ')}`);
  return entriesOf(text);
}

/** Says of every bad entry of such a text what is wrong with it. */
export const allowListProblems = (text: string): readonly string[] =>
  entriesOf(text).flatMap((entry) => {
    const parsed = parseEntry(entry);
    return typeof parsed === 'string' ? [`${JSON.stringify(entry)} ${parsed}`] : [];
  });

const entriesOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((entry) => entry !== '');

export function compileAllowList(entries: readonly string[]): AllowList {
  const parsed = parseAllowList(entries.join(',')).map((entry) => parseEntry(entry) as Entry); // as: validated just now
  const hosts = new Set(parsed.flatMap((entry) => (entry.kind === 'host' ? [entry.host] : [])));
  const ranges = parsed.filter((entry) => entry.kind === 'range');
  const matchesAll = parsed.some((entry) => entry.kind === 'all');
  return {
    matchesAll,
    hasHost: (host) => matchesAll || hosts.has(canonicalHost(host)),
    hasAddress: (address) => matchesAll || ranges.some(({ prefix, bits }) => isWithin(bytesOf(address), prefix, bits)),
  };
}

/** Lower case, without brackets and the dot of the root: `LOCALHOST.` and `localhost` are one host. */
export function canonicalHost(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.+$/, '')
    .toLowerCase();
}

/** The entry, or what is wrong with it. */
function parseEntry(entry: string): Entry | string {
  if (entry === '*') return { kind: 'all' };
  const [, address = entry, suffix] = /^(.*)\/([^/]*)$/.exec(entry) ?? [];
  const literal = address.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(literal);
  if (family === 0) return suffix === undefined ? parseHost(entry) : 'is not a CIDR such as 10.0.0.0/8 or fd00::/8';
  const width = family === 4 ? 32 : 128;
  if (suffix === undefined) return rangeOf(literal, width);
  if (!/^\d{1,3}$/.test(suffix) || Number(suffix) > width) return `needs a prefix length from 0 to ${width}`;
  return rangeOf(literal, Number(suffix));
}

function parseHost(entry: string): Entry | string {
  if (/[^\p{L}\p{N}\p{M}._-]/u.test(entry) || parseUrl(`http://${entry}`) === undefined)
    return 'is not a CIDR, an address, a host name (without scheme, port and path) or *';
  const host = canonicalHost(new URL(`http://${entry}`).hostname);
  // A URL parser takes 127.1 and 2130706433 for addresses, so a name of that form would never be looked up.
  return isIP(host) === 0 ? { kind: 'host', host } : `has to be written in full: ${host}`;
}

function rangeOf(address: string, bits: number): Entry {
  const parsed = ipaddr.parse(address);
  if (parsed.kind() === 'ipv6' && bits >= 96 && ipaddr.process(address).kind() === 'ipv4')
    return { kind: 'range', prefix: bytesOf(address), bits: bits - 96 }; // ::ffff:10.0.0.0/104 is 10.0.0.0/8
  return { kind: 'range', prefix: parsed.toByteArray(), bits };
}

/** The bytes of an address; a mapped IPv4 address counts as IPv4. Text that is no address has no bytes and is in no range. */
function bytesOf(address: string): readonly number[] {
  return isIP(address) === 0 ? [] : ipaddr.process(address).toByteArray();
}

function isWithin(address: readonly number[], prefix: readonly number[], bits: number): boolean {
  if (address.length !== prefix.length) return false;
  return prefix.every((byte, index) => {
    const mask = (0xff00 >> Math.max(0, Math.min(8, bits - index * 8))) & 0xff;
    return (byte & mask) === ((address[index] ?? 0) & mask);
  });
}
