import type { StoredJob } from './jobs';
import type { SegmentStore } from './segments/segment-store';
import { parseScreenshotRecord } from './segments/warc';

/** The PNG of a job; undefined for one without. */
export type ReadScreenshot = (job: StoredJob) => Promise<Buffer | undefined>;

/** One ranged read: the record stands right behind the page's. */
export function createReadScreenshot(segments: SegmentStore): ReadScreenshot {
  return async ({ page }) => {
    if (page?.screenshotLength === undefined) return undefined;
    return parseScreenshotRecord(await segments.read(page.segment, page.offset + page.length, page.screenshotLength));
  };
}
