import { parseUrl } from './parse-url';

/**
 * Origins from a list with commas, as browsers send them in `Origin` (RFC 6454 §6.2): lower case, no default port, no path. `*` stands
 * for all. Undefined when something else is among them.
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
  // An extension's scheme has no origin for Node, but one for its browser.
  return url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;
}
