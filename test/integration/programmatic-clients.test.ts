import { randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { batchWorkflowId, createBatchId, createJobId, jobWorkflowId, taskQueues } from '../../src';
import type { BatchEnding, JobEnding, ScrapeBatchInput, ScrapeJobInput } from '../../src';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  service = await startTestService();
  connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  await service.stop();
});

const queues = () => taskQueues(service.queuePrefix);
const execute = (request: ScrapeJobInput, workflowId = `mine-${randomUUID()}`): Promise<JobEnding> =>
  client.workflow.execute('scrapeJob', { workflowId, taskQueue: queues().jobs, args: [request] });

test('a job started with a Temporal client alone is fetched, retried, called back and visible at the API', async () => {
  let visits = 0;
  const origin = await startOrigin((req, res) => {
    visits += 1;
    res.statusCode = visits === 1 ? 500 : 200;
    res.end(req.method);
  });
  const receiver = await createReceiver();
  const id = createJobId();
  const ending = await execute(
    {
      url: origin.url,
      method: 'POST',
      body: 'x',
      meta: { mine: true },
      callback: { type: 'webhook', url: receiver.url },
    },
    jobWorkflowId(id),
  );
  expect(ending).toEqual({ jobId: id, status: 'finished', attempts: 2, statusCode: 200 });
  expect((await service.call('GET', `/jobs/${id}`)).body).toMatchObject({
    status: 'finished',
    meta: { mine: true },
    response: { body: 'POST' },
  });
  await waitFor(() => receiver.calls.length === 1);
});

test.each([`job/${randomUUID()}`, `job/${randomUUID().slice(0, -4)}0001`, 'anything at all'])(
  'workflow id %s will do',
  async (workflowId) => {
    const origin = await startOrigin((_req, res) => res.end('ok'));
    const ending = await execute({ url: origin.url }, `${workflowId}`);
    if (workflowId.startsWith('job/')) expect(`job/${ending.jobId}`).toBe(workflowId);
    expect((await service.call('GET', `/jobs/${ending.jobId}`)).body).toMatchObject({
      status: 'finished',
      response: { body: 'ok' },
    });
  },
);

test('time that is over is a result, not an exception', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 500;
    res.end();
  });
  const ending = await execute({ url: origin.url, timeoutSec: 3 });
  expect(ending).toMatchObject({ status: 'failed', failReason: 'failed_due_to_timeout' });
});

test('a request that makes no sense fails the workflow and names every problem', async () => {
  const failing = execute({ url: 'https://a.example/', timeoutSec: 0, method: 'BREW' });
  await expect(failing).rejects.toBeInstanceOf(WorkflowFailedError);
  await expect(failing).rejects.toMatchObject({
    cause: { type: 'invalid_request', message: expect.stringMatching(/method .*timeoutSec /) },
  });
  await expect(execute({ url: 'nonsense' })).rejects.toMatchObject({
    cause: { type: 'invalid_request', message: 'url is not an absolute http or https URL' },
  });
});

test('DELETE cancels a job whose workflow has an id of its own', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 500;
    res.end();
  });
  const handle = await client.workflow.start('scrapeJob', {
    workflowId: `own-${randomUUID()}`,
    taskQueue: queues().jobs,
    args: [{ url: origin.url } satisfies ScrapeJobInput],
  });
  const id = await waitFor(
    async () =>
      (
        await service.db.database.query<{ id: string }>('select id from jobs where workflow_id = $1 and attempts > 0', [
          handle.workflowId,
        ])
      )[0]?.id,
  );
  expect((await service.call('DELETE', `/jobs/${id}`)).body.status).toBe('cancelled');
  await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
});

test('a batch of a Temporal client has a name, tags and caps, and fetches equal URLs once', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const id = createBatchId();
  const start = (request: ScrapeBatchInput, workflowId: string): Promise<BatchEnding> =>
    client.workflow.execute('scrapeBatch', { workflowId, taskQueue: queues().sweeps, args: [request] });
  const urls = ['/a', '/a', '/b'].map((path) => `${origin.url}${path}`);
  const fields = { name: 'mine', tags: ['t'], maxCredits: 9, maxPerHost: 2, dedupe: true };
  expect(await start({ urls, ...fields }, batchWorkflowId(id))).toMatchObject({ total: 3, finished: 3 });
  const { body } = await service.call('GET', `/batches/${id}?api_key=${TEST_KEY}`);
  expect(body).toMatchObject({ ...fields, credits: 2 });
  expect(origin.requests).toHaveLength(2);
  const refused = await start({ urls, ...fields, maxPerHost: 0 }, batchWorkflowId(createBatchId())).catch(
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(WorkflowFailedError);
  expect(String((refused as WorkflowFailedError).cause)).toMatch(/maxPerHost must be at least 1/);
});

test('a batch started with a Temporal client alone runs and is visible at the API', async () => {
  const origin = await startOrigin((req, res) => res.end(req.url));
  const batchId = createBatchId();
  const input: ScrapeBatchInput = { urls: [`${origin.url}/a`, `${origin.url}/b`, 'http://10.1.1.1/'], meta: 1 };
  const ending: BatchEnding = await client.workflow.execute('scrapeBatch', {
    workflowId: batchWorkflowId(batchId),
    taskQueue: queues().sweeps,
    args: [input],
  });
  expect(ending).toEqual({ batchId, total: 3, finished: 2, failed: 1, cancelled: 0 });
  const { body } = await service.call('GET', `/batches/${batchId}`, undefined, { 'x-api-key': TEST_KEY });
  expect(body).toMatchObject({ status: 'finished', counts: { total: 3, finished: 2, failed: 1 } });
});
