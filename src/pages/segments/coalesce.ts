/** Joins neighbours up to about `partBytes`, so that a segment of many small chunks costs few system calls. Large chunks are not copied. */
export function* coalesce(chunks: readonly Buffer[], partBytes: number): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for (const chunk of chunks) {
    if (waiting.length > 0 && waitingBytes + chunk.length > partBytes) {
      yield joined(waiting, waitingBytes);
      waiting = [];
      waitingBytes = 0;
    }
    waiting.push(chunk);
    waitingBytes += chunk.length;
  }
  if (waitingBytes > 0) yield joined(waiting, waitingBytes);
}

function joined(chunks: readonly Buffer[], totalBytes: number): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, totalBytes);
}
