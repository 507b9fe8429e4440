import { BodyTooLargeError } from '../../http/body-errors';
import { isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import type { RenderOrder, RenderedPage } from './browser-engine';
import { loadPage } from './load-page';
import { NO_BODY } from './network-error-of';
import type { DocumentHead } from './main-document';
import type { OpenPage } from './open-page';
import { cookiesOf } from './page-cookies';
import { readDocument } from './read-document';
import { RenderError } from './render-error';
import { runInstructions } from './run-instructions';
import { takeScreenshot } from './take-screenshot';
import { waitForSelector } from './wait-for-selector';

export interface RenderLimits {
  readonly navigationTimeoutMs: number;
  /** Of the document or file. */
  readonly maxBodyBytes: number;
}

/** Loads the page of an order and takes it. What fails in between throws the browser's words; see `renderErrorOf`. */
export async function renderOrder(
  order: RenderOrder,
  opened: OpenPage,
  { navigationTimeoutMs, maxBodyBytes }: RenderLimits,
  signal: AbortSignal,
): Promise<RenderedPage> {
  const { main, session, world, page, context, network } = opened;
  const { waitForSelector: selector, instructions, isScreenshotWanted } = order.render;
  await loadPage(opened, order.url.href, navigationTimeoutMs, signal);
  if (main.file === undefined) {
    if (selector !== undefined) await waitForSelector(opened, selector);
    await runInstructions(instructions, opened, signal);
    if (instructions.length > 0) await network.quiet(100, 1_000, signal);
  }
  takeErrorPage(opened);
  const { head } = main;
  if (head === undefined) throw new RenderError('NOT_A_DOCUMENT', 'no answer was seen');
  const cookies = cookiesOf(await context.cookies());
  const answer = { statusCode: head.statusCode, statusText: head.statusText, cookies };
  if (main.file !== undefined) return { ...answer, ...fileOf(head, main.file), screenshot: undefined };
  const finalUrl = page.url();
  if (!/^https?:/.test(finalUrl)) throw new RenderError('NOT_A_DOCUMENT', 'the page has left the web');
  const { html, contentType } = await readDocument(world, maxBodyBytes);
  const screenshot = isScreenshotWanted ? await takeScreenshot(session) : undefined;
  if (html !== undefined)
    return { ...answer, finalUrl, headers: htmlHeaders(head.headers, contentType), body: html, screenshot };
  return { ...answer, ...fileOf(head, await viewedFile(opened, head, maxBodyBytes)), screenshot };
}

/** A step, or the page itself, has led to where there is no page: then Chromium shows one of its own. */
function takeErrorPage({ main, page }: OpenPage): void {
  if (main.file !== undefined || main.netError === undefined || !page.url().startsWith('chrome-error:')) return;
  if (main.netError.name !== NO_BODY) throw new Error(`net::${main.netError.name}`);
  main.file = Buffer.alloc(0);
}

function fileOf(head: DocumentHead, body: Buffer): Pick<RenderedPage, 'finalUrl' | 'headers' | 'body'> {
  return { finalUrl: head.url, headers: unpackedHeaders(head.headers), body };
}

/** What came without a content-type, and Chromium took for a text or a picture, stands in a viewer. */
async function viewedFile({ session }: OpenPage, { networkId }: DocumentHead, maxBytes: number): Promise<Buffer> {
  if (networkId === undefined) throw new RenderError('NOT_A_DOCUMENT', 'the answer is no document');
  const { body, base64Encoded } = await session.send('Network.getResponseBody', { requestId: networkId });
  const bytes = Buffer.from(body, base64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBytes) throw new BodyTooLargeError(maxBytes);
  return bytes;
}

/** The body is what the browser unpacked: its coding and length are no longer those of the wire. */
function unpackedHeaders(headers: readonly HeaderPair[]): readonly HeaderPair[] {
  return headers.filter(
    ([name]) =>
      !isName(name, 'content-encoding') && !isName(name, 'content-length') && !isName(name, 'transfer-encoding'),
  );
}

/** The document is written out anew as UTF-8, whatever it was sent in and whatever the target called it. */
function htmlHeaders(headers: readonly HeaderPair[], contentType: string): readonly HeaderPair[] {
  const type = headers.find(([name]) => isName(name, 'content-type'));
  return [
    ...unpackedHeaders(headers).filter(([name]) => !isName(name, 'content-type')),
    [type?.[0] ?? 'content-type', `${contentType}; charset=utf-8`],
  ];
}
