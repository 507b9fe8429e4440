import type { BaseUrl } from './absolute-url';
import type { Attributes } from './page-handler';

/** An item, in the form of the JSON of the HTML Standard (§5.4): what may come several times is a list. */
export interface MicrodataItem {
  readonly type: readonly string[];
  readonly id?: string;
  readonly properties: Readonly<Record<string, readonly (string | MicrodataItem)[]>>;
}

/** An element that counts: one with a property, an item, or an id that an item may refer to. */
interface Element {
  readonly names: readonly string[];
  readonly item:
    { readonly type: readonly string[]; readonly id: string | undefined; readonly refs: readonly string[] } | undefined;
  /** Value from an attribute; undefined: the text of the element is its value. */
  readonly value: string | undefined;
  text: string;
  readonly children: Element[];
}

const MAX_ELEMENTS = 50_000;
const MAX_TEXT_LENGTH = 20_000;
/** Limit for all items of a page together, because elements that several items refer to are in each of them. */
const MAX_VALUES = 20_000;
const MAX_VALUE_LENGTH_IN_ALL = 4_000_000;
const MAX_ITEM_DEPTH = 32;
/** Limit for nested properties whose text is read at the same time, because each of them keeps it. */
const MAX_OPEN_TEXTS = 16;

/** The microdata of a page (HTML Standard §5), `itemref` included. */
export class Microdata {
  readonly #base: BaseUrl;
  readonly #root: Element = { names: [], item: undefined, value: undefined, text: '', children: [] };
  /** The open elements, outermost first; undefined for one that does not count. */
  readonly #open: (Element | undefined)[] = [];
  readonly #counting: Element[] = [this.#root];
  readonly #readingText: Element[] = [];
  readonly #byId = new Map<string, Element>();
  #elements = 0;
  #values = 0;
  #valueLength = 0;

  constructor(base: BaseUrl) {
    this.#base = base;
  }

  open(name: string, attributes: Attributes): void {
    const element = this.#elements < MAX_ELEMENTS ? this.#elementOf(name, attributes) : undefined;
    this.#open.push(element);
    if (element === undefined) return;
    this.#elements += 1;
    this.#counting.at(-1)?.children.push(element);
    this.#counting.push(element);
    if (needsText(element)) this.#readingText.push(element);
    const id = attributes.get('id');
    if (id !== undefined && !this.#byId.has(id)) this.#byId.set(id, element);
  }

  close(): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    this.#counting.pop();
    if (this.#readingText.at(-1) === element) this.#readingText.pop();
  }

  text(text: string): void {
    if (this.#readingText.length === 0) return;
    for (const element of this.#readingText.slice(-MAX_OPEN_TEXTS))
      if (element.text.length < MAX_TEXT_LENGTH) element.text += text.slice(0, MAX_TEXT_LENGTH);
  }

  /** @returns the items that are no property of another one */
  items(): MicrodataItem[] {
    const items: MicrodataItem[] = [];
    const pending = [this.#root];
    for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
      if (element.item !== undefined && element.names.length === 0) items.push(this.#itemOf(element, []));
      pending.push(...element.children.toReversed());
    }
    return items;
  }

  #elementOf(name: string, attributes: Attributes): Element | undefined {
    const names = tokens(attributes.get('itemprop'));
    const isItem = attributes.has('itemscope');
    if (names.length === 0 && !isItem && !attributes.has('id')) return undefined;
    const type = tokens(attributes.get('itemtype'));
    const refs = tokens(attributes.get('itemref'));
    const id = this.#base.resolve(attributes.get('itemid'));
    const item = isItem ? { type, id, refs } : undefined;
    return { names, item, value: this.#valueOf(name, attributes), text: '', children: [] };
  }

  /** Finds the value of a property (HTML Standard §5.2.4). */
  #valueOf(name: string, attributes: Attributes): string | undefined {
    const [source, isUrl] = VALUE_ATTRIBUTES.get(name) ?? [];
    if (source === undefined) return undefined;
    const value = attributes.get(source);
    if (name === 'time' && value === undefined) return undefined;
    return (isUrl === true ? this.#base.resolve(value) : value?.slice(0, MAX_TEXT_LENGTH)) ?? '';
  }

  /** Collects the properties of an item (HTML Standard §5.2.5). An item within itself is left out. */
  #itemOf(element: Element, around: readonly Element[]): MicrodataItem {
    const within = [...around, element];
    const { type = [], id, refs = [] } = element.item ?? {};
    const properties = new Map<string, (string | MicrodataItem)[]>();
    const roots = [element.children, ...refs.map((ref) => [this.#byId.get(ref)])]
      .flat()
      .filter((each) => each !== undefined);
    const pending = roots.toReversed();
    const seen = new Set<Element>();
    for (let each = pending.pop(); each !== undefined && this.#values < MAX_VALUES; each = pending.pop()) {
      if (seen.has(each)) continue;
      seen.add(each);
      this.#values += 1; // Elements without a name count as well, because visiting them is the work.
      if (each.item === undefined) pending.push(...each.children.toReversed());
      if (each.names.length === 0 || within.includes(each)) continue;
      if (each.item !== undefined && within.length >= MAX_ITEM_DEPTH) continue;
      const value = each.item === undefined ? this.#text(each) : this.#itemOf(each, within);
      for (const name of each.names) {
        const values = properties.get(name);
        if (values === undefined) properties.set(name, [value]);
        else values.push(value);
      }
    }
    return { type, ...(id === undefined ? {} : { id }), properties: Object.fromEntries(properties) };
  }

  #text({ value, text }: Element): string {
    const full = value ?? text.replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT_LENGTH);
    const rest = Math.max(0, MAX_VALUE_LENGTH_IN_ALL - this.#valueLength);
    this.#valueLength += full.length;
    return full.slice(0, rest);
  }
}

const needsText = ({ names, item, value }: Element): boolean =>
  names.length > 0 && item === undefined && value === undefined;

const MAX_TOKENS = 20;

const tokens = (value: string | undefined): string[] =>
  value === undefined
    ? []
    : [
        ...new Set(
          value
            .slice(0, 8_192)
            .split(/[\t\n\f\r ]+/)
            .filter((token) => token !== ''),
        ),
      ].slice(0, MAX_TOKENS);

const VALUE_ATTRIBUTES = new Map<string, readonly [attribute: string, isUrl: boolean]>([
  ['meta', ['content', false]],
  ...['audio', 'embed', 'iframe', 'img', 'source', 'track', 'video'].map((name) => [name, ['src', true]] as const),
  ...['a', 'area', 'link'].map((name) => [name, ['href', true]] as const),
  ['object', ['data', true]],
  ['data', ['value', false]],
  ['meter', ['value', false]],
  ['time', ['datetime', false]],
]);
