import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runVerify } from '../../src/bin/verify';
import { batchMemberId } from '../../src/jobs/job-id';
import { forgetBatch } from '../../src/store/forget';
import { findJob } from '../../src/store/jobs';
import { writeToExisting } from '../../src/store/write-to-existing';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { BROWSER: 'off' } });
  await service.db.database.query("insert into api_keys (name, key_hash) values ('other', sha256('other-key'::bytea))");
});
afterAll(() => service.stop());

const withKey = (path: string, more = '', key = TEST_KEY) => `${path}?api_key=${key}${more}`;
const get = (path: string) => service.call('GET', withKey(path));
const forget = (path: string, more = '', key = TEST_KEY) => service.call('DELETE', withKey(path, more, key));
const statusOf = async (path: string) => (await get(path)).status;

const startPages = (hold?: Promise<void>) =>
  startOrigin((req, res) => {
    if (req.url === '/failing') return void res.writeHead(500).end();
    if (req.url === '/held') return void hold?.then(() => res.end('late'));
    res.setHeader('content-type', 'text/plain').end(`content-of-${req.url?.slice(1)} `.repeat(50));
  });

async function batchOf(urls: readonly string[], more: object = {}): Promise<{ id: string; jobs: string[] }> {
  const answer = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, ...more });
  return { id: answer.headers.get('x-batch-id') ?? '', jobs: answer.body.map((job: { id: string }) => job.id) };
}

async function finishedBatch(urls: readonly string[], more: object = {}) {
  const batch = await batchOf(urls, more);
  await waitFor(async () => (await get(`/batches/${batch.id}`)).body.status === 'finished');
  return batch;
}

async function finishedJob(url: string): Promise<string> {
  const { body } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url });
  await waitFor(async () => (await get(`/jobs/${body.id}`)).body.status === 'finished');
  return body.id as string;
}

/** Whether a text stands anywhere in the segments. */
async function isStored(text: string): Promise<boolean> {
  const files = await readdir(join(service.dataDir, 'pages'), { recursive: true, withFileTypes: true });
  for (const file of files)
    if (file.isFile() && (await readFile(join(file.parentPath, file.name))).includes(text)) return true;
  return false;
}

/** Whether a text stands in any row of a table. */
async function rowsWith(table: string, text: string): Promise<number> {
  const [row] = await service.db.database.query<{ n: number }>(
    `select count(*) as n from ${table} t where t::text like $1`,
    [`%${text}%`],
  );
  return Number(row?.n);
}

async function verify(): Promise<{ code: number; output: string }> {
  let output = '';
  const stdout = new Writable({ write: (part: Buffer, _encoding, done) => void ((output += part.toString()), done()) });
  const env = { API_KEY: TEST_KEY, LOG_LEVEL: 'silent', DATABASE_URL: service.db.url, DATA_DIR: service.dataDir };
  return { code: await runVerify({ args: [], env, stdout, stderr: stdout }), output };
}

test('a batch that is forgotten leaves nothing: no row, no delivery, no byte of its pages; all others stay', async () => {
  const origin = await startPages();
  const callback = { type: 'webhook', url: `${origin.url}/secret-callback` };
  const [gone, kept] = await Promise.all([
    finishedBatch(
      [1, 2, 3, 4].map((at) => `${origin.url}/secret-${at}`),
      { callback, fanOut: 'sweep' },
    ),
    finishedBatch(
      [1, 2, 3, 4].map((at) => `${origin.url}/kept-${at}`),
      { fanOut: 'sweep' },
    ),
  ]);
  expect(await isStored('content-of-secret')).toBe(true);
  expect(await forget(`/batches/${gone.id}`, '', 'other-key')).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
  expect(await forget(`/batches/${gone.id}`, '&colour=red')).toMatchObject({ status: 400 });
  expect(await statusOf(`/batches/${gone.id}`)).toBe(200);

  expect((await forget(`/batches/${gone.id}`)).status).toBe(204);
  expect(await isStored('content-of-secret')).toBe(false);
  for (const table of ['jobs', 'batch_chunks', 'batches', 'webhook_deliveries'])
    expect(await rowsWith(table, 'secret')).toBe(0);
  for (const path of [
    `/batches/${gone.id}`,
    `/batches/${gone.id}/results`,
    `/batches/${gone.id}/archive.warc.gz`,
    `/jobs/${gone.jobs[0]}`,
    `/jobs/${gone.jobs[3]}/body`,
  ])
    expect([path, await statusOf(path)]).toEqual([path, 410]);
  expect(await forget(`/batches/${gone.id}`)).toMatchObject({ status: 410, body: { code: 'expired' } });
  for (const id of kept.jobs) expect((await get(`/jobs/${id}`)).body.response.body).toContain('content-of-kept');
  expect(await verify()).toMatchObject({ code: 0, output: expect.stringContaining('0 damaged, 0 missing') });
});

test('a running batch is not deleted, unless it is to be cancelled: then it goes as soon as it has ended', async () => {
  let release: () => void = () => undefined;
  const origin = await startPages(new Promise((resolve) => (release = resolve)));
  for (const fanOut of ['sweep', 'jobs']) {
    const { id, jobs } = await batchOf(
      [`${origin.url}/early-${fanOut}`, `${origin.url}/held`, `${origin.url}/failing`],
      { fanOut },
    );
    await waitFor(async () => (await get(`/jobs/${jobs[0]}`)).body.status === 'finished');
    expect(await forget(`/batches/${id}`)).toMatchObject({ status: 409, body: { code: 'batch_running' } });
    expect(await forget(`/batches/${id}`, '&cancel=perhaps')).toMatchObject({ status: 400 });
    expect(await statusOf(`/jobs/${jobs[0]}`)).toBe(200);
    expect(await forget(`/batches/${id}`, '&cancel=true')).toMatchObject({ status: 202, body: { id } });
    await waitFor(async () => (await statusOf(`/batches/${id}`)) === 410, { timeoutMs: 90_000 });
    await waitFor(async () => !(await isStored(`content-of-early-${fanOut}`)));
    for (const job of jobs) expect(await statusOf(`/jobs/${job}`)).toBe(410);
  }
  release();
  // Nothing comes back with what was in flight.
  const later = await finishedJob(`${origin.url}/later`);
  expect(await statusOf(`/jobs/${later}`)).toBe(200);
  expect(await rowsWith('jobs', '/held')).toBe(0);
});

test('a job that is forgotten leaves nothing, and the counts of its batch still sum', async () => {
  const origin = await startPages();
  const single = await finishedJob(`${origin.url}/private-single`);
  const { id, jobs } = await finishedBatch([`${origin.url}/private-member`, `${origin.url}/public`], {
    fanOut: 'sweep',
    meta: 'mine',
  });
  const [member = ''] = jobs;
  expect(await service.call('DELETE', `/jobs/${single}?purge=true`)).toMatchObject({ status: 401 });
  expect(await forget(`/jobs/${single}`, '&purge=true', 'other-key')).toMatchObject({ status: 404 });
  expect(await forget(`/jobs/${single}`, '&purge=maybe')).toMatchObject({
    status: 400,
    body: { code: 'invalid_request' },
  });
  expect(await forget(`/jobs/${single}`, '&purge=false')).toMatchObject({ status: 200, body: { status: 'finished' } });
  for (const job of [single, member]) {
    expect((await forget(`/jobs/${job}`, '&purge=true')).status).toBe(204);
    for (const path of [`/jobs/${job}`, `/jobs/${job}/body`, `/jobs/${job}/archive.warc.gz`])
      expect(await statusOf(path)).toBe(410);
    expect((await forget(`/jobs/${job}`, '&purge=true')).status).toBe(410);
  }
  expect(await isStored('content-of-private')).toBe(false);
  for (const table of ['jobs', 'batch_chunks']) expect(await rowsWith(table, 'private')).toBe(0);
  expect((await get(`/batches/${id}`)).body).toMatchObject({
    status: 'finished',
    counts: { total: 2, finished: 2, failed: 0 },
  });
  const results = await get(`/batches/${id}/results`);
  expect(results.body).toMatchObject([
    { id: jobs[1], response: { body: expect.stringContaining('content-of-public') } },
  ]);
  expect(await verify()).toMatchObject({ code: 0, output: expect.stringContaining('0 damaged, 0 missing') });

  const running = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: `${origin.url}/failing` });
  expect(await forget(`/jobs/${running.body.id}`, '&purge=true')).toMatchObject({
    status: 409,
    body: { code: 'job_running' },
  });
  expect((await forget(`/jobs/${running.body.id}`)).body.status).toBe('cancelled');
  expect((await forget(`/jobs/${running.body.id}`, '&purge=true')).status).toBe(204);
});

test('a member is forgotten while its batch runs, and is not fetched again', async () => {
  const origin = await startPages();
  const { id, jobs } = await batchOf([`${origin.url}/first`, `${origin.url}/failing`], { fanOut: 'sweep' });
  await waitFor(async () => (await get(`/jobs/${jobs[0]}`)).body.status === 'finished');
  expect((await forget(`/jobs/${jobs[0]}`, '&purge=true')).status).toBe(204);
  const before = origin.requests.filter(({ url }) => url === '/failing').length;
  await waitFor(() => origin.requests.filter(({ url }) => url === '/failing').length > before + 1);
  expect(origin.requests.filter(({ url }) => url === '/first')).toHaveLength(1);
  expect((await get(`/batches/${id}`)).body.counts).toMatchObject({ total: 2, finished: 1 });
  expect((await forget(`/batches/${id}`, '&cancel=true')).status).toBe(202);
  await waitFor(async () => (await statusOf(`/batches/${id}`)) === 410, { timeoutMs: 90_000 });
});

test('a failed member that was forgotten is not retried with the others, and a paused batch can be deleted', async () => {
  const origin = await startPages();
  const urls = [`${origin.url}/failing`, `${origin.url}/fine`];
  const { id, jobs } = await finishedBatch(urls, { timeoutSec: 1, fanOut: 'sweep' });
  expect((await get(`/batches/${id}`)).body.counts).toMatchObject({ finished: 1, failed: 1 });
  expect((await forget(`/jobs/${jobs[0]}`, '&purge=true')).status).toBe(204);
  const before = origin.requests.length;
  const retried = await service.call('POST', withKey(`/batches/${id}/retry-failed`));
  expect(retried).toMatchObject({
    status: 200,
    body: { status: 'finished', counts: { total: 2, finished: 1, failed: 1 } },
  });
  expect(origin.requests).toHaveLength(before);
  const paused = await batchOf(urls, { fanOut: 'sweep' });
  expect((await service.call('POST', withKey(`/batches/${paused.id}/pause`))).body.status).toBe('paused');
  expect((await forget(`/batches/${paused.id}`, '&cancel=true')).status).toBe(202);
  await waitFor(async () => (await statusOf(`/batches/${paused.id}`)) === 410, { timeoutMs: 90_000 });
});

test('URLs that share a page are forgotten together', async () => {
  const origin = await startPages();
  const url = `${origin.url}/shared`;
  const { id, jobs } = await finishedBatch([url, url, `${origin.url}/alone`], { dedupe: true, fanOut: 'sweep' });
  expect((await forget(`/jobs/${jobs[1]}`, '&purge=true')).status).toBe(204);
  expect(await Promise.all(jobs.map((job) => statusOf(`/jobs/${job}`)))).toEqual([410, 410, 200]);
  expect(await isStored('content-of-shared')).toBe(false);
  expect((await get(`/batches/${id}`)).body.counts).toMatchObject({ total: 3, finished: 3 });
});

test('what a process that died has noted is erased by another', async () => {
  const origin = await startPages();
  const { id } = await finishedBatch([`${origin.url}/noted`]);
  expect(await forgetBatch(service.db.database, id)).toMatchObject({ kind: 'forgotten' });
  await waitFor(async () => (await rowsWith('page_erasures', '')) === 0); // what is noted goes after the bytes
  expect(await isStored('content-of-noted')).toBe(false);
});

test('an attempt of a batch that was deleted meanwhile is not written, and those of others are', async () => {
  const origin = await startPages();
  const gone = await finishedBatch([`${origin.url}/1`]);
  const job = await findJob(service.db.database, gone.jobs[0] ?? '');
  const { body: other } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: `${origin.url}/failing` });
  const running = await findJob(service.db.database, other.id as string);
  await forgetBatch(service.db.database, gone.id);
  if (job === undefined || running === undefined) throw new Error('no job');
  const late = { ...job, id: batchMemberId(gone.id, 0) };
  const end = { status: 'cancelled', attempts: 1 } as const;
  const written = await writeToExisting(
    service.db.database,
    [
      { job: late, ...end },
      { job: running, ...end },
    ],
    [],
  );
  expect([...written.ids]).toEqual([running.id]);
  expect(await statusOf(`/jobs/${late.id}`)).toBe(410);
});
