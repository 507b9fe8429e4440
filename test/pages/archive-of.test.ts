import { gunzipSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { archiveOf } from '../../src/pages/archive/archive-of';
import { crc32Of } from '../../src/pages/segments/check-record';
import type { SegmentStore } from '../../src/pages/segments/segment-store';
import { buildSegment, writePageRecord } from '../../src/pages/segments/warc';
import type { StoredPage } from '../../src/store/stored-pages';
import { fetchedPage } from './segments/page-fixture';

const SEGMENT = 'segments/2026/10/05/13/00000000-0000-4000-8000-000000000000.warc';

/** Stored pages with these bodies, and what is read of them. */
function pagesOf(bodies: readonly Buffer[]) {
  const ids = bodies.map((_, at) => `01900000-0000-7000-8000-${String(at).padStart(12, '0')}`);
  const records = bodies.map((body, at) => writePageRecord({ page: { ...fetchedPage(), body }, jobId: ids[at] ?? '' }));
  const { chunks, places } = buildSegment(records);
  const segment = Buffer.concat(chunks);
  const reads: number[] = [];
  const read = async (_key: string, offset: number, length: number) => {
    reads.push(length);
    return segment.subarray(offset, offset + length);
  };
  const stored = places.map((place, at): StoredPage => ({
    id: ids[at] ?? '',
    statusCode: 200,
    page: { segment: SEGMENT, ...place, crc32: crc32Of(records[at] ?? []) },
  }));
  const segments = { read } as Partial<SegmentStore> as SegmentStore; // as: nothing else is used
  async function* listed() {
    yield stored;
  }
  return { reads, parts: archiveOf({ segments, software: 'everfetch/1' }, 'a.warc.gz', listed()) };
}

test('pages are read as they are asked for, so that a slow reader costs no memory', async () => {
  const { reads, parts } = pagesOf(Array.from({ length: 200 }, () => randomBytes(100_000)));
  for (let taken = 0; taken < 3; taken += 1) await parts.next();
  expect(reads.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2_000_000);
  await parts.return(undefined);
  const before = reads.length;
  expect(await parts.next()).toEqual({ done: true, value: undefined });
  expect(reads).toHaveLength(before);
});

test('a large page is read in parts, and never stands in memory as a whole', async () => {
  const body = randomBytes(5_000_000);
  const { reads, parts } = pagesOf([Buffer.from('small'), body, Buffer.from('small, too')]);
  const members: Buffer[] = [];
  for await (const part of parts) {
    expect(part.length).toBeLessThan(300_000);
    members.push(part);
  }
  expect(Math.max(...reads)).toBe(256 * 1024);
  const file = gunzipSync(Buffer.concat(members));
  expect(file.includes(body)).toBe(true);
  expect(file.toString('latin1')).toMatch(/pages: 3\r\nscreenshots: 0\r\ndamaged: 0\r\n\r\n\r\n$/);
});

test('neighbours are read together', async () => {
  const { reads, parts } = pagesOf(Array.from({ length: 50 }, (_, at) => Buffer.from(`page ${at}`)));
  let bytes = 0;
  for await (const part of parts) bytes += part.length;
  expect(bytes).toBeGreaterThan(5_000);
  expect(reads).toHaveLength(1);
});
