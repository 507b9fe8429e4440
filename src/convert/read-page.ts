import { arrangeAsShown } from './arrange-as-shown';
import type { HtmlNode } from './html-node';
import type { PageHandler } from './page-handler';
import { parseHtml } from './parse-html';
import { readXml } from './read-xml';

export interface ReadPageOptions {
  readonly isXml: boolean;
}

/** A page that has been read and can be gone through several times. */
export interface ReadPage {
  /** Value of the first `<base href>`. It counts for links in front of it as well (HTML Standard §2.4.3). */
  readonly baseHref: string | undefined;
  /** Shows the handler all elements and texts, in the order in which a browser shows them. */
  walk(handler: PageHandler): void;
}

/** Reads a page as a browser would: HTML into the tree that the HTML Standard asks for, XML as it is written. */
export function readPage(source: string, { isXml }: ReadPageOptions): ReadPage {
  if (isXml) return { baseHref: undefined, walk: (handler) => readXml(source, handler) };
  const document = parseHtml(source);
  const { baseHref } = arrangeAsShown(document);
  return { baseHref, walk: (handler) => walkTree(document, handler) };
}

/** Visits a tree without recursion, because it may be deeper than a thread's stack allows. */
function walkTree(document: HtmlNode, handler: PageHandler): void {
  let node = document.first;
  while (node !== null) {
    if (node.text !== undefined) handler.onText(node.text);
    else if (node.isElement) {
      handler.onOpen(node.name, node.attributes);
      if (node.first !== null) {
        node = node.first;
        continue;
      }
      handler.onClose(node.name);
    }
    while (node.next === null) {
      if (node.parent === null || node.parent === document) return;
      node = node.parent;
      handler.onClose(node.name);
    }
    node = node.next;
  }
}
