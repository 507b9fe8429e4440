import { Parser } from 'parse5';
import type { Token, html } from 'parse5';
import type { HtmlNode } from './html-node';
import { htmlTreeAdapter } from './html-tree-adapter';
import type { HtmlNodes } from './html-tree-adapter';

/** Browsers nest no deeper: what is nested deeper becomes a sibling. */
const MAX_DEPTH = 512;
/** Formatting elements that are opened again in each further block. Pages have a handful; a hostile one would have thousands. */
const MAX_REOPENED = 64;

/**
 * The tree of a page as browsers build it: the HTML Standard's tree construction, by its reference implementation. Scripting
 * counts as enabled, so that the content of `noscript` is text, as it is to browsers.
 */
export function parseHtml(source: string): HtmlNode {
  const parser = new BoundedParser({ treeAdapter: htmlTreeAdapter, scriptingEnabled: true });
  parser.tokenizer.write(source, true);
  return parser.document;
}

/** parse5 looks through the open elements at many tags: what bounds their number bounds the time that a hostile page takes. */
class BoundedParser extends Parser<HtmlNodes> {
  override _insertElement(token: Token.TagToken, namespace: html.NS): void {
    this.#makeRoom();
    super._insertElement(token, namespace);
  }

  override _insertFakeElement(name: string, id: html.TAG_ID): void {
    this.#makeRoom();
    super._insertFakeElement(name, id);
  }

  override _insertTemplate(token: Token.TagToken): void {
    this.#makeRoom();
    super._insertTemplate(token);
  }

  override _reconstructActiveFormattingElements(): void {
    const { entries } = this.activeFormattingElements; // the newest comes first
    if (entries.length > MAX_REOPENED) entries.length = MAX_REOPENED;
    super._reconstructActiveFormattingElements();
  }

  #makeRoom(): void {
    if (this.openElements.stackTop >= MAX_DEPTH) this.openElements.pop();
  }
}
