import { parseUrl } from '../net/parse-url';

/** A longer reference is data, not an address. */
const MAX_URL_LENGTH = 8_192;
/** Schemes of what a page runs or carries itself, which is no address. */
const NOT_ADDRESSES = new Set(['about:', 'blob:', 'data:', 'javascript:', 'vbscript:']);

/** Resolves a page's `href` or `src`; undefined where it points to nothing. */
function absoluteUrl(reference: string | undefined, base: URL | undefined): string | undefined {
  if (reference === undefined || reference.length > MAX_URL_LENGTH) return undefined;
  const url = parseUrl(reference, base);
  return url === undefined || NOT_ADDRESSES.has(url.protocol) || url.href.length > MAX_URL_LENGTH
    ? undefined
    : url.href;
}

/** The address that a page's own addresses are relative to: its `<base href>`, or its own. */
export class BaseUrl {
  readonly #url: URL | undefined;

  /** @param baseHref value of `<base href>`; one that is no address, such as `data:`, does not count */
  constructor(pageUrl: string, baseHref?: string) {
    const page = parseUrl(pageUrl);
    const declared = absoluteUrl(baseHref, page);
    this.#url = declared === undefined ? page : parseUrl(declared);
  }

  resolve(reference: string | undefined): string | undefined {
    return absoluteUrl(reference, this.#url);
  }
}
