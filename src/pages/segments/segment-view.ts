import type { SegmentEntry, SegmentStore } from './segment-store';

/** A segment is at most 8 MB and a little, unless one page alone is more. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;

/**
 * The same store for whoever reads one segment from its beginning to its end: it is read at once, where it is not too large for that,
 * and every record then costs no request of its own. What cannot be had that way is asked of the store itself, which says why.
 */
export function viewOf(segments: SegmentStore, { key, bytes }: SegmentEntry): SegmentStore {
  if (bytes > MAX_WHOLE_BYTES) return segments;
  let whole: Promise<Buffer | undefined> | undefined;
  return {
    ...segments,
    read: async (segment, offset, length) => {
      if (segment === key) {
        whole ??= segments.read(key, 0, bytes).catch(() => undefined);
        const end = offset + length;
        const found = await whole;
        if (found !== undefined && offset >= 0 && length >= 0 && end <= found.length)
          return found.subarray(offset, end);
      }
      return segments.read(segment, offset, length);
    },
  };
}
