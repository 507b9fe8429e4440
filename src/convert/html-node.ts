import type { Token, html } from 'parse5';

/** Attributes of an element. There are a handful, so searching a list takes less than a map. */
export class HtmlAttributes {
  readonly list: Token.Attribute[];

  constructor(list: Token.Attribute[]) {
    this.list = list;
  }

  get(name: string): string | undefined {
    return this.list.find((attribute) => attribute.name === name)?.value;
  }

  has(name: string): boolean {
    return this.list.some((attribute) => attribute.name === name);
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (const { name, value } of this.list) yield [name, value];
  }
}

const NO_ATTRIBUTES = new HtmlAttributes([]);

/**
 * A node of a parsed page. Children are linked to each other instead of kept in an array, so that moving a misplaced one takes the
 * same time wherever it stands, and an element without children or attributes takes some 100 bytes (parse5's own: 250).
 */
export class HtmlNode {
  /** Element name, lower case; empty for texts, comments, the document and the content of a template. */
  readonly name: string;
  /** Undefined unless the node is a text. It grows while the page is parsed. */
  text: string | undefined;
  readonly namespace: html.NS | undefined;
  readonly attributes: HtmlAttributes;
  parent: HtmlNode | null = null;
  previous: HtmlNode | null = null;
  next: HtmlNode | null = null;
  first: HtmlNode | null = null;
  last: HtmlNode | null = null;

  constructor(name: string, namespace?: html.NS, attributes = NO_ATTRIBUTES, text?: string) {
    this.name = name;
    this.namespace = namespace;
    this.attributes = attributes;
    this.text = text;
  }

  get isElement(): boolean {
    return this.name !== '';
  }

  /** Puts a node without a parent in front of one of the children, or behind the last one. */
  insert(node: HtmlNode, before: HtmlNode | null): void {
    const previous = before === null ? this.last : before.previous;
    node.parent = this;
    node.previous = previous;
    node.next = before;
    if (previous === null) this.first = node;
    else previous.next = node;
    if (before === null) this.last = node;
    else before.previous = node;
  }

  detach(): void {
    const { parent, previous, next } = this;
    if (parent === null) return;
    if (previous === null) parent.first = next;
    else previous.next = next;
    if (next === null) parent.last = previous;
    else next.previous = previous;
    this.parent = this.previous = this.next = null;
  }
}
