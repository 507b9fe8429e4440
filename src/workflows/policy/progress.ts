import type { ChunkEnding } from '../../jobs/chunk-range';
import type { SweepRest } from '../workflow-io';

/**
 * Texts for `setCurrentDetails`, which Temporal's Web UI shows as Markdown. They are no part of a history: a worker that is asked makes
 * them by a replay.
 */

export type EndCounts = Pick<ChunkEnding, 'finished' | 'failed' | 'cancelled'>;

export const NO_ENDS: EndCounts = { finished: 0, failed: 0, cancelled: 0 };

/** @param more undefined when a workflow ended without telling */
export const sumOf = (counts: EndCounts, more: Partial<EndCounts> | undefined): EndCounts => ({
  finished: counts.finished + (more?.finished ?? 0),
  failed: counts.failed + (more?.failed ?? 0),
  cancelled: counts.cancelled + (more?.cancelled ?? 0),
});

const endsIn = ({ finished, failed, cancelled }: EndCounts): number => finished + failed + cancelled;

const listed = ({ finished, failed, cancelled }: EndCounts): string =>
  `${finished} finished, ${failed} failed, ${cancelled} cancelled`;

export interface ChildrenProgress {
  /** Child workflows. */
  readonly total: number;
  readonly ended: number;
  readonly counts: EndCounts;
}

/** Progress of a batch, as of the last end of one of its chunks or ranges of chunks. */
export const batchProgress = ({ total, ended, counts }: ChildrenProgress): string =>
  `${ended} of ${total} chunk workflows have ended, with ${endsIn(counts)} URLs: ${listed(counts)}.`;

/** Progress of what runs a workflow per URL. */
export const jobsProgress = ({ total, ended, counts }: ChildrenProgress): string =>
  `${ended} of ${total} jobs have ended: ${listed(counts)}.`;

/** Progress of a chunk or a range of chunks. */
export const rangeProgress = (counts: ChunkEnding): string =>
  `${endsIn(counts)} of ${counts.total} URLs have ended: ${listed(counts)}.`;

/** Progress of a range that is swept, as of the end of a sweep. */
export function sweepProgress(
  rest: Omit<SweepRest, 'promotable'>,
  sweep: {
    /** URLs that have got a workflow of their own by now. */
    readonly promoted: number;
    readonly atMs: number;
    readonly isLast: boolean;
  },
): string {
  const { counts, unfinished, isPaused, nextAtMs } = rest;
  const sentences = [
    counts === undefined ? `${unfinished} URLs are left.` : rangeProgress(counts),
    ...(sweep.promoted > 0 ? [`In lasting trouble, with a workflow of their own: ${sweep.promoted}.`] : []),
    ...(isPaused === true ? ['The batch is paused.'] : []),
    ...(nextAtMs === undefined || sweep.isLast ? [] : [`The next sweep is due at ${timeOf(nextAtMs)}.`]),
  ];
  return `${sentences.join(' ')} As of ${timeOf(sweep.atMs)}.`;
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
