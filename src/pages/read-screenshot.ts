import type { StoredJob } from '../store/jobs';
import { checkedScreenshotRecord } from './segments/check-record';
import type { SegmentStore } from './segments/segment-store';
import { undamaged } from './undamaged';
import type { OnDamage } from './undamaged';

/** Reads the PNG of a job; undefined for a job without one. Rejects with a PageDamagedError for one that is not as it was stored. */
export type ReadScreenshot = (job: Pick<StoredJob, 'id' | 'page'>) => Promise<Buffer | undefined>;

/** One ranged read is enough, because the record stands right behind the page's. */
export function createReadScreenshot(segments: SegmentStore, onDamage?: OnDamage): ReadScreenshot {
  return async ({ id, page }) => {
    if (page?.screenshotLength === undefined) return undefined;
    const { segment, screenshotLength: length, screenshotCrc32 } = page;
    const offset = page.offset + page.length;
    const read = async () => checkedScreenshotRecord(await segments.read(segment, offset, length), screenshotCrc32);
    return undamaged({ jobId: id, segment, offset, length }, read, onDamage);
  };
}
