import { heartbeat } from '@temporalio/activity';
import type { Database } from '../store/database';
import { purgeIdempotencyKeys } from '../store/idempotency';
import { purgeExpiredIds, purgeRows, purgeSegments } from '../store/purge';
import type { SegmentStore } from '../store/segments/segment-store';
import { toFailure } from './failures';

export interface PurgeDeps {
  readonly database: Database;
  readonly segments: SegmentStore;
  readonly retentionMs: number;
}

/** Removes what is older than the retention, rows in small groups first, then the segments that no row can point to. */
export function createPurge(deps: PurgeDeps): () => Promise<{ readonly segmentHours: number }> {
  return async function purge() {
    try {
      const cutoff = new Date(Date.now() - deps.retentionMs);
      while (await purgeRows(deps.database, cutoff)) heartbeat();
      await purgeIdempotencyKeys(deps.database);
      await purgeExpiredIds(deps.database, deps.retentionMs);
      const hours = await purgeSegments(deps.database, deps.segments, cutoff);
      return { segmentHours: hours.length };
    } catch (error) {
      throw toFailure(error);
    }
  };
}
