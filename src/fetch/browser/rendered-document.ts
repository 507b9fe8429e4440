import { BodyTooLargeError } from '../../http/body-errors';
import type { IsolatedWorld } from './isolated-world';
import { RenderError } from './render-error';

/** What Chromium made of the answer. */
export interface ReadDocument {
  /** Undefined when it is no HTML: a viewer's page around a file. */
  readonly html: Buffer | undefined;
  /** What Chromium took the answer for: `text/html` or `application/xhtml+xml` where there is HTML. */
  readonly contentType: string;
}

/**
 * The document as it is now, with doctype and comments around it, as UTF-8. Its length is looked at inside the page first,
 * so that a huge one never comes over. A character is 1 to 3 bytes per unit of a JavaScript string.
 */
export async function readDocument(world: IsolatedWorld, maxBytes: number): Promise<ReadDocument> {
  const result = await world.evaluate(`(() => {
    if (!/^(text\\/html|application\\/xhtml\\+xml)$/.test(document.contentType)) return { isHtml: false, type: document.contentType };
    const parts = [];
    for (const node of document.childNodes)
      parts.push(node === document.documentElement ? node.outerHTML : new XMLSerializer().serializeToString(node));
    const html = parts.join('\\n');
    return { isHtml: true, type: document.contentType, html: html.length > ${maxBytes} ? undefined : html };
  })()`);
  if (typeof result !== 'object' || result === null || !('isHtml' in result))
    throw new RenderError('NOT_A_DOCUMENT', 'the page could not be read');
  const contentType = 'type' in result ? String(result.type) : '';
  if (result.isHtml !== true) return { html: undefined, contentType };
  const html = 'html' in result && typeof result.html === 'string' ? Buffer.from(result.html, 'utf8') : undefined;
  if (html === undefined || html.length > maxBytes) throw new BodyTooLargeError(maxBytes);
  return { html, contentType };
}

/**
 * Whether the document gets so far in time: `interactive` when all of it has been read, `complete` when its parts are there too.
 * Asked of the document itself: a navigation that comes to nothing leaves Playwright waiting for events that were long ago.
 */
export async function documentReaches(
  state: 'interactive' | 'complete',
  world: IsolatedWorld,
  timeoutMs: number,
): Promise<boolean> {
  const reached = world.evaluate(`new Promise((resolve) => {
    const check = () => {
      if (document.readyState === 'complete' || document.readyState === '${state}') resolve(true);
    };
    document.addEventListener('readystatechange', check);
    check();
  })`);
  reached.catch(() => undefined); // it goes on after the time is over
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, timeoutMs, false)));
  try {
    return (await Promise.race([reached, late])) === true;
  } finally {
    clearTimeout(timer);
  }
}
