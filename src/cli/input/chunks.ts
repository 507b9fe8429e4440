import type { BatchLine } from './parse-input';

/** Most URLs that the service takes as one batch. */
export const MAX_LINES = 50_000;
/** Less than what the service takes (64 MB), because it counts what the query adds, too. */
const MAX_BYTES = 60 * 1024 * 1024;

/** Splits lines into batches, always in the same way. */
export function chunksOf(
  lines: readonly BatchLine[],
  { maxLines = MAX_LINES, maxBytes = MAX_BYTES } = {},
): BatchLine[][] {
  const chunks: BatchLine[][] = [];
  let current: BatchLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    const length = Buffer.byteLength(JSON.stringify(line)) + 1;
    if (current.length > 0 && (current.length === maxLines || bytes + length > maxBytes)) {
      chunks.push(current);
      [current, bytes] = [[], 0];
    }
    current.push(line);
    bytes += length;
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}
