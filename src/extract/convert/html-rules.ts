/**
 * What the HTML Standard (§13.1.2, §13.2.4 and §13.2.6) says of elements by name, as far as it decides which text is where.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Never have content. */
export const VOID = words(
  'area base basefont bgsound br col command embed frame hr image img input isindex keygen link meta param source track wbr',
);

/** The start of one ends an open paragraph. */
export const ENDS_PARAGRAPH = words(
  'address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 ' +
    'h5 h6 header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul xmp',
);

/** Its text cannot go on through these: what is open outside stays open. */
const SCOPE = 'applet caption html marquee object table td template th';
const IN_SCOPE = words(SCOPE);
const LIST_SCOPE = words(`${SCOPE} ol ul menu dir`);
const TABLE_SCOPE = words('html table template');

/** "Special" elements: the end tag of an ordinary inline element does not reach through one. */
export const SPECIAL = words(
  'address applet article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form h1 h2 h3 h4 h5 h6 head header hgroup html iframe li listing main marquee menu nav object ol p pre ' +
    'search section select summary table tbody td template tfoot th thead title tr ul xmp',
);

/** Formatting elements, the end tags of which do. */
export const FORMATTING = words('a b big code em font i nobr s small strike strong tt u');

/** Named by a start tag: of the open elements, the nearest of `ends` is ended, with all in it, unless one of `within` is nearer. */
export interface ImpliedEnd {
  readonly ends: ReadonlySet<string>;
  readonly within: ReadonlySet<string>;
}

const HEADINGS = words('h1 h2 h3 h4 h5 h6');
/** An open list item stays open within these, besides lists: address, div and p do not hold it. */
const ITEM_SCOPE = new Set(
  [...SPECIAL, 'applet'].filter((name) => !['address', 'div', 'p', 'li', 'dd', 'dt'].includes(name)),
);
const CELLS: ImpliedEnd = { ends: words('td th'), within: TABLE_SCOPE };
const CAPTION: ImpliedEnd = { ends: words('caption colgroup'), within: TABLE_SCOPE };
const ROWS: ImpliedEnd = { ends: words('tr'), within: TABLE_SCOPE };
const ROW_GROUPS: ImpliedEnd = { ends: words('tbody thead tfoot'), within: TABLE_SCOPE };
const DESCRIPTION: ImpliedEnd = { ends: words('dd dt'), within: ITEM_SCOPE };
const HEADING: ImpliedEnd = { ends: HEADINGS, within: SPECIAL };
const OPTION: ImpliedEnd = { ends: words('option'), within: SPECIAL };

export const IMPLIED_ENDS: ReadonlyMap<string, readonly ImpliedEnd[]> = new Map<string, readonly ImpliedEnd[]>([
  ['li', [{ ends: words('li'), within: ITEM_SCOPE }]],
  ['dd', [DESCRIPTION]],
  ['dt', [DESCRIPTION]],
  ...[...HEADINGS].map((name) => [name, [HEADING]] as const),
  ['a', [{ ends: words('a'), within: IN_SCOPE }]],
  ['button', [{ ends: words('button'), within: IN_SCOPE }]],
  ['option', [OPTION]],
  ['optgroup', [OPTION, { ends: words('optgroup'), within: SPECIAL }]],
  ['td', [CELLS, CAPTION]],
  ['th', [CELLS, CAPTION]],
  ['tr', [ROWS, CELLS, CAPTION]],
  ...['tbody', 'thead', 'tfoot', 'caption', 'colgroup'].map(
    (name) => [name, [ROW_GROUPS, ROWS, CELLS, CAPTION]] as const,
  ),
]);

export const PARAGRAPH: ImpliedEnd = { ends: words('p'), within: new Set([...IN_SCOPE, 'button']) };

const TABLE_PARTS = words('caption colgroup table tbody td tfoot th thead tr');

/** How far up an end tag looks for its element. */
export function scopeOfEndTag(name: string): ReadonlySet<string> {
  if (TABLE_PARTS.has(name)) return name === 'table' ? words('html template') : TABLE_SCOPE;
  if (name === 'li') return LIST_SCOPE;
  return SPECIAL.has(name) || FORMATTING.has(name) ? IN_SCOPE : SPECIAL;
}

/** All that may be in a head. Anything else, and any text, ends it (§13.2.6.4.4). */
export const IN_HEAD = words('base basefont bgsound head html link meta noframes noscript script style template title');

/** HTML that cannot be in svg or mathml: it ends them (§13.2.6.5). */
export const ENDS_FOREIGN = words(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p ' +
    'pre ruby s small span strong strike sub sup table tt u ul var',
);
/** Where HTML is allowed in them. */
export const HTML_IN_FOREIGN = words('annotation-xml desc foreignobject mi mn mo ms mtext');
export const FOREIGN = words('math svg');
