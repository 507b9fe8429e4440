/** Elements that run, load or lead somewhere. Neither the frame nor its policy would let them; without them nothing is even tried. */
const REMOVED = [
  ...['script', 'base', 'meta[http-equiv]', 'link', 'iframe', 'frame', 'object', 'embed', 'applet'],
  ...['audio', 'video', 'source', 'track', 'template', 'dialog:not([open])'],
].join(',');

/** Attributes that hold addresses. */
const ADDRESSES = new Set([
  ...['src', 'srcset', 'href', 'xlink:href', 'background', 'poster', 'data', 'action', 'formaction', 'ping', 'cite'],
  ...['longdesc', 'manifest', 'usemap', 'imagesrcset'],
]);

/**
 * Prepares a fetched page for being looked at in a frame with `sandbox`: its text, structure and own styles, without scripts and
 * without anything that would have to be loaded. The page comes from a stranger, who must not learn that somebody looks at it.
 */
export function framedPage(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html'); // runs and loads nothing
  page.querySelectorAll(REMOVED).forEach((element) => element.remove());
  const rules: string[] = [];
  for (const element of page.querySelectorAll('*')) {
    const style = element.getAttribute('style');
    if (style !== null) rules.push(`[data-style="${rules.length}"] { ${harmless(style)} }`);
    if (element instanceof HTMLAnchorElement && element.title === '')
      element.title = element.getAttribute('href') ?? '';
    for (const { name, value } of [...element.attributes]) if (!isHarmless(name, value)) element.removeAttribute(name);
    if (style !== null) element.setAttribute('data-style', String(rules.length - 1));
  }
  page.querySelectorAll('style').forEach((style) => style.replaceWith(sheetOf(page, style.textContent, style.media)));
  if (rules.length > 0) page.head.append(sheetOf(page, rules.join('\n'), ''));
  return `<!doctype html>\n${page.documentElement.outerHTML}`;
}

function isHarmless(name: string, value: string): boolean {
  const lower = name.toLowerCase();
  if (lower.startsWith('on') || lower === 'style') return false;
  return !ADDRESSES.has(lower) || (lower === 'src' && /^data:image\//i.test(value));
}

/** The policy of the dashboard allows no style inside a document, so that each sheet becomes an address of its own. */
function sheetOf(page: Document, css: string, media: string): HTMLLinkElement {
  const link = page.createElement('link');
  link.rel = 'stylesheet';
  link.href = `data:text/css;charset=utf-8,${encodeURIComponent(harmless(css))}`;
  if (media !== '') link.media = media;
  return link;
}

/** Style without the addresses that it would load from. */
const harmless = (css: string): string =>
  css
    .replace(/\p{Surrogate}/gu, '') // half a character cannot be encoded
    .replace(/@import[^;]*;?/gi, '')
    .replace(/(?:url|src|image|image-set)\((?!\s*['"]?data:)[^)]*\)/gi, 'none');
