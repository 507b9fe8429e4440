import { BaseUrl } from './absolute-url';
import { JsonLd } from './json-ld';
import { Microdata } from './microdata';
import type { MicrodataItem } from './microdata';
import { PageLinks } from './page-links';
import type { PageLink } from './page-links';
import { readPage } from './read-page';
import type { Attributes, PageHandler } from './page-handler';

/** What a page declares about itself. Single values are absent where it says nothing; lists and objects are always there. */
export interface PageData {
  readonly url: string;
  readonly title?: string;
  readonly description?: string;
  /** Absolute URL. */
  readonly canonical?: string;
  /** Language as written, such as `de-AT`. */
  readonly lang?: string;
  /** The page in other languages and formats: `<link rel="alternate">`. */
  readonly alternates: readonly { readonly url: string; readonly hreflang?: string; readonly type?: string }[];
  /** Values of `<meta name content>` by name in lower case; the first of each name counts. */
  readonly meta: Readonly<Record<string, string>>;
  /** Values of `og:` properties by name without the prefix. They are lists, because a property such as `image` may occur several times. */
  readonly openGraph: Readonly<Record<string, readonly string[]>>;
  /** Values of `twitter:` properties by name without the prefix. */
  readonly twitter: Readonly<Record<string, string>>;
  /** The blocks of JSON-LD. A block that is a list is given as its elements. */
  readonly jsonLd: readonly unknown[];
  /** Number of blocks that are not in `jsonLd`, because they are broken or too large. */
  readonly jsonLdErrors: number;
  readonly microdata: readonly MicrodataItem[];
  readonly links: readonly PageLink[];
  /** Whether the page has more links than are given. */
  readonly linksTruncated: boolean;
}

const MAX_META = 300;
const MAX_ALTERNATES = 500;
const MAX_VALUE_LENGTH = 20_000;
const MAX_NAME_LENGTH = 200;

export interface PageDataOptions {
  readonly pageUrl: string;
  readonly isXml: boolean;
}

export function pageData(source: string, { pageUrl, isXml }: PageDataOptions): PageData {
  const page = readPage(source, { isXml });
  const reader = new PageDataReader(pageUrl, new BaseUrl(pageUrl, page.baseHref));
  page.walk(reader);
  return reader.end();
}

class PageDataReader implements PageHandler {
  readonly #url: string;
  readonly #base: BaseUrl;
  readonly #jsonLd = new JsonLd();
  readonly #microdata: Microdata;
  readonly #links = new PageLinks();
  readonly #meta = new Map<string, string>();
  readonly #openGraph = new Map<string, string[]>();
  readonly #twitter = new Map<string, string>();
  readonly #alternates: { url: string; hreflang?: string; type?: string }[] = [];
  #title: string | undefined;
  #canonical: string | undefined;
  #lang: string | undefined;
  #metaCount = 0;
  /** The text of the open title or script. */
  #collected: { readonly of: 'title' | 'json-ld' | 'code'; readonly parts: string[] } | undefined;
  #svgDepth = 0;

  constructor(pageUrl: string, base: BaseUrl) {
    this.#url = pageUrl;
    this.#base = base;
    this.#microdata = new Microdata(this.#base);
  }

  onOpen(name: string, attributes: Attributes): void {
    this.#microdata.open(name, attributes);
    switch (name) {
      case 'html':
        this.#lang ??= attributes.get('lang') ?? attributes.get('xml:lang');
        break;
      case 'meta':
        this.#readMeta(attributes);
        break;
      case 'link':
        this.#readLink(attributes);
        break;
      case 'title':
        if (this.#title === undefined && this.#svgDepth === 0) this.#collected = { of: 'title', parts: [] };
        break;
      case 'script':
        this.#collected = { of: isJsonLd(attributes.get('type')) ? 'json-ld' : 'code', parts: [] };
        break;
      case 'style':
        this.#collected = { of: 'code', parts: [] };
        break;
      case 'svg':
        this.#svgDepth += 1; // The title of a picture is not that of the page.
        break;
      case 'a':
      case 'area':
        this.#links.open(this.#base.resolve(attributes.get('href')), attributes.get('rel'));
    }
  }

  onText(text: string): void {
    if (this.#collected === undefined) {
      this.#links.text(text);
      this.#microdata.text(text);
    } else if (this.#collected.of !== 'code') this.#collected.parts.push(text);
  }

  onClose(name: string): void {
    this.#microdata.close();
    if (name === 'a' || name === 'area') this.#links.close();
    if (name === 'svg') this.#svgDepth -= 1;
    if (name !== 'title' && name !== 'script' && name !== 'style') return;
    const { of, parts = [] } = this.#collected ?? {};
    this.#collected = undefined;
    if (of === 'title') this.#title = shortened(parts.join('').replace(/\s+/g, ' ').trim());
    if (of === 'json-ld') this.#jsonLd.add(parts.join(''));
  }

  end(): PageData {
    return {
      url: this.#url,
      ...present({
        title: this.#title,
        description: this.#meta.get('description'),
        canonical: this.#canonical,
        lang: this.#lang?.trim().slice(0, MAX_NAME_LENGTH),
      }),
      alternates: this.#alternates,
      // These define own properties, so that `__proto__` is a name like any other.
      meta: Object.fromEntries(this.#meta),
      openGraph: Object.fromEntries(this.#openGraph),
      twitter: Object.fromEntries(this.#twitter),
      jsonLd: this.#jsonLd.blocks,
      jsonLdErrors: this.#jsonLd.errors,
      microdata: this.#microdata.items(),
      links: this.#links.links,
      linksTruncated: this.#links.isTruncated,
    };
  }

  #readMeta(attributes: Attributes): void {
    const content = attributes.get('content');
    // Pages use both attributes for both vocabularies, against their specifications.
    const name = (attributes.get('property') ?? attributes.get('name'))?.trim().toLowerCase();
    if (content === undefined || name === undefined || name === '' || name.length > MAX_NAME_LENGTH) return;
    if (name === '__proto__' || this.#metaCount >= MAX_META) return;
    this.#metaCount += 1;
    const value = shortened(content.trim());
    if (name.startsWith('og:')) {
      const values = this.#openGraph.get(name.slice(3));
      if (values === undefined) this.#openGraph.set(name.slice(3), [value]);
      else values.push(value);
      return;
    }
    const [map, key] = name.startsWith('twitter:') ? [this.#twitter, name.slice(8)] : [this.#meta, name];
    if (!map.has(key)) map.set(key, value);
  }

  #readLink(attributes: Attributes): void {
    const rels = (attributes.get('rel') ?? '').toLowerCase().split(/\s+/);
    if (!rels.includes('canonical') && !rels.includes('alternate')) return;
    const url = this.#base.resolve(attributes.get('href'));
    if (url === undefined) return;
    if (rels.includes('canonical')) this.#canonical ??= url;
    // Alternate style sheets are no alternate of the page (HTML Standard §4.6.7.1).
    if (!rels.includes('alternate') || rels.includes('stylesheet') || this.#alternates.length >= MAX_ALTERNATES) return;
    const [hreflang, type] = [attributes.get('hreflang'), attributes.get('type')].map((value) =>
      value?.slice(0, MAX_NAME_LENGTH),
    );
    this.#alternates.push({ url, ...present({ hreflang, type }) });
  }
}

const isJsonLd = (type: string | undefined): boolean => /^\s*application\/ld\+json\s*(?:;|$)/i.test(type ?? '');

const shortened = (text: string): string => text.slice(0, MAX_VALUE_LENGTH);

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const present = <T extends object>(value: T): Present<T> =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Present<T>; // Only undefined values are gone.
