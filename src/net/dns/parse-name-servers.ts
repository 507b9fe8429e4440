import { Resolver } from 'node:dns';
import { isIP } from 'node:net';

/** Each new name that meets silence asks one server after the other, and has time for so many. */
const MAX_SERVERS = 5;

/**
 * Reads `DNS_SERVERS`: addresses, each perhaps with a port, separated by commas or spaces, such as `1.1.1.1, 10.0.0.53:5353, [fd00::53]:53`.
 * Undefined when one is something else, or when there are more than five.
 */
export function parseNameServers(text: string): readonly string[] | undefined {
  const servers = text.split(/[\s,]+/).filter((entry) => entry !== '');
  return servers.length <= MAX_SERVERS && servers.every(isNameServer) ? servers : undefined;
}

function isNameServer(text: string): boolean {
  if (text.includes('%')) return false; // Node drops the zone of an IPv6 address and asks nobody then (measured, Node 20.20 and 24).
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress =
    isIP(text) !== 0 ||
    (bracketed !== undefined && isIP(bracketed) === 6) ||
    (plain !== undefined && isIP(plain) === 4);
  if (!isAddress || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) return false;
  try {
    new Resolver().setServers([text]);
    return true;
  } catch {
    return false; // c-ares has the last word.
  }
}
