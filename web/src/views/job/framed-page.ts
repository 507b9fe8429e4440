/** Elements of which nothing is kept, not even what stands inside. */
const DROPPED = new Set(['script', 'iframe', 'noembed', 'noframes']);
/** Elements whose tags are left out: they load, run or lead somewhere. What stands inside is kept. */
const UNWRAPPED = new Set(['base', 'link', 'meta', 'object', 'embed', 'applet', 'param', 'frameset', 'frame']);

/** Attributes that hold addresses. */
const ADDRESSES = new Set([
  ...['src', 'srcset', 'href', 'xlink:href', 'background', 'poster', 'data', 'action', 'formaction', 'ping', 'cite'],
  ...['longdesc', 'manifest', 'usemap', 'imagesrcset', 'srcdoc'],
]);

const COMMENT_OR_TAG = /<!--|<(\/?)([a-z][^\s/>]*)/gi;
const ATTRIBUTE = /([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?/g;

/**
 * Prepares a fetched page for being looked at in a frame: its text, structure and own styles, without scripts and without anything that
 * would have to be loaded. That the page can do no harm is up to the frame (`sandbox`) and its policy; this keeps browsers from trying,
 * and from reporting each time that they were not allowed to. Browsers' own parser cannot be used, because it reports as well.
 */
export function framedPage(html: string): string {
  const kept: string[] = [];
  const rules: string[] = [];
  const starts = new RegExp(COMMENT_OR_TAG);
  let at = 0;
  for (let start = starts.exec(html); start !== null; start = starts.exec(html)) {
    kept.push(html.slice(at, start.index));
    const [, slash = '', name = ''] = start;
    const element = name.toLowerCase();
    const end = element === '' ? behind('-->', html, starts.lastIndex) : tagEnd(html, starts.lastIndex);
    starts.lastIndex = at = end;
    if (slash === '' && (DROPPED.has(element) || element === 'style')) {
      starts.lastIndex = at = endOf(element, html, end);
      if (element === 'style') kept.push(sheet(html.slice(end, at).replace(/<\/style[^>]*>$/i, '')));
    } else if (html[end - 1] === '>' && element !== '' && !UNWRAPPED.has(element) && !DROPPED.has(element)) {
      const attributes = html.slice(start.index + start[0].length, end - 1);
      kept.push(slash === '' ? `<${name}${keptAttributes(element, attributes, rules)}>` : `</${name}>`);
    }
  }
  kept.push(html.slice(at));
  return kept.join('') + (rules.length === 0 ? '' : sheet(rules.join('\n')));
}

const behind = (text: string, html: string, from: number): number => {
  const place = html.indexOf(text, from);
  return place === -1 ? html.length : place + text.length;
};

/** Behind the `>` of a tag. Those in quoted values do not count. */
function tagEnd(html: string, from: number): number {
  const next = />|=\s*["']/g;
  next.lastIndex = from;
  for (let found = next.exec(html); found !== null; found = next.exec(html)) {
    if (found[0] === '>') return next.lastIndex;
    next.lastIndex = behind(found[0].slice(-1), html, next.lastIndex);
  }
  return html.length;
}

/** Behind the end tag of an element whose content is no markup. */
function endOf(element: string, html: string, from: number): number {
  const end = new RegExp(`</${element}[^>]*>`, 'gi');
  end.lastIndex = from;
  return end.test(html) ? end.lastIndex : html.length;
}

/** The attributes that may stay. A style becomes a rule, and the address of a link what shows on hovering. */
function keptAttributes(element: string, attributes: string, rules: string[]): string {
  let kept = '';
  for (const [whole, name = '', quoted = ''] of attributes.matchAll(ATTRIBUTE)) {
    const lower = name.toLowerCase();
    const value = quoted.replace(/^(["'])([^]*)\1$/, '$2');
    if (lower === 'style') {
      kept += ` data-style="${rules.length}"`;
      rules.push(`[data-style="${rules.length}"] { ${value.replaceAll('&quot;', '"').replaceAll('&amp;', '&')} }`);
    } else if (lower === 'href' && element === 'a') kept += ` title="${value.replaceAll('"', '&quot;')}"`;
    else if (!lower.startsWith('on') && (!ADDRESSES.has(lower) || isPicture(lower, value))) kept += ` ${whole}`;
  }
  return kept;
}

const isPicture = (name: string, value: string): boolean => name === 'src' && /^data:image\//i.test(value);

/** The policy allows no style inside a document, so that each sheet becomes an address of its own. */
const sheet = (css: string): string =>
  `<link rel="stylesheet" href="data:text/css;charset=utf-8,${encodeURIComponent(harmless(css))}">`;

/** Style without the addresses that it would load from. */
const harmless = (css: string): string =>
  css
    .replace(/\p{Surrogate}/gu, '') // half a character cannot be encoded
    .replace(/@import[^;]*;?/gi, '')
    .replace(/(?:url|src|image|image-set)\((?!\s*['"]?data:)[^)]*\)?/gi, 'none');
