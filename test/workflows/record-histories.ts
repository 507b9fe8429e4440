import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTemporalCli } from '../../src/embedded/temporal-cli';
import { startOrigin } from '../support/origin';
import { resetWorkflow } from '../support/reset-workflow';
import { startSmallHistoryTemporal } from '../support/small-history-temporal';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

const FOLDER = join(__dirname, 'histories');

/**
 * Records the histories that `replay.test.ts` replays, named after the version that wrote them. It is not a test and runs only as
 * `npm run record-histories`, before a release that changes a workflow; earlier files are kept.
 */
const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
  version: string;
};
const run = promisify(execFile);

interface Which {
  readonly name: string;
  readonly workflowId: string;
  /** @default the last one */
  readonly runId?: string;
  /** Address of Temporal. @default the one of the test run */
  readonly address?: string;
}

async function saveHistory({ name, workflowId, runId, address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '' }: Which) {
  const which = ['--workflow-id', workflowId, ...(runId === undefined ? [] : ['--run-id', runId])];
  const args = ['workflow', 'show', '--output', 'json', '--address', address, ...which];
  const { stdout } = await run(findTemporalCli(process.env), args, { maxBuffer: 64 * 1024 * 1024 });
  await mkdir(FOLDER, { recursive: true });
  // Neither of them is part of a replay, and both describe the machine that recorded.
  const history: unknown = JSON.parse(stdout, (key, value: unknown) =>
    key === 'stackTrace' ? '' : key === 'identity' ? 'recorded' : value,
  );
  await writeFile(join(FOLDER, `${name}-${version}.json`), `${JSON.stringify(history, null, 2)}\n`);
}

test('a receiver whose workflow continues as new', async () => {
  const temporal = await startSmallHistoryTemporal(40);
  const service = await startTestService({ temporalAddress: temporal.address });
  try {
    const origin = await startOrigin((_req, res) => res.end('page'));
    const receiver = await createReceiver(() => 500);
    const callback = { type: 'webhook', url: receiver.url };
    await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url, callback });
    await waitFor(() => receiver.calls.length > 0);
    const [endpoint] = await service.db.database.query<{ id: string }>('select id from webhook_endpoints');
    const workflowId = `webhook/${endpoint?.id}`;
    const { runId } = await service.client.workflow.getHandle(workflowId).describe();
    await waitFor(
      async () => {
        await service.client.workflow.getHandle(workflowId).signal('wake');
        return (await service.client.workflow.getHandle(workflowId).describe()).runId !== runId;
      },
      { timeoutMs: 120_000, intervalMs: 500 },
    );
    await saveHistory({ name: 'deliver-webhooks-continued', workflowId, runId, address: temporal.address });
  } finally {
    await service.stop();
    await temporal.stop();
  }
});

test('what a browser loads', async () => {
  const service = await startTestService({ env: { ATTEMPT_TIMEOUT_SEC: '40' } });
  try {
    const origin = await startOrigin((_req, res) => res.setHeader('content-type', 'text/html').end('<p>page</p>'));
    const rendered = { apiKey: TEST_KEY, apiParams: { render: true } };
    const job = await service.call('POST', '/jobs', { ...rendered, url: origin.url });
    const batch = await service.call('POST', '/batchjobs', { ...rendered, urls: [origin.url], fanOut: 'sweep' });
    const batchId = batch.headers.get('x-batch-id') ?? '';
    for (const workflowId of [`job/${job.body.id}`, `batch/${batchId}`])
      await service.client.workflow.getHandle(workflowId).result();
    await saveHistory({ name: 'scrape-job-rendered', workflowId: `job/${job.body.id}` });
    await saveHistory({ name: 'scrape-batch-rendered', workflowId: `batch/${batchId}` });
    await saveHistory({ name: 'scrape-chunk-rendered', workflowId: `batch/${batchId}/chunk/0` });
  } finally {
    await service.stop();
  }
});

test('starts of Temporal clients, refused ones and a reset', async () => {
  const service = await startTestService();
  try {
    let isUp = false;
    const origin = await startOrigin((req, res) => {
      res.statusCode = isUp || req.url !== '/down' ? 200 : 500;
      res.end('page');
    });
    const { client, queuePrefix } = service;
    const start = (type: string, workflowId: string, request: object) =>
      client.workflow.start(type, {
        workflowId,
        taskQueue: `${queuePrefix}-${type === 'scrapeJob' ? 'jobs' : 'sweeps'}`,
        args: [request],
      });
    const names = ['job', 'batch', 'nothing', 'reset'].map((name) => `${name}-${queuePrefix}`);
    const [job = '', batch = '', nothing = '', reset = ''] = names;
    await start('scrapeJob', job, { url: origin.url });
    await start('scrapeBatch', batch, { urls: [origin.url] });
    await start('scrapeJob', nothing, {});
    await start('scrapeBatch', reset, { urls: [`${origin.url}/down`], fanOut: 'jobs' });
    await waitFor(() => origin.requests.some(({ url }) => url === '/down'));
    await resetWorkflow(client, reset);
    isUp = true;
    for (const id of names)
      await client.workflow
        .getHandle(id)
        .result()
        .catch(() => undefined);
    await saveHistory({ name: 'scrape-job-of-a-start', workflowId: job });
    await saveHistory({ name: 'scrape-batch-of-a-start', workflowId: batch });
    await saveHistory({ name: 'scrape-job-refused', workflowId: nothing });
    await saveHistory({ name: 'scrape-batch-reset', workflowId: reset });
  } finally {
    await service.stop();
  }
});

test('workflows that are found by search attributes, and tell how far they have come', async () => {
  const service = await startTestService();
  try {
    let hasOwnWorkflow = false;
    const origin = await startOrigin((req, res) => {
      res.statusCode = req.url === '/bad' && !hasOwnWorkflow ? 503 : 200;
      res.end('page');
    });
    const submit = async (paths: readonly string[], fanOut: 'jobs' | 'sweep') => {
      const urls = paths.map((path) => `${origin.url}${path}`);
      const { headers, body } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, fanOut });
      return { id: headers.get('x-batch-id') ?? '', jobIds: body.map(({ id }: { id: string }) => id) as string[] };
    };
    const job = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url });
    const parted = await submit(
      Array.from({ length: 101 }, (_, index) => `/${index}`),
      'jobs',
    );
    const swept = await submit(['/0', '/bad'], 'sweep');
    const own = service.client.workflow.getHandle(`job/${swept.jobIds[1]}`);
    await waitFor(() => own.describe(), { timeoutMs: 90_000, intervalMs: 200 });
    hasOwnWorkflow = true;
    for (const workflowId of [`job/${job.body.id}`, `batch/${parted.id}`, `batch/${swept.id}`])
      await service.client.workflow.getHandle(workflowId).result();
    await saveHistory({ name: 'scrape-job-found', workflowId: `job/${job.body.id}` });
    await saveHistory({ name: 'scrape-batch-found', workflowId: `batch/${parted.id}` });
    await saveHistory({ name: 'scrape-chunk-found', workflowId: `batch/${parted.id}/chunk/0` });
    await saveHistory({ name: 'scrape-part-found', workflowId: `batch/${parted.id}/chunk/0/from/100` });
    await saveHistory({ name: 'scrape-chunk-found-promoted', workflowId: `batch/${swept.id}/chunk/0` });
  } finally {
    await service.stop();
  }
}, 240_000);

test('a batch that is paused, resumed and retried', async () => {
  const service = await startTestService();
  try {
    const origin = await startOrigin((_req, res) => res.end('page'));
    const headers = { 'x-api-key': TEST_KEY };
    const ask = (method: string, path: string) => service.call(method, path, undefined, headers);
    const urls = [`${origin.url}/0`, 'http://10.0.0.1/'];
    const { headers: answered } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, fanOut: 'sweep' });
    const id = answered.get('x-batch-id') ?? '';
    const untilEnded = () => waitFor(async () => (await ask('GET', `/batches/${id}`)).body.status === 'finished');
    await untilEnded();
    await ask('POST', `/batches/${id}/retry-failed`);
    await untilEnded();
    await saveHistory({ name: 'scrape-batch-retried', workflowId: `batch/${id}` });
    await saveHistory({ name: 'scrape-chunk-retried', workflowId: `batch/${id}/chunk/0` });

    const waiting: (() => void)[] = [];
    const gated = await startOrigin((_req, res) => void waiting.push(() => res.end('page')));
    const more = Array.from({ length: 502 }, (_, index) => `${gated.url}/${index}`);
    const second = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: more, fanOut: 'sweep' });
    const paused = second.headers.get('x-batch-id') ?? '';
    await waitFor(() => waiting.length > 0);
    await ask('POST', `/batches/${paused}/pause`);
    const chunk = service.client.workflow.getHandle(`batch/${paused}/chunk/0`);
    const answer = () => waiting.splice(0).forEach((each) => each());
    // The sweep has handed back, and the workflow waits.
    await waitFor(async () => {
      answer();
      const { raw } = await chunk.describe();
      return (raw.pendingActivities ?? []).length === 0;
    });
    await ask('POST', `/batches/${paused}/resume`);
    await waitFor(async () => {
      answer();
      return (await ask('GET', `/batches/${paused}`)).body.status === 'finished';
    });
    await service.client.workflow.getHandle(`batch/${paused}`).result();
    // `scrape-…-signals-unknown` are the same with the workflows of 0.2.0, which have no handlers.
    await saveHistory({ name: 'scrape-batch-paused', workflowId: `batch/${paused}` });
    await saveHistory({ name: 'scrape-chunk-paused', workflowId: `batch/${paused}/chunk/0` });
  } finally {
    await service.stop();
  }
});

test('histories of every workflow', async () => {
  const service = await startTestService();
  const save = (name: string, workflowId: string) => saveHistory({ name, workflowId });
  try {
    const visits = new Map<string, number>();
    const origin = await startOrigin((req, res) => {
      const visit = (visits.get(req.url ?? '') ?? 0) + 1;
      visits.set(req.url ?? '', visit);
      const isFailing =
        req.url === '/down' || (req.url === '/once' && visit === 1) || (req.url === '/bad' && visit <= 5);
      res.statusCode = isFailing ? 500 : 200;
      res.end('ok');
    });
    const receiver = await createReceiver();
    const submit = async (path: string, more: object = {}) =>
      (await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: `${origin.url}${path}`, ...more })).body
        .id as string;
    const untilEnded = (id: string) =>
      waitFor(async () => (await service.call('GET', `/jobs/${id}`)).body.status !== 'running');

    const finished = await submit('/once', { callback: { type: 'webhook', url: receiver.url } });
    const timedOut = await submit('/down', { timeoutSec: 3 });
    const cancelled = await submit('/down');
    await waitFor(async () => (await service.call('GET', `/jobs/${cancelled}`)).body.attempts > 0);
    await service.client.workflow.getHandle(`job/${cancelled}`).cancel();
    for (const id of [finished, timedOut, cancelled]) await untilEnded(id);
    await service.client.workflow.execute('scrapeJob', {
      workflowId: `recorded-${service.queuePrefix}`,
      taskQueue: `${service.queuePrefix}-jobs`,
      args: [{ url: origin.url }],
    });

    const submitBatch = async (urls: readonly string[], fanOut: 'jobs' | 'sweep', more: object = {}) =>
      (await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, fanOut, ...more })).headers.get(
        'x-batch-id',
      ) ?? '';
    const pages = Array.from({ length: 120 }, (_, index) => `${origin.url}/${index}`);
    const batch = await submitBatch(pages, 'jobs');
    const swept = await submitBatch([...pages, `${origin.url}/bad`], 'sweep');
    const many = Array.from({ length: 12_600 }, (_, index) => `${origin.url}/many/${index}`);
    const ranges = await submitBatch(many, 'sweep');
    const late = await submitBatch([`${origin.url}/down`, `${origin.url}/0`], 'sweep', { timeoutSec: 25 });
    const down = [`${origin.url}/down`, `${origin.url}/down`];
    const stopped = await submitBatch(down, 'jobs');
    const stoppedSweep = await submitBatch(down, 'sweep');
    await waitFor(
      async () => (await service.client.workflow.getHandle(`batch/${stopped}/chunk/0`).describe()).historyLength > 10,
    );
    await waitFor(async () => {
      const key = { 'x-api-key': TEST_KEY };
      return (await service.call('GET', `/batches/${stoppedSweep}`, undefined, key)).body.counts.running > 0;
    });
    for (const id of [stopped, stoppedSweep]) await service.client.workflow.getHandle(`batch/${id}`).cancel();
    for (const id of [batch, swept, ranges, late, stopped, stoppedSweep])
      await service.client.workflow
        .getHandle(`batch/${id}`)
        .result()
        .catch(() => undefined);
    await service.client.workflow.execute('enforceRetention', {
      workflowId: `retention-${service.queuePrefix}`,
      taskQueue: `${service.queuePrefix}-webhooks`,
      args: [],
    });
    await waitFor(() => receiver.calls.length === 1);
    const [endpoint] = await service.db.database.query<{ id: string }>('select id from webhook_endpoints');
    await waitFor(
      async () =>
        (await service.client.workflow.getHandle(`webhook/${endpoint?.id}`).describe()).status.name === 'COMPLETED',
      { timeoutMs: 90_000 },
    );

    await save('scrape-job-finished-after-retry', `job/${finished}`);
    await save('scrape-job-timed-out', `job/${timedOut}`);
    await save('scrape-job-cancelled', `job/${cancelled}`);
    await save('scrape-job-programmatic', `recorded-${service.queuePrefix}`);
    await save('scrape-batch-finished', `batch/${batch}`);
    await save('scrape-chunk-finished', `batch/${batch}/chunk/0`);
    await save('scrape-batch-swept-in-ranges', `batch/${ranges}`);
    await save('scrape-chunk-range', `batch/${ranges}/chunk/2`);
    await save('scrape-part-finished', `batch/${batch}/chunk/0/from/0`);
    await save('scrape-batch-swept', `batch/${swept}`);
    await save('scrape-chunk-swept-and-promoted', `batch/${swept}/chunk/0`);
    await save('scrape-chunk-swept-until-timeout', `batch/${late}/chunk/0`);
    await save('scrape-chunk-sweep-cancelled', `batch/${stoppedSweep}/chunk/0`);
    await save('scrape-batch-cancelled', `batch/${stopped}`);
    await save('scrape-chunk-cancelled', `batch/${stopped}/chunk/0`);
    await save('deliver-webhooks', `webhook/${endpoint?.id}`);
    await save('enforce-retention', `retention-${service.queuePrefix}`);
  } finally {
    await service.stop();
  }
}, 300_000);
