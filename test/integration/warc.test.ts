import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { WARCParser } from 'warcio';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const html = Buffer.from(`<!doctype html><title>Grüße</title>${'<p>für 5 €</p>'.repeat(200)}`);
const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(3_000)]);
const lines = Buffer.from(
  'WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\r\n\r\n',
);
const large = Buffer.from(randomBytes(900_000).toString('base64'));

/** What the origin sends at each path: status, headers, and the bytes of the body as they go over the wire. */
const PAGES: Record<string, { status?: number; headers?: Record<string, string | string[]>; body: Buffer }> = {
  '/plain': { headers: { 'content-type': 'text/html; charset=utf-8' }, body: html },
  '/gzip': { headers: { 'content-type': 'text/html', 'content-encoding': 'gzip' }, body: gzipSync(html) },
  '/br': { headers: { 'content-type': 'text/html', 'content-encoding': 'br' }, body: brotliCompressSync(html) },
  '/binary': { headers: { 'content-type': 'image/png' }, body: png },
  '/empty': { headers: { 'content-type': 'text/html', 'content-length': '0' }, body: Buffer.alloc(0) },
  '/missing': { status: 404, headers: { 'content-type': 'text/html' }, body: Buffer.from('<p>not here</p>') },
  '/odd-headers': {
    headers: { 'X-Empty': '', 'X-Latin': 'Gr\xfc\xdfe', 'X-Twice': ['one', 'two'], 'X-Long': 'x'.repeat(6_000), 'x-colon': ':a: b' },
    body: html,
  }, // prettier-ignore
  '/warc-inside': { headers: { 'content-type': 'text/plain' }, body: lines },
  '/large': { headers: { 'content-type': 'text/plain' }, body: large },
};

const answer: RequestListener = (req, res) => {
  if (req.url === '/moved') return void res.writeHead(302, { location: '/plain' }).end('go there');
  const page = PAGES[req.url ?? ''];
  if (page === undefined) return void res.writeHead(500).end();
  res.writeHead(page.status ?? 200, page.headers).end(page.body);
};

interface PageRow extends Record<string, unknown> {
  readonly id: string;
  readonly url: string;
  readonly segment: string;
  readonly segment_offset: number;
  readonly segment_length: number;
}

test('an independent reader finds every record of the segments with the right payload', async () => {
  const origin = await startOrigin(answer);
  const paths = [...Object.keys(PAGES), '/moved', '/plain', '/plain'];
  const { body: jobs } = await service.call('POST', '/batchjobs', {
    apiKey: TEST_KEY,
    urls: paths.map((path) => origin.url + path),
  });
  const rows = await waitFor(async () => {
    const ended = await service.db.database.query<PageRow>(
      `select id, url, segment, segment_offset, segment_length from jobs where status = 'finished' order by segment, segment_offset`,
    );
    return ended.length === paths.length && ended;
  });
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(jobs.map(({ id }: { id: string }) => id)));

  const seen: string[] = [];
  for (const segment of new Set(rows.map((row) => row.segment))) {
    const bytes = await readFile(join(service.dataDir, 'pages', segment));
    const expected = rows.filter((row) => row.segment === segment);
    expect(expected.reduce((sum, row) => sum + row.segment_length, 0)).toBe(bytes.length);
    const parser = new WARCParser([bytes]);
    for await (const record of parser) {
      const row = expected.shift();
      expect(record.warcHeader('WARC-Record-ID')).toBe(`<urn:uuid:${row?.id}>`);
      const path = new URL(row?.url ?? '').pathname.replace('/moved', '/plain');
      expect(record.warcTargetURI).toBe(origin.url + path);
      const page = PAGES[path];
      const payload = await record.readFully(false);
      expect(Buffer.from(payload).equals(page?.body ?? Buffer.from('no such page'))).toBe(true);
      expect(Number(record.getResponseInfo()?.status)).toBe(page?.status ?? 200);
      const headers = new Headers(record.getResponseInfo()?.headers as Headers);
      const start = row?.segment_offset ?? 0;
      const raw = bytes.toString('latin1', start, start + (row?.segment_length ?? 0));
      for (const [name, sent] of Object.entries(page?.headers ?? {})) {
        for (const value of [sent].flat()) expect(raw).toContain(`\r\n${name}: ${value}\r\n`);
        // warcio 2.4.11 leaves out a header without a value, and takes all others for UTF-8.
        if (/^[\x20-\x7e]+$/.test([sent].flat().join())) expect(headers.get(name)).toBe([sent].flat().join(', '));
      }
      expect(parser.offset).toBe(start);
      seen.push(path);
    }
    expect(expected).toEqual([]);
  }
  expect(seen.sort()).toEqual(paths.map((path) => path.replace('/moved', '/plain')).sort());
});

test('an independent reader unpacks a stored page to what was meant', async () => {
  const origin = await startOrigin(answer);
  const { body: job } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: `${origin.url}/gzip` });
  const row = await waitFor(async () => {
    const [found] = await service.db.database.query<PageRow>(
      `select * from jobs where id = $1 and status = 'finished'`,
      [job.id],
    );
    return found;
  });
  const segment = await readFile(join(service.dataDir, 'pages', row.segment));
  const bytes = segment.subarray(row.segment_offset, row.segment_offset + row.segment_length);
  expect(await (await WARCParser.parse([bytes]))?.contentText()).toBe(html.toString());
  expect((await service.call('GET', `/jobs/${job.id}`)).body.response.body).toBe(
    gunzipSync(PAGES['/gzip']?.body ?? '').toString(),
  );
});
