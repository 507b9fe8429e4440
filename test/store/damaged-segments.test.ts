import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { batchMemberId, createBatchId } from '../../src/jobs/job-id';
import type { FetchedPage } from '../../src/jobs/fetch-outcome';
import { presentResponse } from '../../src/pages/present-response';
import { insertBatch } from '../../src/store/batches';
import { Committer } from '../../src/pages/committer';
import { findJob, findJobs } from '../../src/store/jobs';
import type { StoredJob } from '../../src/store/jobs';
import { createOpenPage } from '../../src/pages/open-page';
import type { PageDamagedError } from '../../src/pages/undamaged';
import { createReadResponse } from '../../src/pages/read-response';
import { createReadScreenshot } from '../../src/pages/read-screenshot';
import { readTogether } from '../../src/pages/segments/read-together';
import { base32 } from '../../src/pages/segments/warc';
import type { SegmentStore } from '../../src/pages/segments/segment-store';
import { SegmentMissingError, SegmentTruncatedError } from '../../src/pages/segments/segment-store';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';
import { fetchedPage } from '../pages/segments/page-fixture';

/** Segments in memory that can be damaged at will; they fail as the real ones do. */
function memorySegments() {
  const files = new Map<string, Buffer>();
  const segments: SegmentStore = {
    write: async (key, chunks) => void files.set(key, Buffer.concat([...chunks])),
    read: async (key, offset, length) => {
      const file = files.get(key);
      if (file === undefined) throw new SegmentMissingError(key);
      const bytes = file.subarray(offset, offset + length);
      if (bytes.length < length) throw new SegmentTruncatedError(key, offset, length, bytes.length);
      return Buffer.from(bytes);
    },
    listHours: async () => [],
    listSegments: async function* () {},
    removeHour: async () => undefined,
    erase: async () => undefined,
    check: async () => undefined,
  };
  return { files, segments };
}

let db: TestDatabase;
let jobs: StoredJob[];
let stored: ReturnType<typeof memorySegments>;
let segment: string;
/** Pages as an undamaged segment gives them. */
let expected: readonly Shown[];

const filler = (bytes: number) =>
  Buffer.concat(Array.from({ length: bytes / 32 }, (_, index) => createHash('sha256').update(`${index}`).digest()));
const PAGES: readonly Partial<FetchedPage>[] = [
  {},
  { body: Buffer.alloc(0), statusCode: 204, statusText: 'No Content' },
  { body: gzipSync('<p>zipped</p>'), headers: [['Content-Encoding', 'gzip']] },
  { body: Buffer.from('{"title":"Shop"}'), headers: [['Content-Type', 'application/json']], isConverted: true },
  { body: filler(20_480), headers: [['Content-Type', 'application/octet-stream']] },
  { body: filler(300 * 1_024), headers: [['Content-Type', 'application/octet-stream']] },
  { screenshot: filler(4_096) },
  { body: Buffer.from('<p>a</p>') },
  { body: Buffer.from('<p>b</p>') }, // as long as the one before
];

beforeAll(async () => {
  db = await createTestDatabase();
  const apiKeyId = await addDefaultKey(db.database);
  const batchId = createBatchId();
  const createdAt = new Date();
  await db.database.transaction((tx) =>
    insertBatch(tx, {
      ...{ id: batchId, apiKeyId, options: {}, fanOut: 'sweep', createdAt },
      urls: PAGES.map((_, index) => `https://a.example/${index}`),
      prices: PAGES.map(() => 1),
      deadlineAt: new Date(createdAt.getTime() + 60_000),
    }),
  );
  const ids = PAGES.map((_, index) => batchMemberId(batchId, index));
  const open = await findJobs(db.database, ids);
  stored = memorySegments();
  const committer = new Committer({ database: db.database, segments: stored.segments, onDeliveries: () => undefined });
  const commit = (id: string, changes: Partial<FetchedPage>) => {
    const job = open.get(id);
    if (job === undefined) throw new Error('no such member');
    const page = fetchedPage(changes);
    const end = { job, status: 'finished', attempts: 1, statusCode: page.statusCode } as const;
    return committer.commit({ kind: 'end', end, page });
  };
  // The first page is written at once, and the others together behind it.
  await Promise.all(PAGES.map((changes, index) => commit(ids[index] ?? '', changes)));
  jobs = await Promise.all(ids.map(async (id) => (await findJob(db.database, id)) ?? Promise.reject(new Error(id))));
  segment = jobs.at(-1)?.page?.segment ?? '';
  expected = await Promise.all(jobs.map((job) => shown(job, stored.segments)));
});
afterAll(() => db.drop());

interface Shown {
  readonly response: unknown;
  readonly opened: unknown;
  readonly screenshot: unknown;
}

/** @returns `damaged`, or a digest of what is given out */
async function outcomeOf(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return createHash('sha256').update(JSON.stringify(await read()) ?? '').digest('hex'); // prettier-ignore
  } catch (error) {
    if ((error as Error).name === 'PageDamagedError') return 'damaged';
    throw error;
  }
}

async function shown(job: StoredJob, segments: SegmentStore): Promise<Shown> {
  const readResponse = createReadResponse({ segments, present: presentResponse });
  const open = async () => {
    const opened = await createOpenPage(segments)(job);
    const parts: Buffer[] = [];
    for await (const part of opened?.body() ?? []) parts.push(part);
    // The head of the record differs between versions.
    return { ...opened, heads: opened?.heads.http.toString('base64'), body: Buffer.concat(parts).toString('base64') };
  };
  return {
    response: await outcomeOf(() => readResponse(job, { withBody: true })),
    opened: await outcomeOf(open),
    screenshot: await outcomeOf(async () => (await createReadScreenshot(segments)(job))?.toString('base64') ?? ''),
  };
}

type Damage = (file: Buffer) => Buffer;

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (file: Buffer, share: number) => Math.floor(share * file.length);
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([share, bit]): Damage => (file) => {
    const copy = Buffer.from(file);
    copy[at(file, share)]! ^= 1 << bit;
    return copy;
  }),
  place.map((share): Damage => (file) => file.subarray(0, at(file, share))),
  place.map((share): Damage => (file) => Buffer.concat([file.subarray(0, at(file, share)), Buffer.alloc(file.length - at(file, share))])),
  fc.tuple(place, fc.integer({ min: 1, max: 4_096 })).map(([share, bytes]): Damage => (file) => Buffer.concat([file.subarray(0, at(file, share)), file.subarray(at(file, share) + bytes)])),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 64 })).map(([share, bytes]): Damage => (file) => Buffer.concat([file.subarray(0, at(file, share)), bytes, file.subarray(at(file, share))])),
  fc.tuple(place, place, fc.integer({ min: 1, max: 2_048 })).map(([from, to, bytes]): Damage => (file) => {
    const copy = Buffer.from(file);
    file.copy(copy, at(file, to), at(file, from), at(file, from) + bytes);
    return copy;
  }),
); // prettier-ignore

/** Places near the heads of records are tried on purpose, because most bytes belong to the largest page. */
const nearHead = fc.tuple(fc.nat(PAGES.length - 1), fc.integer({ min: -8, max: 700 }), fc.integer({ min: 0, max: 7 }));

test('whatever happens to a segment, its pages are the ones that were stored or none', async () => {
  const file = stored.files.get(segment) ?? Buffer.alloc(0);
  let damaged = 0;
  const check = async (spoiled: Buffer) => {
    const { files, segments } = memorySegments();
    for (const [key, bytes] of stored.files) files.set(key, key === segment ? spoiled : bytes);
    for (const [index, job] of jobs.entries()) {
      const found = await shown(job, segments);
      for (const what of ['response', 'opened', 'screenshot'] as const) {
        if (found[what] === 'damaged') damaged += 1;
        else expect(found[what]).toBe(expected[index]?.[what]);
      }
    }
  };
  await fc.assert(
    fc.asyncProperty(damage, (spoil) => check(spoil(file))),
    { numRuns: 150, seed: 13 },
  );
  await fc.assert(
    fc.asyncProperty(nearHead, ([index, behind, bit]) => {
      const { offset = 0, segment: of = '' } = jobs[index]?.page ?? {};
      const copy = Buffer.from(file);
      if (of === segment) copy[Math.max(0, offset + behind)]! ^= 1 << bit;
      return check(copy);
    }),
    { numRuns: 300, seed: 7 },
  );
  expect(damaged).toBeGreaterThan(300);
});

test('every single bit of a small page counts, its heads included', async () => {
  const job = jobs[7];
  if (job?.page === undefined) throw new Error('no page');
  const { offset, length } = job.page;
  const file = stored.files.get(segment) ?? Buffer.alloc(0);
  const { files, segments } = memorySegments();
  for (let bit = 0; bit < 8 * length; bit += 1) {
    const copy = Buffer.from(file);
    copy[offset + (bit >> 3)]! ^= 1 << (bit & 7);
    files.set(segment, copy);
    const { response, opened } = await shown(job, segments);
    expect([bit, response, opened]).toEqual([bit, 'damaged', 'damaged']);
  }
});

test('a place that is not its own is no page of a job, not even where a whole record stands', async () => {
  const [a, b] = [jobs[7], jobs[8]];
  if (a?.page === undefined || b?.page === undefined) throw new Error('no page');
  expect(a.page.length).toBe(b.page.length);
  const { crc32: _crc32, ...withoutChecksum } = b.page;
  const places = [
    { ...a.page, offset: b.page.offset },
    { ...b.page },
    withoutChecksum,
    { ...a.page, offset: a.page.offset + 1 },
    { ...a.page, offset: -1 },
    { ...a.page, offset: 1e9 },
    { ...a.page, length: a.page.length - 1 },
    { ...a.page, length: 0 },
    { ...a.page, segment: a.page.segment.replace(/\/[0-9a-f]{8}-/, '/00000000-') },
  ];
  for (const page of places) {
    const { response, opened } = await shown({ ...a, page }, stored.segments);
    expect([page, response, opened]).toEqual([page, 'damaged', 'damaged']);
  }
});

/** Adds the payload digest that a record had before there were checksums. */
function withDigest(record: Buffer): Buffer {
  const start = record.indexOf('\r\n\r\n') + 4;
  const content = record.subarray(start, -4);
  const payload = record.includes('WARC-Type: resource') ? content : content.subarray(content.indexOf('\r\n\r\n') + 4);
  const digest = base32(createHash('sha1').update(payload).digest());
  return Buffer.concat([
    record.subarray(0, start - 2),
    Buffer.from(`WARC-Payload-Digest: sha1:${digest}\r\n\r\n`),
    record.subarray(start),
  ]);
}

test('what was stored before there were checksums is known by its payload digest, its status and its job', async () => {
  const newFile = stored.files.get(segment) ?? Buffer.alloc(0);
  for (const [index, job] of jobs.entries()) {
    if (job.page === undefined || job.page.segment !== segment) continue;
    const { offset, length, screenshotLength } = job.page;
    const pageRecord = withDigest(newFile.subarray(offset, offset + length));
    const image = newFile.subarray(offset + length, offset + length + (screenshotLength ?? 0));
    const imageRecord = screenshotLength === undefined ? image : withDigest(image);
    const before = Buffer.from('the record of another page');
    const file = Buffer.concat([before, pageRecord, imageRecord]);
    const page = {
      ...{ segment, offset: before.length, length: pageRecord.length },
      ...(screenshotLength !== undefined && { screenshotLength: imageRecord.length }),
    };
    const old = { ...job, page };
    const { files, segments } = memorySegments();
    files.set(segment, file);
    expect(await shown(old, segments)).toEqual(expected[index]);
    const spoilt = async (offset: number) => {
      const copy = Buffer.from(file);
      copy[offset]! ^= 1;
      files.set(segment, copy);
      return shown(old, segments);
    };
    const end = page.offset + page.length;
    const status = file.indexOf('HTTP/1.1 ', page.offset) + 'HTTP/1.1 20'.length;
    const isEmpty = PAGES[index]?.body?.length === 0;
    for (const at of [page.offset, status, ...(isEmpty ? [] : [end - 5])])
      expect(await spoilt(at)).toMatchObject({ response: 'damaged', opened: 'damaged' });
    if (page.screenshotLength !== undefined)
      expect(await spoilt(end + page.screenshotLength - 5)).toMatchObject({ screenshot: 'damaged' });
  }
});

test('a damaged page takes no neighbour along that is read together with it', async () => {
  const { files, segments } = memorySegments();
  const neighbours = jobs.slice(6);
  const last = neighbours.at(-1)?.page;
  files.set(segment, (stored.files.get(segment) ?? Buffer.alloc(0)).subarray(0, (last?.offset ?? 0) + 10));
  const records = readTogether(segments, neighbours.map(({ page }) => page)); // prettier-ignore
  const readResponse = createReadResponse({ segments, present: presentResponse });
  const outcomes = await Promise.all(
    neighbours.map((job, index) => outcomeOf(() => readResponse(job, { withBody: true, record: records[index] }))),
  );
  expect(outcomes).toEqual([...expected.slice(6, -1).map(({ response }) => response), 'damaged']);
});

test('trouble of a moment is no damage, and what was found is told once a reading', async () => {
  const [job] = jobs;
  if (job?.page === undefined) throw new Error('no page');
  const told: PageDamagedError[] = [];
  let spoiled = 1;
  const flaky: SegmentStore = {
    ...stored.segments,
    read: async (...range) => {
      const bytes = await stored.segments.read(...range);
      if (spoiled-- > 0) bytes[0] = 0;
      return bytes;
    },
  };
  const readResponse = createReadResponse({ segments: flaky, present: presentResponse, onDamage: (error) => told.push(error) }); // prettier-ignore
  await readResponse(job, { withBody: true });
  expect(told).toEqual([]);
  spoiled = 2;
  await expect(readResponse(job, { withBody: true })).rejects.toThrow('expected a record with CRC-32');
  const { segment: key, offset, length } = job.page;
  expect(told.map(({ place: found, isMissing }) => ({ found, isMissing }))).toEqual([
    { found: { jobId: job.id, segment: key, offset, length }, isMissing: false },
  ]);
  const away = Object.assign(new Error('the bucket is away'), { name: 'StoreUnavailableError' });
  const gone: SegmentStore = { ...stored.segments, read: () => Promise.reject(away) };
  await expect(createOpenPage(gone)(job)).rejects.toBe(away);
});
