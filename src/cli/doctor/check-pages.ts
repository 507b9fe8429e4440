import type { Config } from '../../config/config';
import { createSegmentStore } from '../../service/create-segment-store';
import { bucketAt } from '../../service/servers-of';
import { fail, ok } from './finding';
import type { Finding } from './finding';

/** Checks the bucket of the pages. A folder of pages is checked with its disk. */
export async function checkPages(config: Config): Promise<readonly Finding[]> {
  if (config.segments.kind === 'fs') return [];
  const { what, probe, advice } = bucketAt(config.segments, createSegmentStore(config));
  const reach = await probe();
  return reach.kind === 'ready'
    ? [ok('pages', `${what} can be written and read`)]
    : [fail('pages', `${what} cannot be used: ${reach.why}`, reach.kind === 'refused' ? reach.advice : advice)];
}
