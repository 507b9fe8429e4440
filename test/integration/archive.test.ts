import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { WARCParser } from 'warcio';
import { crc32Of } from '../../src/pages/segments/check-record';
import { createFsSegmentStore } from '../../src/pages/segments/fs-segment-store';
import { segmentKey } from '../../src/pages/segments/segment-store';
import { base32, buildSegment, writePageRecord, writeScreenshotRecord } from '../../src/pages/segments/warc';
import { fetchedPage } from '../pages/segments/page-fixture';
import { startOrigin } from '../support/origin';
import { pythonWith } from '../support/python';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let python: string | undefined;
let service: TestService;
let folder: string;
beforeAll(async () => {
  python = pythonWith('warc-readers');
  service = await startTestService({ env: { BROWSER: 'off' } });
  folder = await mkdtemp(join(tmpdir(), 'everfetch-archive-'));
}, 300_000);
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

const large = randomBytes(3_000_000);
const html = Buffer.from('<!doctype html><title>Grüße</title><h1>Heading</h1>'.repeat(20));
const PAGES: Record<string, { headers: Record<string, string>; body: Buffer }> = {
  '/plain': { headers: { 'content-type': 'text/html; charset=utf-8' }, body: html },
  '/gzip': { headers: { 'content-type': 'text/html', 'content-encoding': 'gzip' }, body: gzipSync(html) },
  '/large': { headers: { 'content-type': 'application/octet-stream' }, body: large },
  '/empty': { headers: { 'content-type': 'text/plain', 'content-length': '0' }, body: Buffer.alloc(0) },
  ...Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [
      `/${at}`,
      { headers: { 'content-type': 'text/plain' }, body: Buffer.from(`page ${at}`) },
    ]),
  ),
};

const startPages = () =>
  startOrigin((req, res) => {
    const page = PAGES[req.url ?? ''];
    if (page === undefined) return void res.writeHead(500).end();
    res.writeHead(200, page.headers).end(page.body);
  });

/** A finished batch. */
async function batchOf(urls: readonly string[], more = {}): Promise<{ id: string; jobs: string[] }> {
  const answer = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, fanOut: 'sweep', ...more });
  const id = answer.headers.get('x-batch-id') ?? '';
  await waitFor(
    async () => (await service.call('GET', `/batches/${id}?api_key=${TEST_KEY}`)).body.status === 'finished',
  );
  return { id, jobs: answer.body.map((job: { id: string }) => job.id) };
}

async function download(path: string): Promise<string> {
  const answer = await fetch(`${service.url}${path}?api_key=${TEST_KEY}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip']);
  const file = join(folder, path.split('/')[2] + '.warc.gz');
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${path.split('/')[2]}.warc.gz"`);
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), createWriteStream(file));
  return file;
}

interface Found {
  readonly type: string;
  readonly header: (name: string) => string | undefined;
  readonly payload: Buffer;
}

async function recordsIn(file: string): Promise<Found[]> {
  const found: Found[] = [];
  for await (const record of new WARCParser(createReadStream(file))) {
    const payload = Buffer.from(await record.readFully(false));
    const type = record.warcType ?? '';
    found.push({ type, payload, header: (name) => record.warcHeader(name) ?? undefined });
  }
  return found;
}

const sha1 = (bytes: Buffer): string => `sha1:${base32(createHash('sha1').update(bytes).digest())}`;

/** What Python's warcio says of a file, and what pywb's indexer finds in it. */
async function readByOthers(file: string) {
  if (python === undefined) return undefined;
  const run = (module: string, ...args: string[]) => promisify(execFile)(python ?? '', ['-m', module, ...args, file]);
  await run('warcio.cli', 'check'); // exits with 1 when a digest is wrong
  const list = await promisify(execFile)(python, ['-c', LIST, file]);
  const index = await run('pywb.indexer.cdxindexer', '-j');
  return {
    records: JSON.parse(list.stdout) as { type: string; id: string; uri: string | null; sha1: string }[],
    indexed: index.stdout
      .split('\n')
      .flatMap((line) =>
        line.includes(' {')
          ? [JSON.parse(line.slice(line.indexOf('{'))) as { url: string; digest: string; status: string }]
          : [],
      ),
  };
}

const LIST = `
import hashlib, json, sys
from warcio.archiveiterator import ArchiveIterator
with open(sys.argv[1], 'rb') as stream:
    print(json.dumps([{
        'type': record.rec_type,
        'id': record.rec_headers.get_header('WARC-Record-ID'),
        'uri': record.rec_headers.get_header('WARC-Target-URI'),
        'sha1': hashlib.sha1(record.raw_stream.read()).hexdigest(),
    } for record in ArchiveIterator(stream)]))
`;

test('the archive of a batch holds every page once, as it was sent, and independent readers agree', async () => {
  const origin = await startPages();
  const urls = Object.keys(PAGES).map((path) => origin.url + path);
  const { id, jobs } = await batchOf(urls);
  const file = await download(`/batches/${id}/archive.warc.gz`);
  const records = await recordsIn(file);
  const [info] = records;
  expect(info).toMatchObject({ type: 'warcinfo' });
  expect(info?.payload.toString()).toMatch(
    /^software: everfetch\/\d+\.\d+\.\d+.*\r\nformat: WARC File Format 1\.1\r\n/,
  );
  expect(info?.header('WARC-Filename')).toBe(`${id}.warc.gz`);
  expect(records.at(-1)).toMatchObject({ type: 'metadata' });
  expect(records.at(-1)?.payload.toString()).toBe(`pages: ${urls.length}\r\nscreenshots: 0\r\ndamaged: 0\r\n`);
  const pages = records.slice(1, -1);
  expect(pages.map((page) => page.header('WARC-Record-ID')).sort()).toEqual(
    jobs.map((job) => `<urn:uuid:${job}>`).sort(),
  );
  for (const page of pages) {
    const { body } = PAGES[new URL(page.header('WARC-Target-URI') ?? '').pathname] ?? { body: undefined };
    expect(page.payload.equals(body ?? Buffer.from('no such page'))).toBe(true);
    expect(page.header('WARC-Payload-Digest')).toBe(sha1(page.payload));
    expect(page.header('WARC-Warcinfo-ID')).toBe(info?.header('WARC-Record-ID'));
  }
  const others = await readByOthers(file);
  if (others === undefined) return;
  expect(others.records.map((record) => record.type)).toEqual(records.map((record) => record.type));
  const hex = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex');
  for (const [index, record] of others.records.entries())
    expect([record.id, record.sha1]).toEqual([
      records[index]?.header('WARC-Record-ID'),
      hex(records[index]?.payload ?? html),
    ]);
  expect(others.indexed.map((line) => line.url).sort()).toEqual([...urls].sort());
  expect(others.indexed.map((line) => `sha1:${line.digest.replace('sha1:', '')}`).sort()).toEqual(
    pages.map((page) => sha1(page.payload)).sort(),
  );
});

test('converted pages and screenshots are in it, each with its digest, and a shared page is in it once', async () => {
  const origin = await startPages();
  const { id, jobs } = await batchOf([`${origin.url}/plain`, `${origin.url}/gzip`], { output_format: 'markdown' });
  // A screenshot as if a browser had made it, because the tests may run without one.
  const [withShot = '', copy = ''] = jobs;
  const screenshot = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(2_000)]);
  const written = [
    writePageRecord({ page: fetchedPage(), jobId: withShot }),
    writeScreenshotRecord(fetchedPage(), screenshot),
  ];
  const { chunks, places } = buildSegment(written);
  const key = segmentKey(new Date(), randomUUID());
  await createFsSegmentStore(join(service.dataDir, 'pages')).write(key, chunks);
  await service.db.database.query(
    `update jobs set segment = $3, segment_offset = 0, segment_length = $4, screenshot_length = $5, page_crc32 = $6, screenshot_crc32 = $7,
       page_owner = nullif($1, id) where id in ($1, $2)`,
    [withShot, copy, key, places[0]?.length, places[1]?.length, ...written.map((record) => crc32Of(record))],
  );
  const both = await download(`/batches/${id}/archive.warc.gz`);
  await readByOthers(both);
  const records = await recordsIn(both);
  expect(records.map((record) => record.type)).toEqual(['warcinfo', 'response', 'resource', 'metadata']);
  const shot = records[2];
  expect(shot?.payload.equals(screenshot)).toBe(true);
  expect(shot?.header('WARC-Payload-Digest')).toBe(sha1(screenshot));
  expect(shot?.header('WARC-Concurrent-To')).toBe(`<urn:uuid:${withShot}>`);

  const single = await service.call('POST', '/jobs', {
    apiKey: TEST_KEY,
    url: `${origin.url}/plain`,
    output_format: 'text',
  });
  await waitFor(async () => (await service.call('GET', `/jobs/${single.body.id}`)).body.status === 'finished');
  const file = await download(`/jobs/${single.body.id}/archive.warc.gz`);
  expect((await recordsIn(file)).map((record) => record.type)).toEqual(['warcinfo', 'conversion', 'metadata']);
  const others = await readByOthers(file);
  if (others !== undefined) expect(others.records[1]).toMatchObject({ type: 'conversion', uri: `${origin.url}/plain` });
});

test('damaged pages are left out and counted, and the others are whole', async () => {
  const origin = await startPages();
  const { id, jobs } = await batchOf([`${origin.url}/1`, `${origin.url}/large`, `${origin.url}/2`]);
  const [row] = await service.db.database.query<{ segment: string; segment_offset: number }>(
    'select segment, segment_offset from jobs where id = $1',
    [jobs[0]],
  );
  const segment = await open(join(service.dataDir, 'pages', row?.segment ?? ''), 'r+');
  await segment.write(Buffer.from('X'), 0, 1, (row?.segment_offset ?? 0) + 30);
  await segment.close();
  const file = await download(`/batches/${id}/archive.warc.gz`);
  const records = await recordsIn(file);
  expect(records.slice(1, -1).map((record) => record.header('WARC-Record-ID')).sort()).toEqual(jobs.slice(1).map((job) => `<urn:uuid:${job}>`).sort()); // prettier-ignore
  expect(records.at(-1)?.payload.toString()).toBe('pages: 2\r\nscreenshots: 0\r\ndamaged: 1\r\n');
  await readByOthers(file);
});

test("a key is needed, another key's objects do not exist, and what has no page has no archive", async () => {
  const origin = await startPages();
  const { id, jobs } = await batchOf([`${origin.url}/1`]);
  await service.db.database.query("insert into api_keys (name, key_hash) values ('other', sha256('other-key'::bytea))");
  for (const path of [`/batches/${id}/archive.warc.gz`, `/jobs/${jobs[0]}/archive.warc.gz`]) {
    expect(await service.call('GET', path)).toMatchObject({ status: 401, body: { code: 'missing_api_key' } });
    expect(await service.call('GET', `${path}?api_key=other-key`)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    expect(await service.call('GET', `${path}?api_key=${TEST_KEY}&colour=red`)).toMatchObject({ status: 400 });
    const head = await fetch(`${service.url}${path}?api_key=${TEST_KEY}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/gzip']);
  }
  const running = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: `${origin.url}/broken` });
  const none = await service.call('GET', `/jobs/${running.body.id}/archive.warc.gz?api_key=${TEST_KEY}`);
  expect([none.status, none.headers.has('retry-after')]).toEqual([404, true]);
  await service.call('DELETE', `/jobs/${running.body.id}`);
});
