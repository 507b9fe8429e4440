import { parseUrl } from '../net/parse-url';

/** Longer ones are data, not addresses. */
const MAX_URL_LENGTH = 8_192;
/** What a page runs or carries itself is no address of anything. */
const NOT_ADDRESSES = new Set(['about:', 'blob:', 'data:', 'javascript:', 'vbscript:']);

/** What a page's `href` or `src` points to; undefined where that is nothing. */
export function absoluteUrl(reference: string | undefined, base: URL | undefined): string | undefined {
  if (reference === undefined || reference.length > MAX_URL_LENGTH) return undefined;
  const url = parseUrl(reference, base);
  return url === undefined || NOT_ADDRESSES.has(url.protocol) || url.href.length > MAX_URL_LENGTH
    ? undefined
    : url.href;
}

/** The address that a page's own addresses are relative to: its `<base href>`, or its own. */
export class BaseUrl {
  readonly #url: URL | undefined;

  /** @param baseHref as declared; a page cannot make the scripts or data that it carries its base */
  constructor(pageUrl: string, baseHref?: string) {
    const page = parseUrl(pageUrl);
    const declared = absoluteUrl(baseHref, page);
    this.#url = declared === undefined ? page : parseUrl(declared);
  }

  resolve(reference: string | undefined): string | undefined {
    return absoluteUrl(reference, this.#url);
  }
}
