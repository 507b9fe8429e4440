import { randomUUID } from 'node:crypto';
import type { WorkflowIdReusePolicy } from '@temporalio/client';
import { batchWorkflowId, createBatchId, createJobId, jobWorkflowId, taskQueues } from '../../src';
import { openJob } from '../../src/activities/open-job';
import { NO_FEATURES } from '../../src/jobs/features';
import { createPriceList } from '../../src/jobs/prices';
import { restartSearch } from '../../src/store/closed-workflow-search';
import { startOrigin } from '../support/origin';
import { resetWorkflow } from '../support/reset-workflow';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

const SOON = { timeoutMs: 30_000, intervalMs: 100 };

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const queueOf = (type: string) => {
  const { jobs, sweeps, webhooks } = taskQueues(service.queuePrefix);
  return type === 'scrapeJob' ? jobs : type.startsWith('scrape') ? sweeps : webhooks;
};
const start = (
  type: string,
  workflowId: string,
  args: unknown[],
  workflowIdReusePolicy: WorkflowIdReusePolicy = 'ALLOW_DUPLICATE',
) => service.client.workflow.start(type, { workflowId, taskQueue: queueOf(type), args, workflowIdReusePolicy });
const execute = async (type: string, workflowId: string, args: unknown[]) =>
  (await start(type, workflowId, args)).result();
const failure = (type: string) => ({ cause: { type, nonRetryable: true } });
const job = async (id: string) => (await service.call('GET', `/jobs/${id}`)).body;
const batch = async (id: string) =>
  (await service.call('GET', `/batches/${id}`, undefined, { 'x-api-key': TEST_KEY })).body;

/** A page that tells how often it was asked for. */
async function countingOrigin() {
  const origin = await startOrigin((_req, res) => res.end(`visit ${origin.requests.length}`));
  return origin;
}

/** A target that is down until it is told to come up. */
async function downOrigin() {
  let isUp = false;
  const origin = await startOrigin((_req, res) => {
    res.statusCode = isUp ? 200 : 500;
    res.end('page');
  });
  return { ...origin, comeUp: () => (isUp = true) };
}

test('an id whose job has ended is refused, for the same URL and for another one, and nothing is fetched', async () => {
  const origin = await countingOrigin();
  const id = createJobId();
  await execute('scrapeJob', jobWorkflowId(id), [{ url: origin.url }]);
  for (const url of [origin.url, `${origin.url}/other`])
    await expect(execute('scrapeJob', jobWorkflowId(id), [{ url }])).rejects.toMatchObject({
      cause: { type: 'id_already_used', message: expect.stringMatching(/has ended.*another workflow id/) },
    });
  expect(origin.requests).toHaveLength(1);
  expect(await job(id)).toMatchObject({ status: 'finished', url: origin.url, response: { body: 'visit 1' } });
});

test('a batch id that was used is refused, and the batch stays as it was', async () => {
  const origin = await countingOrigin();
  const id = createBatchId();
  const urls = [`${origin.url}/a`, `${origin.url}/b`];
  await execute('scrapeBatch', batchWorkflowId(id), [{ urls }]);
  for (const again of [urls, [`${origin.url}/c`]])
    await expect(execute('scrapeBatch', batchWorkflowId(id), [{ urls: again }])).rejects.toMatchObject(
      failure('id_already_used'),
    );
  expect(origin.requests).toHaveLength(2);
  expect(await batch(id)).toMatchObject({ status: 'finished', counts: { total: 2, finished: 2 } });
});

test('an id that came in by the HTTP API, single or in a batch, is refused', async () => {
  const origin = await countingOrigin();
  const { body } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url });
  const members = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: [origin.url], fanOut: 'sweep' });
  const memberId = members.body[0].id;
  for (const id of [body.id, memberId]) {
    await waitFor(async () => (await job(id)).status === 'finished');
    await service.client.workflow
      .getHandle(`job/${id}`)
      .result()
      .catch(() => undefined);
    await expect(execute('scrapeJob', `job/${id}`, [{ url: origin.url }])).rejects.toMatchObject(
      failure('id_already_used'),
    );
  }
});

test('after a termination the same request goes on with its row; another request is refused', async () => {
  const origin = await downOrigin();
  const [jobId, batchId] = [createJobId(), createBatchId()];
  const cases = [
    { type: 'scrapeJob', workflowId: jobWorkflowId(jobId), request: { url: origin.url, meta: { a: 1, b: 2 } } },
    { type: 'scrapeBatch', workflowId: batchWorkflowId(batchId), request: { urls: [origin.url], fanOut: 'sweep' } },
  ];
  for (const { type, workflowId, request } of cases) await start(type, workflowId, [request]);
  await waitFor(async () => (await job(jobId)).attempts > 0 && (await batch(batchId)).counts.running === 1);
  // The search for terminated workflows, which would end their rows, comes too late here.
  await restartSearch(service.db.database, 600_000);
  for (const { type, workflowId, request } of cases) {
    await service.client.workflow.getHandle(workflowId).terminate('a test');
    const other = { ...request, timeoutSec: 3_000 };
    await expect(execute(type, workflowId, [other])).rejects.toMatchObject(failure('id_already_used'));
  }
  const running = { ...cases[0]?.request, meta: { b: 2, a: 1 } };
  const again = await Promise.all([
    start('scrapeJob', jobWorkflowId(jobId), [running]),
    start('scrapeBatch', batchWorkflowId(batchId), [cases[1]?.request]),
  ]);
  // The sweep of before has not heard of its end yet, and could end the batch: the target stays down until the batch has joined its row.
  await waitFor(async () => (await again[1].describe()).historyLength > 9, SOON);
  origin.comeUp();
  const [ofJob, ofBatch] = await Promise.all(again.map((handle) => handle.result()));
  expect(ofJob).toMatchObject({ jobId, status: 'finished' });
  expect(ofBatch).toMatchObject({ finished: 1 });
  await restartSearch(service.db.database, 0);
});

test('an attempt that runs again after its row was committed joins it, also when the job has ended', async () => {
  const { database } = service.db;
  const deps = {
    ...{ database, priceList: createPriceList(), features: async () => NO_FEATURES },
    ...{ missingFeatures: 'refuse' as const, noteIgnored: () => undefined },
  };
  const ref = { jobId: createJobId(), request: { url: 'http://127.0.0.1:9/' }, startRunId: randomUUID() };
  const workflowId = jobWorkflowId(ref.jobId);
  const both = await Promise.all([openJob(deps, ref, workflowId), openJob(deps, ref, workflowId)]);
  expect(both.map(({ status }) => status)).toEqual(['running', 'running']);
  await service.call('DELETE', `/jobs/${ref.jobId}`);
  expect((await openJob(deps, ref, workflowId)).status).toBe('cancelled');
  const [usage] = await database.query<{ reserved: number }>('select max(reserved) as reserved from usage');
  expect(usage?.reserved).toBe(0);
  await expect(openJob(deps, { ...ref, startRunId: randomUUID() }, workflowId)).rejects.toMatchObject({
    type: 'id_already_used',
  });
});

test.each(['batch', 'chunk', 'part', 'job'])(
  'a running batch whose %s is reset ends as if nothing had been',
  async (what) => {
    for (const fanOut of what === 'job'
      ? (['jobs'] as const)
      : what === 'part'
        ? (['jobs'] as const)
        : (['sweep', 'jobs'] as const)) {
      const origin = await downOrigin();
      const count = what === 'part' ? 102 : 3;
      const urls = Array.from({ length: count }, (_, index) => `${origin.url}/${index}`);
      const workflowId = `mine-${randomUUID()}`;
      const handle = await start('scrapeBatch', workflowId, [{ urls, fanOut }]);
      const id = await waitFor(
        async () =>
          (
            await service.db.database.query<{ id: string }>('select id from batches where workflow_id = $1', [
              workflowId,
            ])
          )[0]?.id,
      );
      await waitFor(async () => (await batch(id)).counts.running === count, { ...SOON });
      const prefix = `batch/${id}/chunk/0`;
      const targets: Record<string, string> = {
        batch: workflowId,
        chunk: prefix,
        part: `${prefix}/from/100`,
        job: `job/${id.slice(0, -4)}0001`,
      };
      await resetWorkflow(service.client, targets[what] ?? '');
      origin.comeUp();
      const ending = await service.client.workflow.getHandle(handle.workflowId).result();
      expect(ending).toEqual({ batchId: id, total: count, finished: count, failed: 0, cancelled: 0 });
      expect(await batch(id)).toMatchObject({ status: 'finished', counts: { total: count, finished: count } });
      expect(
        await service.db.database.query('select id from batches where workflow_id = $1', [workflowId]),
      ).toHaveLength(1);
    }
  },
  240_000,
);

test('a batch that was reset can still be cancelled as a whole', async () => {
  const origin = await downOrigin();
  const { headers } = await service.call('POST', '/batchjobs', {
    ...{ apiKey: TEST_KEY, urls: [`${origin.url}/a`, `${origin.url}/b`], fanOut: 'jobs' },
  });
  const id = headers.get('x-batch-id') ?? '';
  await waitFor(async () => (await batch(id)).counts.running === 2, SOON);
  await resetWorkflow(service.client, `batch/${id}`);
  const handle = service.client.workflow.getHandle(`batch/${id}`);
  await waitFor(async () => (await handle.describe()).historyLength > 8, SOON);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
  expect(await batch(id)).toMatchObject({ status: 'cancelled', counts: { cancelled: 2 } });
  const chunk = service.client.workflow.getHandle(`batch/${id}/chunk/0`);
  await waitFor(async () => (await chunk.describe()).status.name === 'CANCELLED', SOON);
});

test('a job of a freely chosen workflow id that is reset goes on with its row', async () => {
  const origin = await downOrigin();
  const workflowId = `mine-${randomUUID()}`;
  const handle = await start('scrapeJob', workflowId, [{ url: origin.url }]);
  const ids = async () =>
    (await service.db.database.query<{ id: string }>('select id from jobs where workflow_id = $1', [workflowId])).map(
      ({ id }) => id,
    );
  await waitFor(async () => (await ids()).length > 0);
  const [id] = await ids();
  await waitFor(async () => (await job(id ?? '')).attempts > 0);
  await resetWorkflow(service.client, workflowId);
  origin.comeUp();
  expect(await service.client.workflow.getHandle(handle.workflowId).result()).toMatchObject({ jobId: id });
  expect(await ids()).toEqual([id]);
  await resetWorkflow(service.client, workflowId); // after its end: the same job, and no second fetch
  const visits = origin.requests.length;
  expect(await service.client.workflow.getHandle(workflowId).result()).toMatchObject({ jobId: id, status: 'finished' });
  expect(origin.requests).toHaveLength(visits);
});
