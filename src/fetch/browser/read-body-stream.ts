import type { CDPSession } from 'playwright-core';

const CHUNK_BYTES = 1024 * 1024;

/** The body of a paused answer, unpacked; undefined when it is larger than the limit. Afterwards the request can only be failed or fulfilled. */
export async function readBodyStream(
  session: CDPSession,
  requestId: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const { stream: handle } = await session.send('Fetch.takeResponseBodyAsStream', { requestId });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { data, eof, base64Encoded } = await session.send('IO.read', { handle, size: CHUNK_BYTES });
    const chunk = Buffer.from(data, base64Encoded === true ? 'base64' : 'utf8');
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes || eof) break;
  }
  await session.send('IO.close', { handle });
  return bytes > maxBytes ? undefined : Buffer.concat(chunks);
}
