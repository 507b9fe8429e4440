import { isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';

/** Types that say nothing (MIME Sniffing Standard §7): the browser looks at the bytes instead. */
const MEANINGLESS = new Set(['*/*', 'unknown/unknown', 'application/unknown']);

/**
 * The MIME type that Chromium takes an answer for, in lower case; empty where it looks at the bytes. It reads every `Content-Type`
 * line and every item of a list, and keeps the last that is a type; a type ends at a blank as it does at a semicolon
 * (`net::HttpUtil::ParseContentType`).
 */
export function shownType(headers: readonly HeaderPair[]): string {
  let type = '';
  for (const [name, value] of headers) {
    if (!isName(name, 'content-type')) continue;
    for (const item of value.split(',')) {
      const essence = (/^[ \t]*([^ \t;(]*)/.exec(item)?.[1] ?? '').toLowerCase();
      if (/^[^/]+\/[^/]+$/.test(essence) && essence !== '*/*') type = essence;
    }
  }
  return MEANINGLESS.has(type) ? '' : type;
}
