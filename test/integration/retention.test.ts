import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const purge = () =>
  service.client.workflow.execute('enforceRetention', {
    workflowId: `purge-${Date.now()}-${Math.random()}`,
    taskQueue: `${service.queuePrefix}-webhooks`,
    args: [],
  });

test('what is older than the retention is removed, rows and pages, and answers 410', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const { body: single } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url });
  const { body: members, headers } = await service.call('POST', '/batchjobs', {
    apiKey: TEST_KEY,
    urls: [origin.url, origin.url],
  });
  const { body: kept } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url });
  const batchId = headers.get('x-batch-id') ?? '';
  const ids = [single.id, members[0].id, members[1].id];
  for (const id of [...ids, kept.id])
    await waitFor(async () => (await service.call('GET', `/jobs/${id}`)).body.status === 'finished');
  await service.client.workflow.getHandle(`batch/${batchId}`).result();
  await purge();
  expect((await service.call('GET', `/jobs/${single.id}`)).status).toBe(200);

  // 73 hours pass: for the rows, and for the pages of the old jobs, which lie in segments of their own hour.
  const sql = service.db.database;
  await sql.query(`update jobs set ended_at = ended_at - interval '73 hours' where id = any($1)`, [ids]);
  await sql.query(`update batches set ended_at = ended_at - interval '73 hours'`);
  await service.client.schedule.getHandle(`${service.queuePrefix}-retention`).describe();
  await purge();
  for (const id of ids)
    expect(await service.call('GET', `/jobs/${id}`)).toMatchObject({
      status: 410,
      body: { code: 'expired', expiredAt: expect.any(String) },
    });
  expect((await service.call('GET', `/jobs/${kept.id}`)).body.response.body).toBe('page');
  expect(await sql.query('select 1 from batches union all select 1 from batch_chunks')).toEqual([]);
});

test('segments of hours that no row can point to are removed, others stay', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const { body: job } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url });
  await waitFor(async () => (await service.call('GET', `/jobs/${job.id}`)).body.status === 'finished');
  const pages = join(service.dataDir, 'pages');
  const [{ segment } = { segment: '' }] = await service.db.database.query<{ segment: string }>(
    'select segment from jobs where id = $1',
    [job.id],
  );
  // The same file, in an hour long past.
  const { cp, mkdir } = await import('node:fs/promises');
  const old = join(pages, 'segments/2020/01/02/03');
  await mkdir(old, { recursive: true });
  await cp(join(pages, segment), join(old, segment.split('/').at(-1) ?? ''));
  await purge();
  await expect(access(old)).rejects.toMatchObject({ code: 'ENOENT' });
  await access(join(pages, segment));
  expect((await readdir(pages)).length).toBeGreaterThan(0);
});
