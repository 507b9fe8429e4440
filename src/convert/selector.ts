import { compile, selectOne } from 'css-select';
import { SelectorType, parse } from 'css-what';
import type { PseudoSelector, Selector } from 'css-what';
import { DomHandler } from 'domhandler';
import { readPage } from './read-page';
import type { ReadPageOptions } from './read-page';
import type { PageHandler } from './page-handler';

/** Limit for parts such as `.price`, `>` and `:not(…)`, all together. */
const MAX_PARTS = 100;
const MAX_LENGTH = 1_000;
/** Limit for `:has`, each of which searches all that is in an element. One in another would do so for each element in there. */
const MAX_HAS = 3;
const MAX_DEPTH = 4;

/** Tells what is wrong with a CSS selector of a success rule, as the end of a sentence; undefined when it can be used. */
export function checkSelector(selector: string): string | undefined {
  if (selector.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  try {
    const groups = parse(selector);
    if (groups.length === 0) return 'is not a CSS selector: it is empty';
    const { parts, has, hasInHas, depth } = measure(groups);
    if (parts > MAX_PARTS) return `has more than ${MAX_PARTS} parts`;
    if (has > MAX_HAS || hasInHas) return `has more than ${MAX_HAS} :has(), or one within another`;
    if (depth > MAX_DEPTH) return `nests selectors more than ${MAX_DEPTH} deep`;
    compile(groups);
    return undefined;
  } catch (error) {
    return `is not a CSS selector: ${messageOf(error).slice(0, 200)}`;
  }
}

interface Measure {
  readonly parts: number;
  readonly has: number;
  readonly hasInHas: boolean;
  readonly depth: number;
}

function measure(groups: readonly (readonly Selector[])[]): Measure {
  const parts = groups.flat();
  const inner = parts.map((part) => {
    const within = isPseudo(part) && Array.isArray(part.data) ? measure(part.data) : NOTHING;
    const isHas = isPseudo(part) && part.name === 'has';
    return { ...within, has: within.has + (isHas ? 1 : 0), hasInHas: within.hasInHas || (isHas && within.has > 0) };
  });
  return {
    parts: inner.reduce((sum, each) => sum + each.parts, parts.length),
    has: inner.reduce((sum, each) => sum + each.has, 0),
    hasInHas: inner.some((each) => each.hasInHas),
    depth: 1 + inner.reduce((max, each) => Math.max(max, each.depth), 0),
  };
}

const isPseudo = (part: Selector): part is PseudoSelector => part.type === SelectorType.Pseudo;

const NOTHING: Measure = { parts: 0, has: 0, hasInHas: false, depth: 0 };

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** Limit for elements and texts: no page that people read has as many. They take some 150 MB. */
const MAX_NODES = 400_000;

/** Whether a page has an element that a selector selects. Only the first 400,000 elements and texts are looked at. */
export function hasMatch(source: string, selector: string, options: ReadPageOptions): boolean {
  const dom = new DomHandler();
  let nodes = 0;
  let skipDepth = 0;
  const handler: PageHandler = {
    onOpen(name, attributes) {
      nodes += 1;
      if (nodes > MAX_NODES) skipDepth += 1;
      else dom.onopentag(name, Object.fromEntries(attributes));
    },
    onClose() {
      if (skipDepth > 0) skipDepth -= 1;
      else dom.onclosetag();
    },
    onText(text) {
      nodes += 1;
      if (nodes <= MAX_NODES) dom.ontext(text);
    },
  };
  readPage(source, options).walk(handler);
  dom.onend();
  return selectOne(selector, dom.root, { xmlMode: options.isXml }) !== null; // A list of roots would take quadratic time.
}
