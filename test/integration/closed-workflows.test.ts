import { randomUUID } from 'node:crypto';
import { ClosedWorkflowSearch } from '../../src/service/closed-workflow-search';
import { RowCloser } from '../../src/service/row-closer';
import type { ScrapeBatchInput, ScrapeJobInput } from '../../src';
import { createLogger } from '../../src/telemetry/logger';
import { createListClosed } from '../../src/temporal/list-closed';
import { SearchAttributeUse } from '../../src/temporal/search-attribute-use';
import { taskQueues } from '../../src/temporal/task-queues';
import { createWorkflowClient } from '../../src/temporal/workflow-client';
import { startOrigin } from '../support/origin';
import type { Origin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { resetWorkflow } from '../support/reset-workflow';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

const SOON = { timeoutMs: 30_000, intervalMs: 200 };
const logger = createLogger('silent');

let service: TestService;
let origin: Origin;
beforeAll(async () => {
  service = await startTestService();
});
beforeEach(async () => {
  origin = await startOrigin((req, res) => {
    res.statusCode = req.url?.startsWith('/good') === true ? 200 : 500;
    res.end('page');
  });
});
afterAll(() => service.stop());

const queues = () => taskQueues(service.queuePrefix);
const handle = (workflowId: string) => service.client.workflow.getHandle(workflowId);
const job = async (id: string) => (await service.call('GET', `/jobs/${id}`)).body;
const batch = async (id: string) =>
  (await service.call('GET', `/batches/${id}`, undefined, { 'x-api-key': TEST_KEY })).body;

async function submitJob(more: object = {}): Promise<string> {
  const { body } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: `${origin.url}/down`, ...more });
  await waitFor(async () => (await job(body.id)).attempts > 0);
  return body.id;
}

async function submitBatch(urls: readonly string[], more: object): Promise<{ id: string; jobIds: string[] }> {
  const answer = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, ...more });
  return { id: answer.headers.get('x-batch-id') ?? '', jobIds: answer.body.map(({ id }: { id: string }) => id) };
}

const down = (count: number) => Array.from({ length: count }, (_, index) => `${origin.url}/down/${index}`);
const untilRunning = (id: string, count: number) =>
  waitFor(async () => (await batch(id)).counts.running === count, SOON);

test('the row of a job follows when its workflow is terminated, and its receiver is told', async () => {
  const receiver = await createReceiver();
  const callback = { type: 'webhook', url: receiver.url };
  const id = await submitJob({ callback, expectUnsuccessReport: true });
  await handle(`job/${id}`).terminate('a test');
  await waitFor(async () => (await job(id)).status === 'failed', SOON);
  expect(await job(id)).toMatchObject({ failReason: 'terminated' });
  await waitFor(() => receiver.calls.length === 1);
});

test('a job and a batch whose workflow ids were chosen freely follow as well', async () => {
  const ids = [`mine-${randomUUID()}`, `mine-${randomUUID()}`] as const;
  const request: ScrapeJobInput = { url: `${origin.url}/down` };
  const requests: ScrapeBatchInput = { urls: down(2) };
  await service.client.workflow.start('scrapeJob', { workflowId: ids[0], taskQueue: queues().jobs, args: [request] });
  await service.client.workflow.start('scrapeBatch', {
    workflowId: ids[1],
    taskQueue: queues().sweeps,
    args: [requests],
  });
  const { database } = service.db;
  const idIn = (table: string, workflowId: string) =>
    waitFor(
      async () =>
        (await database.query<{ id: string }>(`select id from ${table} where workflow_id = $1`, [workflowId]))[0]?.id,
    );
  const [jobId, batchId] = [await idIn('jobs', ids[0]), await idIn('batches', ids[1])];
  await untilRunning(batchId, 2);
  for (const id of ids) await handle(id).terminate('a test');
  await waitFor(async () => (await job(jobId)).status === 'failed', SOON);
  await waitFor(async () => (await batch(batchId)).counts.failed === 2, SOON);
  expect((await batch(batchId)).failuresByReason).toEqual({ terminated: 2 });
});

test('a terminated batch ends with what was fetched until then', async () => {
  const receiver = await createReceiver();
  const onDone = { type: 'webhook', url: receiver.url };
  for (const fanOut of ['sweep', 'jobs'] as const) {
    const { id } = await submitBatch([`${origin.url}/good`, ...down(3)], { fanOut, onDone });
    await untilRunning(id, 3);
    await handle(`batch/${id}`).terminate('a test');
    await waitFor(async () => (await batch(id)).status !== 'running', SOON);
    expect(await batch(id)).toMatchObject({ status: 'finished', counts: { finished: 1, failed: 3 } });
  }
  await waitFor(() => receiver.calls.length === 2);
});

test('parts of a batch that are terminated end alone, and the others go on', async () => {
  const single = await submitBatch(down(3), { fanOut: 'jobs' });
  const parted = await submitBatch(down(103), { fanOut: 'jobs' });
  const swept = await submitBatch(down(3), { fanOut: 'sweep' });
  await untilRunning(single.id, 3);
  await untilRunning(swept.id, 3);
  const part = handle(`batch/${parted.id}/chunk/0/from/100`);
  await waitFor(async () => (await part.describe()).historyLength > 10, SOON);
  await handle(`job/${single.jobIds[1]}`).terminate('a test');
  await part.terminate('a test');
  await handle(`batch/${swept.id}/chunk/0`).terminate('a test');
  await waitFor(async () => (await batch(single.id)).counts.failed === 1, SOON);
  await waitFor(async () => (await batch(parted.id)).counts.failed === 3, SOON);
  await waitFor(async () => (await batch(swept.id)).counts.failed === 3, SOON);
  expect((await job(single.jobIds[1] ?? '')).failReason).toBe('terminated');
  for (const { id } of [single, parted]) {
    expect((await batch(id)).status).toBe('running');
    await handle(`batch/${id}`).cancel();
  }
});

test('a batch that is cancelled from Temporal shows as cancelled, also when some of it was done', async () => {
  const receiver = await createReceiver();
  const onDone = { type: 'webhook', url: receiver.url };
  for (const fanOut of ['sweep', 'jobs'] as const) {
    const { id } = await submitBatch([`${origin.url}/good`, ...down(2)], { fanOut, onDone });
    await untilRunning(id, 2);
    await waitFor(async () => (await batch(id)).counts.finished === 1);
    const seen = new Set<string>();
    await handle(`batch/${id}`).cancel();
    await waitFor(async () => {
      const { status } = await batch(id);
      seen.add(status);
      return status === 'cancelled';
    }, SOON);
    expect([...seen]).not.toContain('finished');
    expect((await batch(id)).counts).toMatchObject({ finished: 1, cancelled: 2, running: 0 });
  }
  await waitFor(() => receiver.calls.length === 2);
  expect(receiver.calls.map(({ body }) => body.status)).toEqual(['cancelled', 'cancelled']);
});

test('many closings are read page by page, in turns that workers share; what was reset is left alone', async () => {
  // Without a worker of its own, so that nothing but this search can end the rows.
  const other = await startTestService({ roles: ['api'] });
  try {
    const { database } = other.db;
    const others = taskQueues(other.queuePrefix);
    const workflows = createWorkflowClient(other.client, {
      ...{ queues: others, isEager: false, publicUrl: other.url },
      attributes: new SearchAttributeUse({ areKnown: () => Promise.resolve(true), logger: createLogger('silent') }),
    });
    const deps = {
      database,
      stateOf: (id: string) => workflows.stateOf(id),
      closer: new RowCloser({ database, onDeliveries: () => undefined, logger }),
      logger,
    };
    const listClosed = createListClosed(other.client, others, 3);
    let pages = 0;
    let isAway = true;
    const search = new ClosedWorkflowSearch({
      ...deps,
      listClosed: (which) => {
        if (isAway) throw new Error('visibility is away');
        pages += 1;
        return listClosed(which);
      },
    });
    const ids: string[] = [];
    for (let index = 0; index < 40; index++)
      ids.push((await other.call('POST', '/jobs', { apiKey: TEST_KEY, url: `${origin.url}/down` })).body.id);
    const describe = (id: string) => other.client.workflow.getHandle(`job/${id}`).describe();
    await waitFor(async () => (await Promise.all(ids.map(describe))).length === ids.length, SOON);
    for (const id of ids) await other.client.workflow.getHandle(`job/${id}`).terminate('a test');
    const open = async () =>
      (await database.query<{ open: number }>(`select count(*) as open from jobs where status = 'running'`))[0]?.open;
    const due = () => database.query(`update closed_workflow_search set next_page_at = '-infinity'`);
    await expect(search.search()).rejects.toThrow('visibility is away');
    expect(await open()).toBe(40);
    isAway = false;
    await search.search(); // not due again so soon
    expect(pages).toBe(0);
    await waitFor(async () => {
      await due();
      await search.search();
      return (await open()) === 0;
    }, SOON);
    expect(pages).toBeGreaterThanOrEqual(Math.ceil(40 / 3));
  } finally {
    await other.stop();
  }
});

test('a workflow that was reset is not taken for one that was terminated', async () => {
  const id = await submitJob();
  const { runId } = await handle(`job/${id}`).describe();
  await resetWorkflow(service.client, `job/${id}`);
  const later = await submitJob();
  await handle(`job/${later}`).terminate('a test');
  await waitFor(async () => (await job(later)).status === 'failed', SOON);
  expect((await handle(`job/${id}`).describe()).runId).not.toBe(runId);
  expect((await job(id)).status).toBe('running');
  await service.call('DELETE', `/jobs/${id}`);
});

test('a paused batch whose workflow is terminated ends; retried, its URLs are not ended by what became of the workflows before', async () => {
  const urls = [`${origin.url}/down`, 'http://10.0.0.1/'];
  const { headers } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, fanOut: 'sweep' });
  const id = headers.get('x-batch-id') ?? '';
  const ask = (verb: string) => service.call('POST', `/batches/${id}/${verb}`, undefined, { 'x-api-key': TEST_KEY });
  await waitFor(async () => (await batch(id)).counts.running === 1);
  expect((await ask('pause')).body.status).toBe('paused');
  await handle(`batch/${id}`).terminate();
  await waitFor(async () => (await batch(id)).status === 'finished', SOON);
  expect((await batch(id)).counts).toMatchObject({ failed: 2 });
  // The runs before are still in the list of those that were ended.
  expect((await ask('retry-failed')).body.status).toBe('running');
  await waitFor(async () => (await batch(id)).counts.running === 1, SOON);
  const [search] = await service.db.database.query<{ at: string }>(
    'select next_page_at::text as at from closed_workflow_search',
  );
  await waitFor(async () => {
    const [now] = await service.db.database.query('select 1 from closed_workflow_search where next_page_at > $1', [
      search?.at,
    ]);
    return now !== undefined;
  }, SOON);
  expect(await batch(id)).toMatchObject({ status: 'running', counts: { running: 1, failed: 1 } });
  await ask('cancel');
  await waitFor(async () => (await batch(id)).status === 'cancelled', SOON);
});
