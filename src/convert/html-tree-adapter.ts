import type { TreeAdapter, TreeAdapterTypeMap, html } from 'parse5';
import { HtmlAttributes, HtmlNode } from './html-node';

/** parse5's kinds of nodes: all of them are one class here. */
export type HtmlNodes = TreeAdapterTypeMap<
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
/** A second tag of these gives its attributes to the first; an `ol` may be given a start. */
const ADOPTING: ReadonlySet<string> = new Set(['html', 'body', 'ol']);

/** How parse5 builds a tree of `HtmlNode`s. Comments and doctypes are in it as empty nodes, because parse5 attaches them. */
export const htmlTreeAdapter: TreeAdapter<HtmlNodes> = {
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
