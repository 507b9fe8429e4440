import type { HtmlNode } from './html-node';

/**
 * Changes what browsers show otherwise than the source has it: the head of a table stands in front of its rows and its foot behind
 * them (CSS 2.2 §17.2; the first of each counts), and a reversed list begins with the number of its items (HTML Standard §4.4.5).
 * @returns the first `<base href>`, which is found on the way
 */
export function arrangeAsShown(document: HtmlNode): { readonly baseHref: string | undefined } {
  let baseHref: string | undefined;
  for (let node: HtmlNode | null = document.first; node !== null; node = following(node, document)) {
    if (node.name === 'table') orderParts(node);
    else if (node.name === 'ol') numberReversed(node);
    else if (node.name === 'base') baseHref ??= node.attributes.get('href');
  }
  return { baseHref };
}

function orderParts(table: HtmlNode): void {
  const head = firstOf(table, HEAD);
  const foot = firstOf(table, FOOT);
  const rows = firstOf(table, ROWS);
  if (head !== undefined && rows !== undefined && rows !== head) move(table, head, rows);
  if (foot !== undefined && foot !== table.last) move(table, foot, null);
}

function numberReversed(list: HtmlNode): void {
  if (!list.attributes.has('reversed') || list.attributes.has('start')) return;
  let items = 0;
  for (let child = list.first; child !== null; child = child.next) if (child.name === 'li') items += 1;
  list.attributes.list.push({ name: 'start', value: String(items) });
}

const HEAD: ReadonlySet<string> = new Set(['thead']);
const FOOT: ReadonlySet<string> = new Set(['tfoot']);
/** Elements that are rows of a table or hold rows. Captions and columns stay in front of them. */
const ROWS: ReadonlySet<string> = new Set(['thead', 'tbody', 'tfoot', 'tr']);

function move(table: HtmlNode, part: HtmlNode, before: HtmlNode | null): void {
  part.detach();
  table.insert(part, before);
}

function firstOf(table: HtmlNode, names: ReadonlySet<string>): HtmlNode | undefined {
  for (let child = table.first; child !== null; child = child.next) if (names.has(child.name)) return child;
  return undefined;
}

/** @returns the next node in the order of the source */
function following(node: HtmlNode, root: HtmlNode): HtmlNode | null {
  if (node.first !== null) return node.first;
  let at = node;
  while (at.next === null) {
    if (at.parent === null || at.parent === root) return null;
    at = at.parent;
  }
  return at.next;
}
