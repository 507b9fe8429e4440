import { BodyTooLargeError } from '../../http/body-errors';
import type { IsolatedWorld } from './isolated-world';
import { RenderError } from './render-error';

/** The document that Chromium made of the answer. */
export interface ReadDocument {
  /** Undefined when the document is not HTML but the viewer around a file. */
  readonly html: Buffer | undefined;
  /** Type that Chromium assigned: `text/html` or `application/xhtml+xml` where there is HTML. */
  readonly contentType: string;
}

/**
 * Serialises the current document as UTF-8, with doctype and comments around it. Its length is checked inside the page first, so that a huge
 * one is never transferred; a unit of a JavaScript string becomes 1 to 3 bytes.
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
 * Tells whether the document reaches a state in time: `interactive` when all of it has been parsed, `complete` when its parts are loaded, too.
 * It asks the document itself, because after a failed navigation Playwright waits for events that have long passed.
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
  reached.catch(() => undefined); // the script continues after the time-out
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, timeoutMs, false)));
  try {
    return (await Promise.race([reached, late])) === true;
  } finally {
    clearTimeout(timer);
  }
}
