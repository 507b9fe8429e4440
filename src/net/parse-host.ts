import { canonicalHost } from './allow-list';
import { parseUrl } from './parse-url';

/**
 * Reads a host name or an address that stands alone (IPv6 in brackets).
 * @returns the host as `hostOf` has it; undefined when the text is something else, such as a URL or a host with its port
 */
export function parseHost(text: string): string | undefined {
  if (text === '' || /[^\p{L}\p{N}\p{M}._:[\]-]/u.test(text) || /:\d*$/.test(text.replace(/\[.*\]/, '')))
    return undefined;
  const url = parseUrl(`http://${text}`);
  return url === undefined ? undefined : canonicalHost(url.hostname);
}
