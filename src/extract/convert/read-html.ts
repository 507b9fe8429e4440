import { Tokenizer } from 'htmlparser2';
import type { TokenizerCallbacks } from 'htmlparser2';
import {
  ENDS_FOREIGN,
  ENDS_PARAGRAPH,
  FOREIGN,
  HTML_IN_FOREIGN,
  IMPLIED_ENDS,
  IN_HEAD,
  PARAGRAPH,
  VOID,
  scopeOfEndTag,
} from './html-rules';
import type { ImpliedEnd } from './html-rules';

/** Names in lower case (of XML: as written). */
export type Attributes = ReadonlyMap<string, string>;

export interface HtmlHandler {
  onOpen(name: string, attributes: Attributes): void;
  /** Exactly once for each `onOpen`, innermost first. */
  onClose(name: string): void;
  /** With entities decoded. A run of text may come in several parts. */
  onText(text: string): void;
}

export interface ReadHtmlOptions {
  readonly isXml: boolean;
}

/** As deep as browsers go: what is nested deeper becomes a sibling. */
const MAX_DEPTH = 512;
/** Of one element; further ones are passed over. */
const MAX_ATTRIBUTES = 256;

/**
 * Reads a page as a browser would, as far as it decides which text is in which element: tags that are left out are put in, those
 * that fit nothing are passed over. The time is linear in the length whatever the page is: htmlparser2's own `Parser` takes 10 s
 * for 400,000 unclosed tags (measured), so only its tokenizer is used.
 */
export function readHtml(source: string, handler: HtmlHandler, { isXml }: ReadHtmlOptions): void {
  const tree = isXml ? new XmlTree(handler) : new HtmlTree(handler);
  const tokenizer = new Tokenizer({ xmlMode: isXml, decodeEntities: true }, tokenCallbacks(source, tree, isXml));
  tokenizer.write(source);
  tokenizer.end();
}

function tokenCallbacks(source: string, tree: XmlTree, isXml: boolean): TokenizerCallbacks {
  let tag = '';
  let attribute = '';
  let value = '';
  let attributes = new Map<string, string>();
  /** Text that has come but is not handed on: `<<<<` comes in single characters. */
  let [textStart, textEnd] = [0, 0];
  const flushText = (): void => {
    if (textEnd > textStart) tree.text(source.slice(textStart, textEnd));
    textStart = textEnd;
  };
  const nameAt = (start: number, end: number): string =>
    isXml ? source.slice(start, end) : source.slice(start, end).toLowerCase();
  const openTag = (isSelfClosing: boolean): void => {
    flushText();
    tree.startTag(tag, attributes, isSelfClosing);
    attributes = new Map();
  };
  return {
    onopentagname: (start, end) => (tag = nameAt(start, end)),
    onattribname: (start, end) => (attribute = nameAt(start, end)),
    onattribdata: (start, end) => (value += source.slice(start, end)),
    onattribentity: (codePoint) => (value += String.fromCodePoint(codePoint)),
    onattribend() {
      if (attributes.size < MAX_ATTRIBUTES && !attributes.has(attribute)) attributes.set(attribute, value); // the first counts
      value = '';
    },
    onopentagend: () => openTag(false),
    onselfclosingtag: () => openTag(true),
    onclosetag(start, end) {
      flushText();
      tree.endTag(nameAt(start, end));
    },
    ontext(start, end) {
      if (start !== textEnd) {
        flushText();
        textStart = start;
      }
      textEnd = end;
    },
    ontextentity(codePoint) {
      flushText();
      tree.text(String.fromCodePoint(codePoint));
    },
    oncdata(start, end, endOffset) {
      flushText();
      if (isXml) tree.text(source.slice(start, end - endOffset)); // in HTML it is a comment
    },
    oncomment: () => undefined,
    ondeclaration: () => undefined,
    onprocessinginstruction: () => undefined,
    onend() {
      flushText();
      tree.end();
    },
  };
}

/** The open elements. Counted by name, so that a tag that fits nothing costs nothing. */
class XmlTree {
  readonly #handler: HtmlHandler;
  protected readonly open: string[] = [];
  readonly #counts = new Map<string, number>();

  constructor(handler: HtmlHandler) {
    this.#handler = handler;
  }

  startTag(name: string, attributes: Attributes, isSelfClosing: boolean): void {
    this.push(name, attributes);
    if (isSelfClosing) this.pop();
  }

  endTag(name: string): void {
    if (this.isOpen(name)) this.popThrough(this.open.lastIndexOf(name));
  }

  text(text: string): void {
    this.#handler.onText(text);
  }

  end(): void {
    this.popThrough(0);
  }

  protected isOpen(name: string): boolean {
    return (this.#counts.get(name) ?? 0) > 0;
  }

  protected push(name: string, attributes: Attributes): void {
    if (this.open.length >= MAX_DEPTH) this.pop();
    this.open.push(name);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#handler.onOpen(name, attributes);
  }

  protected pop(): void {
    const name = this.open.pop();
    if (name === undefined) return;
    const count = (this.#counts.get(name) ?? 0) - 1;
    // Names that are not open are forgotten: a page can invent a million of them.
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
    this.#handler.onClose(name);
  }

  protected popThrough(index: number): void {
    while (this.open.length > index) this.pop();
  }
}

/** Tree construction of the HTML Standard (§13.2.6), without moving what is misplaced. */
class HtmlTree extends XmlTree {
  override startTag(name: string, attributes: Attributes, isSelfClosing: boolean): void {
    if (this.#endForeign(name)) {
      this.push(name, attributes);
      if (isSelfClosing || VOID.has(name)) this.pop();
      return;
    }
    if ((name === 'html' || name === 'body' || name === 'head') && this.isOpen(name)) return;
    if (!IN_HEAD.has(name)) this.#endHead();
    if (ENDS_PARAGRAPH.has(name)) this.#implyEnd(PARAGRAPH);
    for (const implied of IMPLIED_ENDS.get(name) ?? NONE) this.#implyEnd(implied);
    this.push(name, attributes);
    if (VOID.has(name)) this.pop();
  }

  override endTag(name: string): void {
    if (name === 'br') this.startTag('br', NO_ATTRIBUTES, false); // as browsers do
    // Elements may follow the end tags of these (§13.2.6.4.7); they end with the page.
    if (name === 'body' || name === 'html' || !this.isOpen(name)) return;
    const boundaries = this.isOpen('svg') || this.isOpen('math') ? NOTHING : scopeOfEndTag(name);
    for (let i = this.open.length - 1; i >= 0; i -= 1) {
      const candidate = this.open[i] ?? '';
      if (candidate === name) return this.popThrough(i);
      if (boundaries.has(candidate)) return;
    }
  }

  override text(text: string): void {
    if (this.open.at(-1) === 'head' && /\S/.test(text)) this.#endHead();
    super.text(text);
  }

  #endHead(): void {
    if (!this.isOpen('head') || this.isOpen('template') || this.isOpen('noscript')) return;
    this.popThrough(this.open.lastIndexOf('head'));
  }

  #implyEnd({ ends, within }: ImpliedEnd): void {
    if (![...ends].some((name) => this.isOpen(name))) return;
    for (let i = this.open.length - 1; i >= 0; i -= 1) {
      const candidate = this.open[i] ?? '';
      if (ends.has(candidate)) return this.popThrough(i);
      if (within.has(candidate)) return;
    }
  }

  /** Whether the tag is of svg or mathml. HTML that does not belong there ends them. */
  #endForeign(name: string): boolean {
    if (FOREIGN.has(name)) return true;
    if (!this.isOpen('svg') && !this.isOpen('math')) return false;
    for (let i = this.open.length - 1; i >= 0; i -= 1) {
      const candidate = this.open[i] ?? '';
      if (HTML_IN_FOREIGN.has(candidate)) return false;
      if (!FOREIGN.has(candidate)) continue;
      if (!ENDS_FOREIGN.has(name)) return true;
      this.popThrough(i);
    }
    return false;
  }
}

const NONE: readonly ImpliedEnd[] = [];
const NOTHING: ReadonlySet<string> = new Set();
const NO_ATTRIBUTES: Attributes = new Map();
