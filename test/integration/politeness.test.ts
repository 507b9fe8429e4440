import { createService } from '../../src/service/create-service';
import type { Service } from '../../src/service/create-service';
import { loadConfig } from '../../src/config/config';
import { createLogger } from '../../src/telemetry/logger';
import { startTestService, TEST_KEY } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';
import { startPacedTarget } from './paced-target';
import type { PacedTarget } from './paced-target';

const ENV = {
  ALLOW_PRIVATE_TARGETS: '127.0.0.0/8,::1',
  HOST_LIMITS: '127.0.0.1=5/s, 127.0.0.2=1/h;robots=off, localhost=robots=off',
  MAX_CONCURRENT_FETCHES: '8',
  RESPECT_ROBOTS_TXT: 'true',
};

let service: TestService;
let secondWorker: Service;
let target: PacedTarget;
beforeAll(async () => {
  service = await startTestService({ env: ENV });
  secondWorker = await createService({
    config: loadConfig({ ...ENV, DATA_DIR: service.dataDir, API_KEY: TEST_KEY, ATTEMPT_TIMEOUT_SEC: '5' }),
    roles: ['worker'],
    databaseUrl: service.db.url,
    temporalAddress: process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
    logger: createLogger('silent'),
    queuePrefix: service.queuePrefix,
    workflowBundle: process.env['TEST_WORKFLOW_BUNDLE'],
  });
  await secondWorker.connected;
});
afterAll(async () => {
  await secondWorker.stop();
  await service.stop();
});
beforeEach(async () => {
  target = await startPacedTarget();
});
afterEach(() => target.close());

const urlsOf = (host: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `http://${host}:${target.port}/${index}`);

async function submit(urls: readonly string[], fields: Record<string, unknown> = {}): Promise<string> {
  const { headers } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, ...fields });
  return headers.get('x-batch-id') ?? '';
}

const countsOf = async (id: string): Promise<Record<string, number>> =>
  (await service.call('GET', `/batches/${id}`, undefined, { 'x-api-key': TEST_KEY })).body.counts;

const untilFinished = (id: string, count: number) =>
  waitFor(async () => (await countsOf(id))['finished'] === count, { message: `${count} finished pages` });

test('one host limited to 5/s with two workers: the target sees no more, however one looks', async () => {
  const slow = await submit(urlsOf('127.0.0.1', 25), { fanOut: 'jobs' });
  const swept = await submit(urlsOf('127.0.0.1', 8), { fanOut: 'sweep' });
  await Promise.all([untilFinished(slow, 25), untilFinished(swept, 8)]);
  const times = (await target.arrivals()).filter(({ host }) => host === '127.0.0.1').map(({ atMs }) => atMs);
  const mostWithin = (windowMs: number) =>
    Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + windowMs).length));
  // Slots are 200 ms apart, each forgiven half of that: six in a second. On a busy machine requests that were sent in time are noticed
  // late and closer together, up to two of them in a second; over five seconds that makes no difference.
  expect(mostWithin(1_000)).toBeLessThanOrEqual(6 + 2);
  expect(mostWithin(5_000)).toBeLessThanOrEqual(26);
  expect(times.length).toBeLessThanOrEqual(35); // each page once, and robots.txt once per worker
  expect(await target.connections()).toBeGreaterThan(1); // both workers
});

test('more jobs of a host with a very slow pace than a worker has room for do not keep those of other hosts out', async () => {
  await submit(urlsOf('127.0.0.2', 60), { fanOut: 'jobs' });
  await untilFinished(await submit(urlsOf('localhost', 20), { fanOut: 'jobs' }), 20);
});

test('jobs whose turn at a host does not come in time say that they were not tried', async () => {
  const [url = ''] = urlsOf('127.0.0.2', 1);
  const untilEnded = async (each: number): Promise<Record<string, unknown>> => {
    const job = { apiKey: TEST_KEY, url: `${url}?${each}`, timeoutSec: 3 };
    const { id } = (await service.call('POST', '/jobs', job)).body;
    const ended = async () => {
      const { body } = await service.call('GET', `/jobs/${id}`);
      return body.status === 'running' ? undefined : body;
    };
    return waitFor(ended);
  };
  // The host may be asked once an hour, so at most one of them is fetched.
  const failed = (await Promise.all([1, 2, 3].map(untilEnded))).filter(({ status }) => status === 'failed');
  expect(failed.length).toBeGreaterThanOrEqual(2);
  for (const job of failed)
    expect(job).toMatchObject({
      ...{ failReason: 'failed_due_to_timeout', attempts: 0 },
      lastFailure: { reason: 'not-tried', detail: 'its turn had not come when its time was over' },
    });
});

test('a host that answers 429 is left alone by all sweeps and jobs until its rest is over, and then everything is fetched', async () => {
  await target.tire(4_000);
  const swept = await submit(urlsOf('localhost', 60), { fanOut: 'sweep' });
  const jobs = await submit(urlsOf('localhost', 20), { fanOut: 'jobs' });
  await Promise.all([untilFinished(swept, 60), untilFinished(jobs, 20)]);
  const refused = (await target.arrivals()).filter(({ statusCode }) => statusCode === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(20); // those in flight in either worker when the first one came
});

test('a URL that robots.txt disallows fails at once and is not asked for', async () => {
  const id = await submit([`http://127.0.0.1:${target.port}/private/1`, `http://127.0.0.1:${target.port}/public`]);
  await waitFor(async () => (await countsOf(id))['failed'] === 1);
  await untilFinished(id, 1);
  expect((await target.arrivals()).map(({ url }) => url)).not.toContain('/private/1');
});
