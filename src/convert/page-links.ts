export interface PageLink {
  readonly url: string;
  /** Text of the first link to this URL that has one. */
  readonly text: string;
  readonly rel?: string;
}

const MAX_LINKS = 5_000;
const MAX_TEXT_LENGTH = 200;
/** Limit for all URLs together. */
const MAX_LENGTH = 4_000_000;

/** The http and https addresses that a page links to, each once, in the order of their first links. */
export class PageLinks {
  readonly #links = new Map<string, { text: string; readonly rel: string }>();
  /** The link that is open and takes the text that comes. */
  #open: { text: string } | undefined;
  #length = 0;
  #isTruncated = false;

  /** Whether there were more links than are kept. */
  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  get links(): PageLink[] {
    return [...this.#links].map(([url, { text, rel }]) => ({
      url,
      text: text.replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT_LENGTH),
      ...(rel === '' ? {} : { rel }),
    }));
  }

  open(url: string | undefined, rel = ''): void {
    this.#open = undefined;
    if (url === undefined || !/^https?:/.test(url)) return;
    const known = this.#links.get(url);
    if (known !== undefined) {
      if (known.text.trim() === '') this.#open = known;
      return;
    }
    this.#isTruncated ||= this.#links.size >= MAX_LINKS || this.#length + url.length > MAX_LENGTH;
    if (this.#isTruncated) return;
    this.#length += url.length;
    const link = { text: '', rel: rel.trim().toLowerCase().slice(0, MAX_TEXT_LENGTH) };
    this.#links.set(url, link);
    this.#open = link;
  }

  text(text: string): void {
    if (this.#open !== undefined && this.#open.text.length < 4 * MAX_TEXT_LENGTH)
      this.#open.text += text.slice(0, 4 * MAX_TEXT_LENGTH);
  }

  close(): void {
    this.#open = undefined;
  }
}
