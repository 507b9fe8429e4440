import type { CDPSession } from 'playwright-core';
import { BodyTooLargeError } from '../../http/body-errors';
import { isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import type { RenderOrder, RenderedPage } from './browser-engine';
import { loadPage, waitForSelector } from './load-page';
import type { BrowserPage } from './load-page';
import type { DocumentHead } from './main-document';
import { cookiesOf } from './page-cookies';
import { readDocument } from './rendered-document';
import { NO_BODY, RenderError } from './render-error';
import { runInstructions } from './run-instructions';

export interface RenderLimits {
  readonly navigationTimeoutMs: number;
  /** Maximum size of the document or file. */
  readonly maxBodyBytes: number;
}

/** Loads the page of an order and reads it. Rejects with the browser's own errors, which `RenderSession` translates. */
export async function renderOrder(
  order: RenderOrder,
  opened: BrowserPage,
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

/** Throws when Chromium shows an error page of its own, because a step or the page itself navigated to a URL that failed. */
function takeErrorPage({ main, page }: BrowserPage): void {
  if (main.file !== undefined || main.netError === undefined || !page.url().startsWith('chrome-error:')) return;
  if (main.netError.name !== NO_BODY) throw new Error(`net::${main.netError.name}`);
  main.file = Buffer.alloc(0);
}

function fileOf(head: DocumentHead, body: Buffer): Pick<RenderedPage, 'finalUrl' | 'headers' | 'body'> {
  return { finalUrl: head.url, headers: unpackedHeaders(head.headers), body };
}

/** Bytes of an answer without a content-type that Chromium shows in a viewer, as a text or a picture. */
async function viewedFile({ session }: BrowserPage, { networkId }: DocumentHead, maxBytes: number): Promise<Buffer> {
  if (networkId === undefined) throw new RenderError('NOT_A_DOCUMENT', 'the answer is no document');
  const { body, base64Encoded } = await session.send('Network.getResponseBody', { requestId: networkId });
  const bytes = Buffer.from(body, base64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBytes) throw new BodyTooLargeError(maxBytes);
  return bytes;
}

/** Removes the headers for coding and length, because the body is what the browser unpacked. */
function unpackedHeaders(headers: readonly HeaderPair[]): readonly HeaderPair[] {
  return headers.filter(
    ([name]) =>
      !isName(name, 'content-encoding') && !isName(name, 'content-length') && !isName(name, 'transfer-encoding'),
  );
}

/** Headers of a document, which has been serialised as UTF-8, whatever charset and type the target sent. */
function htmlHeaders(headers: readonly HeaderPair[], contentType: string): readonly HeaderPair[] {
  const type = headers.find(([name]) => isName(name, 'content-type'));
  return [
    ...unpackedHeaders(headers).filter(([name]) => !isName(name, 'content-type')),
    [type?.[0] ?? 'content-type', `${contentType}; charset=utf-8`],
  ];
}

const MAX_HEIGHT = 16_384;
const MAX_WIDTH = 4_096;
const MAX_BYTES = 20 * 1024 * 1024;
/** Scales that are tried in turn until the image is small enough. */
const SCALES = [1, 0.5, 0.25] as const;

/** Offset of the width in a PNG (RFC 2083 §4.1.1). */
const WIDTH_OFFSET = 16;

/**
 * Takes a PNG of the whole page, one pixel per CSS pixel, cut off at 4,096 × 16,384. It is scaled down when it exceeds 20 MB.
 * `page.screenshot` would first wait for fonts that may never come.
 */
async function takeScreenshot(session: CDPSession): Promise<Buffer> {
  const { cssContentSize, cssLayoutViewport } = await session.send('Page.getLayoutMetrics');
  const width = Math.min(MAX_WIDTH, Math.max(1, Math.ceil(cssContentSize.width), cssLayoutViewport.clientWidth));
  const height = Math.min(MAX_HEIGHT, Math.max(1, Math.ceil(cssContentSize.height), cssLayoutViewport.clientHeight));
  const capture = async (scale: number): Promise<Buffer> => {
    const clip = { x: 0, y: 0, width, height, scale };
    const { data } = await session.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true, clip });
    return Buffer.from(data, 'base64');
  };
  for (const scale of SCALES) {
    let png = await capture(scale);
    // Versions of Chromium differ in whether the device's pixel ratio counts here.
    const surplus = png.readUInt32BE(WIDTH_OFFSET) / (width * scale);
    if (surplus > 1.01) png = await capture(scale / surplus);
    if (png.length <= MAX_BYTES) return png;
  }
  throw new RenderError('SCREENSHOT_TOO_LARGE', `the screenshot is larger than ${MAX_BYTES} bytes`);
}
