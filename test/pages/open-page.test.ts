import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredJob } from '../../src/store/jobs';
import { createOpenPage } from '../../src/pages/open-page';
import { createFsSegmentStore } from '../../src/pages/segments/fs-segment-store';
import type { SegmentStore } from '../../src/pages/segments/segment-store';
import { crc32Of } from '../../src/pages/segments/check-record';
import { segmentKey } from '../../src/pages/segments/segment-store';
import { RECORD_END_BYTES, buildSegment, parsePageRecord, writePageRecord } from '../../src/pages/segments/warc';
import type { FetchedPage } from '../../src/jobs/fetch-outcome';
import { JOB_ID, fetchedPage } from './segments/page-fixture';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'everfetch-open-page-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const KILOBYTE = 1024;

/** Puts the page between two others in a segment, and notes the lengths of the ranges that are read of it. */
async function stored(changes: Partial<FetchedPage>) {
  const files = createFsSegmentStore(root);
  const other = writePageRecord({ page: fetchedPage(), jobId: JOB_ID });
  const record = writePageRecord({ page: fetchedPage(changes), jobId: JOB_ID });
  const { chunks, places } = buildSegment([other, record, other]);
  const key = segmentKey(new Date(), randomUUID());
  await files.write(key, chunks);
  const reads: number[] = [];
  const segments: SegmentStore = {
    ...files,
    read: (segment, offset, length) => {
      reads.push(length);
      return files.read(segment, offset, length);
    },
  };
  const page = { segment: key, ...(places[1] ?? { offset: 0, length: 0 }), crc32: crc32Of(record) };
  return { openPage: createOpenPage(segments), segments, page, reads, record: Buffer.concat(record) };
}

const jobWith = (page: StoredJob['page']) => ({ id: JOB_ID, ...(page !== undefined && { page }) });

async function bytesOf(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

test.each([
  ['an empty page', { body: Buffer.alloc(0) }],
  ['a small page', {}],
  ['a page of some parts', { body: randomBytes(512 * KILOBYTE + 1) }],
  ['a page that begins beyond the first look', { headers: [['x-long', 'x'.repeat(70 * KILOBYTE)]] }],
  ['a page with a long address', { finalUrl: `https://a.example/?${'x'.repeat(300 * KILOBYTE)}` }],
] as [string, Partial<FetchedPage>][])('%s is the one that was written', async (_what, changes) => {
  const { openPage, page, record } = await stored(changes);
  const opened = await openPage(jobWith(page));
  if (opened === undefined) throw new Error('not opened');
  const { body, bodyBytes, heads, ...rest } = opened;
  const { body: expected, ...head } = parsePageRecord(record);
  expect(rest).toEqual(head);
  expect(bodyBytes).toBe(expected.length);
  const beginning = Buffer.concat([heads.record, heads.http]);
  expect(record.subarray(0, beginning.length).equals(beginning)).toBe(true);
  expect(beginning.length + bodyBytes + RECORD_END_BYTES).toBe(record.length);
  for (let pass = 0; pass < 2; pass += 1) expect((await bytesOf(body())).equals(expected)).toBe(true);
});

test('a large page is read in parts, each when it is asked for', async () => {
  const { openPage, page, reads } = await stored({ body: Buffer.alloc(2_000 * KILOBYTE) });
  const opened = await openPage(jobWith(page));
  // It is read once from its beginning to its end, so that nothing of a damaged page is ever sent.
  expect(reads.reduce((sum, bytes) => sum + bytes)).toBeGreaterThanOrEqual(page.length);
  expect(Math.max(...reads)).toBe(256 * KILOBYTE);
  const before = reads.length;
  const parts = opened?.body()[Symbol.asyncIterator]();
  await parts?.next();
  await parts?.next();
  expect(reads.slice(before)).toEqual([256 * KILOBYTE, 256 * KILOBYTE]);
});

test('a small page is read once', async () => {
  const { openPage, page, reads } = await stored({ body: Buffer.alloc(100 * KILOBYTE) });
  const opened = await openPage(jobWith(page));
  for (let pass = 0; pass < 2; pass += 1)
    for await (const part of opened?.body() ?? []) expect(part).toHaveLength(102_400);
  expect(reads).toEqual([page.length]);
});

test('a large page that changes between its check and its end is not sent to its end', async () => {
  const { segments, page } = await stored({ body: randomBytes(600 * KILOBYTE) });
  let isChanged = false;
  const changing: SegmentStore = {
    ...segments,
    read: async (segment, offset, length) => {
      const bytes = await segments.read(segment, offset, length);
      if (isChanged && bytes.length > 1_000) bytes[1_000] = ~(bytes[1_000] ?? 0);
      return bytes;
    },
  };
  const opened = await createOpenPage(changing)(jobWith(page));
  isChanged = true;
  let sentBytes = 0;
  const send = async () => {
    for await (const part of opened?.body() ?? []) sentBytes += part.length;
  };
  await expect(send()).rejects.toMatchObject({ name: 'PageDamagedError', isMissing: false });
  expect(sentBytes).toBeLessThan(600 * KILOBYTE);
});

test('a page of another job is no page of this one', async () => {
  const { openPage, page } = await stored({});
  await expect(openPage({ id: '0199b6c8-7d10-7abc-8def-0123456789ac', page })).rejects.toThrow(
    'expected the record of job',
  );
});

test('a job without a page has none', async () => {
  const { openPage } = await stored({});
  expect(await openPage(jobWith(undefined))).toBeUndefined();
});

test('what is not exactly one record is refused, without looking for its head for ever', async () => {
  const endless = await stored({ headers: [['x-long', 'x'.repeat(3_000 * KILOBYTE)]] });
  await expect(endless.openPage(jobWith(endless.page))).rejects.toThrow('does not end within');
  expect(Math.max(...endless.reads)).toBe(1_024 * KILOBYTE);
  const { openPage, page } = await stored({ body: Buffer.alloc(100) });
  for (const wrong of [
    { ...page, length: page.length - 1 },
    { ...page, length: page.length + 1 },
    { ...page, offset: page.offset + 1 },
    { ...page, length: 20 },
  ])
    await expect(openPage(jobWith(wrong))).rejects.toThrow(/record|WARC/);
});
