import { parseUrl } from './parse-url';

/**
 * Reads origins from a list with commas and writes them as browsers send them in `Origin` (RFC 6454 §6.2): lower case, no default port, no path. `*` stands
 * for all. Undefined when the list holds anything else.
 */
export function originsOf(list: string): readonly string[] | undefined {
  const entries = list.split(',').map((entry) => entry.trim());
  const origins = entries.filter((entry) => entry !== '').map(originOf);
  return origins.every((origin) => origin !== undefined) ? origins : undefined;
}

function originOf(text: string): string | undefined {
  if (text === '*') return text;
  const url = parseUrl(text);
  const hasMore = url === undefined || !['', '/'].includes(url.pathname) || /[?#@\\]/.test(text);
  if (hasMore || url.host === '' || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return undefined;
  // Node gives an extension's URL no origin, but its browser does.
  return url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;
}
