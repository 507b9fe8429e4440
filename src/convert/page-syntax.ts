import { parseContentType } from '../http/content-type';

/** Decides how a text is read. XHTML is read as HTML, because most of it was written for that. */
export function pageSyntax(text: string, contentType: string | undefined): 'html' | 'xml' | 'json' | 'plain' {
  const { mime } = parseContentType(contentType);
  if (mime === undefined || MEANINGLESS.has(mime.essence)) return syntaxOf(text);
  if (mime.isHTML() || mime.essence === 'application/xhtml+xml') return 'html';
  if (mime.isXML()) return /^[^]{0,2000}<html[\s>]/i.test(text.slice(0, 2_100)) ? 'html' : 'xml';
  return JSON_SUBTYPE.test(mime.subtype) ? 'json' : 'plain';
}

/** Types that say nothing, so that the text itself decides (MIME Sniffing Standard §7). */
const MEANINGLESS = new Set(['*/*', 'unknown/unknown', 'application/unknown']);

const JSON_SUBTYPE = /^(?:x-)?json$|\+json$/;

/** Decides by the text alone. */
function syntaxOf(text: string): 'html' | 'xml' | 'json' | 'plain' {
  const start = text.slice(0, 2_000).trimStart();
  if (/^[[{]/.test(start)) return 'json';
  if (!start.startsWith('<')) return 'plain';
  return start.startsWith('<?xml') && !/<html[\s>]/i.test(start) ? 'xml' : 'html';
}
