import type { CDPSession } from 'playwright-core';
import { RenderError } from './render-error';

const MAX_HEIGHT = 16_384;
const MAX_WIDTH = 4_096;
const MAX_BYTES = 20 * 1024 * 1024;
/** 1, 1/2, 1/4 of the size. */
const SCALES = [1, 0.5, 0.25] as const;

/** Width and height stand first in a PNG (RFC 2083 §4.1.1). */
const WIDTH_OFFSET = 16;

/**
 * PNG of the whole page, one pixel per CSS pixel; what is beyond 4,096 × 16,384 is cut off. One over 20 MB is made smaller.
 * Not `page.screenshot`, which first waits for fonts that may never come.
 */
export async function takeScreenshot(session: CDPSession): Promise<Buffer> {
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
    // Versions differ in whether the device's pixel ratio counts here.
    const surplus = png.readUInt32BE(WIDTH_OFFSET) / (width * scale);
    if (surplus > 1.01) png = await capture(scale / surplus);
    if (png.length <= MAX_BYTES) return png;
  }
  throw new RenderError('SCREENSHOT_TOO_LARGE', `the screenshot is larger than ${MAX_BYTES} bytes`);
}
