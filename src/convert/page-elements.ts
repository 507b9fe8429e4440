import type { Attributes } from './page-handler';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Elements that are not read: code, what only other software shows, and replacements for something that did not work. */
const SKIPPED = words(
  'applet area audio canvas datalist embed head iframe input map math meta noembed noframes noscript object param script style ' +
    'svg template textarea title video',
);
/** Elements that are paragraphs. */
export const PARAGRAPHS = words('address dl fieldset figure p');
/** Elements that begin a line of their own. */
export const LINES = words(
  'article aside body caption center dd details dialog div dt figcaption footer form header hgroup html legend main nav option ' +
    'optgroup search section select summary',
);

/** Whether a browser does not show the element of an HTML page. */
export function isSkipped(name: string, attributes: Attributes): boolean {
  if (SKIPPED.has(name) || attributes.has('popover') || (name === 'dialog' && !attributes.has('open'))) return true;
  // A search in the page finds and shows what is hidden "until found".
  const hidden = attributes.get('hidden');
  return hidden !== undefined && hidden.toLowerCase() !== 'until-found';
}
