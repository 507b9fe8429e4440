import type { Database } from '../store/database';
import { createPace } from '../async/work-pace';
import {
  purgeCallbacks,
  purgeExpiredIds,
  purgeIdempotencyKeys,
  purgeProxyScores,
  purgeRows,
  purgeUsageHours,
} from '../store/purge';
import { purgeHostPacing } from '../store/host-pacing';
import { purgeSessions } from '../store/sessions';
import { purgeSegments } from '../pages/purge-segments';
import type { SegmentStore } from '../pages/segments/segment-store';
import type { Activities } from '../workflows/workflow-io';
import type { WorkOf } from './as-activity';

export interface PurgeDeps {
  readonly database: Database;
  readonly segments: SegmentStore;
  readonly retentionMs: number;
}

const MINUTE_MS = 60_000;
/** A round ends before the time-out of its activity (1 h) and leaves time for the segments; the next round goes on where it stopped. */
const MAX_ROWS_MS = 40 * MINUTE_MS;
const MAX_ROUND_MS = 50 * MINUTE_MS;

/** Rests nine times as long as it works. That removes a million rows within minutes without slowing submissions (bench/retention.ts). */
const REST_FACTOR = 9;

/** Removes what is older than the retention: first rows, in small groups, then the segments that no row can point to. */
export function createPurge(deps: PurgeDeps): WorkOf<Activities['purge']> {
  return async function purge({ signal, heartbeat }) {
    const startedAt = Date.now();
    const paceFor = (durationMs: number) =>
      createPace({ restFactor: REST_FACTOR, endsAtMs: startedAt + durationMs, signal, onStep: heartbeat });
    const cutoff = new Date(startedAt - deps.retentionMs);
    const rows = paceFor(MAX_ROWS_MS);
    await purgeRows(deps.database, cutoff, rows);
    await purgeCallbacks(deps.database, cutoff, rows);
    await purgeIdempotencyKeys(deps.database, rows);
    await purgeExpiredIds(deps.database, deps.retentionMs, rows);
    await purgeUsageHours(deps.database, rows);
    await purgeProxyScores(deps.database, rows);
    await purgeSessions(deps.database);
    await purgeHostPacing(deps.database, rows);
    const hours = await purgeSegments(deps.database, deps.segments, cutoff, paceFor(MAX_ROUND_MS));
    return { segmentHours: hours.length };
  };
}
