import type { StoredJob } from '../store/jobs';
import { checkedScreenshotRecord } from './segments/check-record';
import type { SegmentStore } from './segments/segment-store';
import { RECORD_END_BYTES } from './segments/warc';
import { undamaged } from './undamaged';
import type { OnDamage } from './undamaged';

/** Reads the PNG of a job; undefined for a job without one. Rejects with a PageDamagedError for one that is not as it was stored. */
export type ReadScreenshot = (job: Pick<StoredJob, 'id' | 'page'>) => Promise<Buffer | undefined>;

/** A screenshot with the head of its record as it is stored, the empty line behind it included. */
export interface ScreenshotRecord {
  readonly head: Buffer;
  readonly image: Buffer;
}

/** Reads the record of a screenshot; as {@link ReadScreenshot} otherwise. */
export type ReadScreenshotRecord = (job: Pick<StoredJob, 'id' | 'page'>) => Promise<ScreenshotRecord | undefined>;

/** One ranged read is enough, because the record stands right behind the page's. */
export function createReadScreenshotRecord(segments: SegmentStore, onDamage?: OnDamage): ReadScreenshotRecord {
  return async ({ id, page }) => {
    if (page?.screenshotLength === undefined) return undefined;
    const { segment, screenshotLength: length, screenshotCrc32 } = page;
    const offset = page.offset + page.length;
    const read = async () => {
      const bytes = await segments.read(segment, offset, length);
      const image = checkedScreenshotRecord(bytes, screenshotCrc32);
      return { head: bytes.subarray(0, bytes.length - RECORD_END_BYTES - image.length), image };
    };
    return undamaged({ jobId: id, segment, offset, length }, read, onDamage);
  };
}

export function createReadScreenshot(segments: SegmentStore, onDamage?: OnDamage): ReadScreenshot {
  const read = createReadScreenshotRecord(segments, onDamage);
  return async (job) => (await read(job))?.image;
}
