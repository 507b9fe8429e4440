import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm, truncate } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import express from 'express';
import type { ErrorRequestHandler } from 'express';
import { request } from 'undici';
import { jobBodyRouter } from '../../src/api/routes/job-body';
import { createJobId } from '../../src/jobs/job-id';
import { findJob } from '../../src/store/jobs';
import { createOpenPage } from '../../src/pages/open-page';
import { createFsSegmentStore } from '../../src/pages/segments/fs-segment-store';
import { crc32Of } from '../../src/pages/segments/check-record';
import { segmentKey } from '../../src/pages/segments/segment-store';
import { writePageRecord } from '../../src/pages/segments/warc';
import { fetchedPage } from '../pages/segments/page-fixture';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const MEGABYTE = 1024 * 1024;

async function finishedJob(page: Buffer, headers: Record<string, string>): Promise<string> {
  const origin = await startOrigin((_req, res) => {
    res.writeHead(200, headers).end(page);
  });
  const { id } = (await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url })).body;
  await waitFor(async () => (await service.call('GET', `/jobs/${id}`)).body.status === 'finished');
  return id as string;
}

interface Stored {
  readonly url: string;
  /** Path of the segment. */
  readonly path: string;
  /** Parts of the body that were asked for. */
  readonly reads: number;
  /** Passes through the body that have ended, however. */
  readonly closed: number;
  /** What the route throws. */
  readonly errors: readonly unknown[];
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The route with a page in a segment that the fetcher would not have made, or that is looked at while it is read. */
async function serveStored(page: Buffer, headers: [string, string][]): Promise<Stored> {
  const id = await finishedJob(Buffer.from('another page'), {});
  const root = join(service.dataDir, 'by-hand');
  const segments = createFsSegmentStore(root);
  const record = writePageRecord({ page: fetchedPage({ headers, body: page }), jobId: id });
  const segment = segmentKey(new Date(), randomUUID());
  const length = record.reduce((sum, { length: bytes }) => sum + bytes, 0);
  await segments.write(segment, record);
  const stored = { url: '', path: join(root, segment), reads: 0, closed: 0, errors: [] as unknown[] };
  const openPage = createOpenPage(segments);
  const app = express().use(
    jobBodyRouter({
      database: service.db.database,
      retentionMs: 3_600_000,
      publicUrl: '',
      async openPage(job) {
        const opened = await openPage({ ...job, page: { segment, offset: 0, length, crc32: crc32Of(record) } });
        if (opened === undefined) return undefined;
        async function* watched(parts: AsyncIterable<Buffer>) {
          try {
            for await (const part of parts) {
              stored.reads += 1;
              yield part;
            }
          } finally {
            stored.closed += 1;
          }
        }
        return { ...opened, body: () => watched(opened.body()) };
      },
    }),
  );
  const onError: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
    stored.errors.push(error);
    res.destroy();
  };
  const server = app.use(onError).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  stored.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs/${id}/body`;
  return stored;
}

async function body(id: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') {
  const answer = await request(`${service.url}/jobs/${id}/body`, { headers, method });
  return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.from(await answer.body.arrayBuffer()) };
}

test('the page comes with its own type, its own bytes, and no rights', async () => {
  const page = Buffer.from('<p>caf\xe9</p><script>alert(1)</script>', 'latin1');
  const id = await finishedJob(page, { 'content-type': 'text/html; charset=windows-1252' });
  const { status, headers, bytes } = await body(id);
  expect(bytes.equals(page)).toBe(true);
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=windows-1252',
    'content-length': String(page.length),
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
    etag: `"${id}-body"`,
  });
  expect((await body(id, { 'if-none-match': `"${id}-body"` })).status).toBe(304);
  const head = await body(id, {}, 'HEAD');
  expect(head).toMatchObject({
    status: 200,
    bytes: Buffer.alloc(0),
    headers: { 'content-length': String(page.length) },
  });
});

test('a page that is stored compressed goes out as it is to who takes it, and unpacked to who does not', async () => {
  const page = Buffer.from('äöü '.repeat(100_000));
  const zipped = await finishedJob(gzipSync(page), { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
  const taken = await body(zipped, { 'accept-encoding': 'gzip, br' });
  expect(taken.headers).toMatchObject({
    'content-encoding': 'gzip',
    vary: 'Accept-Encoding',
    etag: `"${zipped}-body-gzip"`,
  });
  expect(gunzipSync(taken.bytes).equals(page)).toBe(true);
  for (const accept of ['identity', 'br', 'gzip;q=0']) {
    const plain = await body(zipped, { 'accept-encoding': accept });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.bytes.equals(page)).toBe(true);
  }
  const brotli = await finishedJob(brotliCompressSync(page), { 'content-encoding': 'br' });
  const plain = await body(brotli);
  expect(plain.headers['content-type']).toBe('application/octet-stream');
  expect(plain.bytes.equals(page)).toBe(true);
});

test('a page keeps its own type, without a charset that it does not name', async () => {
  for (const type of ['text/html', 'application/json', 'text/plain; charset=KOI8-R']) {
    const id = await finishedJob(Buffer.from('<meta charset=windows-1252>'), { 'content-type': type });
    expect((await body(id)).headers['content-type']).toBe(type);
  }
  const untyped = await finishedJob(Buffer.from('x'), { 'content-type': '' });
  expect((await body(untyped)).headers['content-type']).toBe('application/octet-stream');
});

test('several codings are undone, also for who takes each of them', async () => {
  const page = Buffer.from('äöü '.repeat(1_000));
  const id = await finishedJob(deflateSync(gzipSync(page)), { 'content-encoding': 'gzip, deflate' });
  const { headers, bytes } = await body(id, { 'accept-encoding': '*' });
  expect(headers['content-encoding']).toBeUndefined();
  expect(bytes.equals(page)).toBe(true);
});

test('a page comes as it is stored where its coding is a word that is none, or not what it says', async () => {
  const page = Buffer.from('<p>hello</p>');
  const none = await body(await finishedJob(page, { 'content-encoding': 'none' }), { 'accept-encoding': '*' });
  const { url } = await serveStored(page, [['Content-Encoding', 'gzip']]);
  const wrong = await request(url, { headers: { 'accept-encoding': 'identity' } });
  expect(Buffer.from(await wrong.body.arrayBuffer()).equals(page)).toBe(true);
  expect(none.bytes.equals(page)).toBe(true);
  for (const { headers } of [none, wrong]) {
    expect(headers).toMatchObject({ 'content-length': String(page.length) });
    expect(headers['content-encoding']).toBeUndefined();
  }
});

test('a client that hangs up stops the reading', async () => {
  const stored = await serveStored(Buffer.alloc(40 * MEGABYTE), []);
  const { port, pathname } = new URL(stored.url);
  const socket = connect(Number(port), '127.0.0.1').pause();
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await waitFor(() => stored.reads > 1);
  socket.destroy();
  await waitFor(() => stored.closed === 1);
  expect(stored.reads).toBeLessThan(80); // of 161
  expect(stored.errors).toEqual([]);
});

test.each([
  ['in its first part', 100_000, false],
  ['later', 10 * MEGABYTE, false],
  ['later, while it is unpacked', 10 * MEGABYTE, true],
])('a segment that breaks off %s is found out before anything is sent', async (_where, length, isZipped) => {
  const page = randomBytes(20 * MEGABYTE);
  const stored = await serveStored(isZipped ? gzipSync(page, { level: 0 }) : page, [
    ['Content-Encoding', isZipped ? 'gzip' : 'none'],
  ]);
  await truncate(stored.path, length);
  const reading = request(stored.url).then(({ body: answered }) => answered.arrayBuffer());
  await expect(reading).rejects.toThrow();
  expect(stored.errors).toMatchObject([{ name: 'PageDamagedError', cause: { name: 'SegmentTruncatedError' } }]);
  expect(stored.reads).toBe(0);
});

test('a page that turns out damaged while it is unpacked breaks the connection off', async () => {
  const zipped = gzipSync(randomBytes(MEGABYTE), { level: 0 });
  const stored = await serveStored(zipped.fill(0xff, 500_000, 700_000), [['Content-Encoding', 'gzip']]);
  const reading = request(stored.url).then(({ body: answered }) => answered.arrayBuffer());
  await expect(reading).rejects.toThrow();
  expect(stored.errors).toEqual([]);
});

test('a segment that is gone is a problem', async () => {
  const id = await finishedJob(Buffer.from('x'), {});
  const job = await findJob(service.db.database, id);
  await rm(join(service.dataDir, 'pages', job?.page?.segment ?? 'none'));
  const answer = await service.call('GET', `/jobs/${id}/body`);
  expect(answer).toMatchObject({ status: 500, body: { code: 'page_damaged' } });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
});

test('*, q=0 and an empty Accept-Encoding are understood', async () => {
  const page = Buffer.from('hello '.repeat(100));
  const id = await finishedJob(gzipSync(page), { 'content-encoding': 'gzip' });
  const encodingFor = async (accept: string) =>
    (await body(id, { 'accept-encoding': accept })).headers['content-encoding'];
  expect(await encodingFor('*')).toBe('gzip');
  expect(await encodingFor('br, *;q=0.1')).toBe('gzip');
  expect(await encodingFor('*, gzip;q=0')).toBeUndefined();
  expect(await encodingFor('*;q=0, identity')).toBeUndefined();
  expect(await encodingFor('')).toBeUndefined();
});

test('HEAD of a page that would be unpacked tells no length, and an ETag holds for one coding', async () => {
  const id = await finishedJob(gzipSync(Buffer.from('hello')), { 'content-encoding': 'gzip' });
  const plain = await body(id, { 'accept-encoding': 'identity' }, 'HEAD');
  expect(plain).toMatchObject({ status: 200, headers: { etag: `"${id}-body"` } });
  expect(plain.headers['content-length']).toBeUndefined();
  const zipped = { 'accept-encoding': 'gzip', 'if-none-match': `"${id}-body"` };
  expect((await body(id, zipped)).status).toBe(200);
  const known = await body(id, { ...zipped, 'if-none-match': `"${id}-body-gzip"` });
  expect(known).toMatchObject({ status: 304, headers: { vary: 'Accept-Encoding', etag: `"${id}-body-gzip"` } });
});

test('a large page comes whole', async () => {
  const page = Buffer.alloc(20 * MEGABYTE, 'everfetch ');
  const id = await finishedJob(page, { 'content-type': 'application/pdf' });
  expect((await body(id)).bytes.equals(page)).toBe(true);
});

test('a job that has no page says why', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 500;
    res.end();
  });
  const { id } = (await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url })).body;
  const running = await service.call('GET', `/jobs/${id}/body`);
  expect(running).toMatchObject({
    status: 404,
    body: { code: 'not_found', detail: 'The job is running and has no page yet.' },
  });
  expect(Number(running.headers.get('retry-after'))).toBeGreaterThan(0);
  await service.call('DELETE', `/jobs/${id}`);
  const cancelled = await service.call('GET', `/jobs/${id}/body`);
  expect(cancelled).toMatchObject({ status: 404, body: { detail: 'The job is cancelled and has no page.' } });
  expect((await service.call('GET', `/jobs/${createJobId()}/body`)).status).toBe(404);
  const old = createJobId(Date.now() - 200 * 3_600_000);
  expect(await service.call('GET', `/jobs/${old}/body`)).toMatchObject({ status: 410, body: { code: 'expired' } });
});
