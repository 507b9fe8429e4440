import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { request } from 'undici';
import { createJobId } from '../../src/contracts/job-id';
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
