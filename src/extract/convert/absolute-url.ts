import { parseUrl } from '../../contracts/parse-url';

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

/** The address that a page's own addresses are relative to: its first `<base href>`, or its own. */
export class BaseUrl {
  #url: URL | undefined;
  #isDeclared = false;

  constructor(pageUrl: string) {
    this.#url = parseUrl(pageUrl);
  }

  get url(): URL | undefined {
    return this.#url;
  }

  /** @param href of a `<base>` */
  declare(href: string | undefined): void {
    if (this.#isDeclared || href === undefined) return;
    this.#isDeclared = true;
    const absolute = absoluteUrl(href, this.#url);
    if (absolute !== undefined) this.#url = parseUrl(absolute);
  }

  resolve(reference: string | undefined): string | undefined {
    return absoluteUrl(reference, this.#url);
  }
}
