import { Parser } from 'parse5';
import type { Token, html, TreeAdapter, TreeAdapterTypeMap } from 'parse5';
import { HtmlAttributes, HtmlNode } from './html-node';

/** Limit for nesting, as in browsers: an element that is deeper becomes a sibling. */
const MAX_DEPTH = 512;
/** Limit for the formatting elements that are opened again in each further block. Pages have a handful, a hostile one has thousands. */
const MAX_REOPENED = 64;

/**
 * Builds the tree of a page as browsers do: the HTML Standard's tree construction, by its reference implementation. Scripting
 * counts as enabled, so that the content of `noscript` is text, as it is to browsers.
 */
export function parseHtml(source: string): HtmlNode {
  const parser = new BoundedParser({ treeAdapter: htmlTreeAdapter, scriptingEnabled: true });
  parser.tokenizer.write(source, true);
  return parser.document;
}

/** A parser with limits: parse5 searches the open elements at many tags, so their number decides how long a hostile page takes. */
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
    const { entries } = this.activeFormattingElements; // The newest comes first.
    if (entries.length > MAX_REOPENED) entries.length = MAX_REOPENED;
    super._reconstructActiveFormattingElements();
  }

  #makeRoom(): void {
    if (this.openElements.stackTop >= MAX_DEPTH) this.openElements.pop();
  }
}

/** The kinds of nodes that parse5 knows, which are all one class here. */
type HtmlNodes = TreeAdapterTypeMap<
  HtmlNode,
  HtmlNode,
  HtmlNode,
  HtmlNode,
  HtmlNode,
  HtmlNode,
  HtmlNode,
  HtmlNode,
  HtmlNode,
  HtmlNode
>;

/** The content of a template is no part of the page; parse5 asks for it while it parses. */
const templateContents = new WeakMap<HtmlNode, HtmlNode>();
const modes = new WeakMap<HtmlNode, html.DOCUMENT_MODE>();

function insertText(parent: HtmlNode, text: string, before: HtmlNode | null): void {
  const previous = before === null ? parent.last : before.previous;
  if (previous?.text !== undefined) previous.text += text;
  else parent.insert(new HtmlNode('', undefined, undefined, text), before);
}

const NOTHING = '';
/** Elements that may get attributes later: a second tag of `html` or `body` gives its own to the first, and an `ol` may get a start. */
const ADOPTING: ReadonlySet<string> = new Set(['html', 'body', 'ol']);

/** Lets parse5 build a tree of `HtmlNode`s. Comments and doctypes are empty nodes in it, because parse5 attaches them. */
const htmlTreeAdapter: TreeAdapter<HtmlNodes> = {
  createDocument: () => new HtmlNode(''),
  createDocumentFragment: () => new HtmlNode(''),
  createElement: (name, namespace, list) =>
    new HtmlNode(name, namespace, list.length === 0 && !ADOPTING.has(name) ? undefined : new HtmlAttributes(list)),
  createCommentNode: () => new HtmlNode(''),
  createTextNode: (text) => new HtmlNode('', undefined, undefined, text),
  appendChild: (parent, node) => parent.insert(node, null),
  insertBefore: (parent, node, reference) => parent.insert(node, reference),
  detachNode: (node) => node.detach(),
  insertText: (parent, text) => insertText(parent, text, null),
  insertTextBefore: (parent, text, reference) => insertText(parent, text, reference),
  adoptAttributes(element, attributes) {
    element.attributes.list.push(...attributes.filter(({ name }) => !element.attributes.has(name)));
  },
  setTemplateContent: (template, content) => void templateContents.set(template, content),
  getTemplateContent: (template) => templateContents.get(template) ?? template,
  setDocumentType: () => undefined,
  setDocumentMode: (document, mode) => void modes.set(document, mode),
  getDocumentMode: (document) => modes.get(document) ?? ('no-quirks' as html.DOCUMENT_MODE),
  getFirstChild: (node) => node.first,
  getParentNode: (node) => node.parent,
  getChildNodes(node) {
    const children: HtmlNode[] = [];
    for (let child = node.first; child !== null; child = child.next) children.push(child);
    return children;
  },
  getAttrList: (element) => element.attributes.list,
  getTagName: (element) => element.name,
  getNamespaceURI: (element) => element.namespace ?? ('' as html.NS),
  getTextNodeContent: (node) => node.text ?? NOTHING,
  getCommentNodeContent: () => NOTHING,
  getDocumentTypeNodeName: () => NOTHING,
  getDocumentTypeNodePublicId: () => NOTHING,
  getDocumentTypeNodeSystemId: () => NOTHING,
  isTextNode: (node): node is HtmlNode => node.text !== undefined,
  isElementNode: (node): node is HtmlNode => node.isElement,
  isCommentNode: (_node): _node is HtmlNode => false,
  isDocumentTypeNode: (_node): _node is HtmlNode => false,
  getNodeSourceCodeLocation: () => undefined,
  setNodeSourceCodeLocation: () => undefined,
  updateNodeSourceCodeLocation: () => undefined,
};
