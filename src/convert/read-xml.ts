import { Tokenizer } from 'htmlparser2';
import type { TokenizerCallbacks } from 'htmlparser2';
import type { Attributes, PageHandler } from './page-handler';

/** Limit for nesting: an element that is deeper becomes a sibling, as in HTML. */
const MAX_DEPTH = 512;
/** Limit for the attributes of an element; further ones are passed over. */
const MAX_ATTRIBUTES = 256;

/**
 * Reads XML that need not be well-formed: an end tag that fits nothing is passed over, and what is open at the end is closed. The
 * time is linear in the length whatever the page is: htmlparser2's own `Parser` takes 10 s for 400,000 unclosed tags (measured),
 * so only its tokenizer is used.
 */
export function readXml(source: string, handler: PageHandler): void {
  const tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: true }, tokenCallbacks(source, handler));
  tokenizer.write(source);
  tokenizer.end();
}

function tokenCallbacks(source: string, handler: PageHandler): TokenizerCallbacks {
  const elements = new OpenElements(handler);
  let tag = '';
  let attribute = '';
  let value = '';
  let attributes = new Map<string, string>();
  /** Text that is not handed on yet, because `<<<<` comes in single characters. */
  let [textStart, textEnd] = [0, 0];
  const flushText = (): void => {
    if (textEnd > textStart) handler.onText(source.slice(textStart, textEnd));
    textStart = textEnd;
  };
  const openTag = (isSelfClosing: boolean): void => {
    flushText();
    elements.push(tag, attributes);
    if (isSelfClosing) elements.pop();
    attributes = new Map();
  };
  return {
    onopentagname: (start, end) => (tag = source.slice(start, end)),
    onattribname: (start, end) => (attribute = source.slice(start, end)),
    onattribdata: (start, end) => (value += source.slice(start, end)),
    onattribentity: (codePoint) => (value += String.fromCodePoint(codePoint)),
    onattribend() {
      if (attributes.size < MAX_ATTRIBUTES && !attributes.has(attribute)) attributes.set(attribute, value); // The first of each name counts.
      value = '';
    },
    onopentagend: () => openTag(false),
    onselfclosingtag: () => openTag(true),
    onclosetag(start, end) {
      flushText();
      elements.popThrough(source.slice(start, end));
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
      handler.onText(String.fromCodePoint(codePoint));
    },
    oncdata(start, end, endOffset) {
      flushText();
      handler.onText(source.slice(start, end - endOffset));
    },
    oncomment: () => undefined,
    ondeclaration: () => undefined,
    onprocessinginstruction: () => undefined,
    onend() {
      flushText();
      elements.popAll();
    },
  };
}

/** The open elements, counted by name, so that an end tag that fits nothing costs nothing. */
class OpenElements {
  readonly #handler: PageHandler;
  readonly #open: string[] = [];
  readonly #counts = new Map<string, number>();

  constructor(handler: PageHandler) {
    this.#handler = handler;
  }

  push(name: string, attributes: Attributes): void {
    if (this.#open.length >= MAX_DEPTH) this.pop();
    this.#open.push(name);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#handler.onOpen(name, attributes);
  }

  pop(): void {
    const name = this.#open.pop();
    if (name === undefined) return;
    const count = (this.#counts.get(name) ?? 0) - 1;
    // A name that is no longer open is forgotten, because a page can invent a million of them.
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
    this.#handler.onClose(name);
  }

  /** Closes the innermost element of that name and all elements in it. */
  popThrough(name: string): void {
    if (!this.#counts.has(name)) return;
    const index = this.#open.lastIndexOf(name);
    while (this.#open.length > index) this.pop();
  }

  popAll(): void {
    while (this.#open.length > 0) this.pop();
  }
}
