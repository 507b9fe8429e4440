import { randomUUID } from 'node:crypto';
import { createBatchId, createJobId, taskQueues } from '../../src';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const url = 'http://127.0.0.1:9/';
const [jobId, batchId] = [createJobId(), createBatchId()];
const soon = Date.now() + 3_600_000;
const chunk = { batchId, chunk: 0, fanOut: 'sweep', deadlineAtMs: soon };
const part = { batchId, chunk: 0, fromPlace: 0, deadlineAtMs: soon };
const anyId = () => `any-${randomUUID()}`;

const NO_OBJECTS: unknown[][] = [[], [null], ['nonsense'], [7], [true], [[]], [[url]], [{}], [Buffer.from('bytes')]];

const cases: [type: string, workflowId: string, args: unknown[]][] = [
  ...['scrapeJob', 'scrapeBatch', 'scrapeChunk', 'scrapePart', 'deliverWebhooks'].flatMap((type) =>
    NO_OBJECTS.map((args): [string, string, unknown[]] => [type, anyId(), args]),
  ),
  ...[
    { url: null },
    { url: 7 },
    { url: 'nonsense' },
    { url: 'ftp://a.example/' },
    { url: 'javascript:alert(1)' },
    { url: 'http://' },
    { url: ['http://a.example/'] },
    { url, method: 7 },
    { url, headers: 'x: y' },
    { url, apiParams: 'render' },
    { url, callback: 'http://a.example/' },
    { url, timeoutSec: 'soon' },
    { url, deadlineAtMs: 'tomorrow' },
    { url, deadlineAtMs: 1e300 },
    { url, startAtMs: {} },
    { url, startAtMs: 1e15 },
    { url, isRendered: 'yes' },
    { url: 'nonsense', render: true },
    { jobId: 7 },
    { jobId: '' },
    { jobId },
    { jobId, url, deadlineAtMs: soon },
  ].map((input): [string, string, unknown[]] => ['scrapeJob', anyId(), [input]]),
  ['scrapeJob', `job/${jobId}`, [{ jobId }]], // there is none
  ['scrapeJob', `job/${createJobId()}`, [{ jobId }]],
  ...[
    { urls: null },
    { urls: 'http://a.example/' },
    { urls: [] },
    { urls: [7] },
    { urls: ['nonsense'] },
    { urls: { length: 1 } },
    { urls: [url], fanOut: 'wide' },
    { urls: [url], onDone: 'http://a.example/' },
    { urls: [url], deadlineAtMs: 'tomorrow' },
    { urls: [url], apiParams: [1] },
    { batchId },
    { batchId, urls: [url] },
    { batchId: 7 },
    { batchId, chunks: 1, fanOut: 'jobs', deadlineAtMs: soon },
  ].map((input): [string, string, unknown[]] => ['scrapeBatch', anyId(), [input]]),
  ['scrapeBatch', `batch/${batchId}`, [{ batchId, chunks: 1e9, fanOut: 'jobs', deadlineAtMs: soon }]],
  ['scrapeBatch', `batch/${batchId}`, [{ batchId, chunks: 1, fanOut: 'jobs', deadlineAtMs: soon }]], // there is none
  ['scrapeBatch', `batch/${batchId}`, [{ batchId }]],
  ['scrapeChunk', anyId(), [chunk]],
  ['scrapeChunk', `batch/${batchId}/chunk/0`, [chunk]], // there is none
  ['scrapeChunk', `batch/${batchId}/chunk/0`, [{ ...chunk, fanOut: 'jobs' }]],
  ['scrapeChunk', `batch/${batchId}/chunk/0`, [{ ...chunk, fanOut: 'wide' }]],
  ['scrapeChunk', `batch/${batchId}/chunk/0`, [{ ...chunk, chunk: -1 }]],
  ['scrapeChunk', `batch/${batchId}/chunk/0`, [{ ...chunk, chunks: 1.5 }]],
  ['scrapeChunk', `batch/${batchId}/chunk/0`, [{ ...chunk, deadlineAtMs: null }]],
  ['scrapePart', anyId(), [part]],
  ['scrapePart', `batch/${batchId}/chunk/0/from/0`, [part]], // there is none
  ['scrapePart', `batch/${batchId}/chunk/0/from/0`, [{ ...part, fromPlace: 'first' }]],
  ['deliverWebhooks', anyId(), [{ endpointId: 'x' }]],
  ['deliverWebhooks', anyId(), [{ endpointId: '0'.repeat(32) }]],
  ['enforceRetention', anyId(), ['nonsense']],
];

test.each(cases)('%s under the id %s fails as invalid_request with %j', async (type, workflowId, args) => {
  const queues = taskQueues(service.queuePrefix);
  const isJob = type === 'scrapeJob';
  const taskQueue = isJob ? queues.jobs : type.startsWith('scrape') ? queues.sweeps : queues.webhooks;
  await expect(service.client.workflow.execute(type, { workflowId, taskQueue, args })).rejects.toMatchObject({
    cause: { type: 'invalid_request', nonRetryable: true, message: expect.stringMatching(/.{8}/) },
  });
});

test('a job of somebody else is left alone', async () => {
  const { body } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url });
  const taskQueue = taskQueues(service.queuePrefix).jobs;
  const options = { workflowId: anyId(), taskQueue, args: [{ jobId: body.id, url }] };
  await expect(service.client.workflow.execute('scrapeJob', options)).rejects.toMatchObject({
    cause: { type: 'invalid_request' },
  });
  expect((await service.call('GET', `/jobs/${body.id}`)).body.status).toBe('running');
  await service.call('DELETE', `/jobs/${body.id}`);
});
