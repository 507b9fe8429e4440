import { Client, Connection } from '@temporalio/client';
import { chunkCount } from '../../src/store/batches';
import { createRandom } from '../crash/random';
import { startPageTarget } from '../crash/page-target';
import type { PageTarget } from '../crash/page-target';
import { startSplitDeployment } from '../crash/deployments';
import type { SplitDeployment } from '../crash/deployments';
import { submitBatch } from '../crash/submit-batch';
import type { EverfetchProcess } from '../support/everfetch-process';
import { endedSweeps, pollingWorkers, sweepingWorker } from '../support/swept-by';
import { waitFor } from '../support/wait-for';

/** Ten chunks, so that both workers get some. */
const PAGES = 5_000;
const chunks = Array.from({ length: chunkCount(PAGES) }, (_, chunk) => chunk);

let deployment: SplitDeployment;
let connection: Connection;
let client: Client;
let target: PageTarget;
beforeAll(async () => {
  deployment = await startSplitDeployment({ workers: 2 });
  connection = await Connection.connect({ address: deployment.temporalAddress });
  client = new Client({ connection });
  await waitFor(async () => new Set(await pollingWorkers(client)).size === 2, { message: 'both workers to poll' });
});
afterAll(async () => {
  await connection.close();
  await deployment.stop();
});
beforeEach(async () => {
  target = await startPageTarget({ pages: PAGES, random: createRandom(7), slowestMs: 400 });
});
afterEach(() => target.close());

const pidsOf = (workers: readonly EverfetchProcess[]) => workers.map(({ child }) => child.pid).sort();

const countsOf = async (batchId: string) => (await deployment.call('GET', `/batches/${batchId}`)).body.counts;

const untilFinished = (batchId: string, pages: number) =>
  waitFor(async () => (await countsOf(batchId)).finished >= pages, {
    timeoutMs: 120_000,
    message: `${pages} finished pages`,
  });

/** The workers that ended the sweeps of the chunk, oldest first. */
const workersOf = async (batchId: string, chunk: number) =>
  (await endedSweeps(client, batchId, chunk)).map(({ workerPid }) => workerPid);

test('two workers share a batch, and no page is fetched twice', async () => {
  const { id } = await submitBatch(deployment, target.urls);
  await untilFinished(id, PAGES);
  const sweepers = (await Promise.all(chunks.map((chunk) => workersOf(id, chunk)))).flat();
  expect([...new Set(sweepers)].sort()).toEqual(pidsOf(deployment.workers));
  expect([target.refetched(), target.underfetched()]).toEqual([0, 0]);
});

test('when one of two workers is killed, the other takes over its chunks', async () => {
  const { id } = await submitBatch(deployment, target.urls);
  await untilFinished(id, PAGES / 5);
  const holders = await Promise.all(chunks.map((chunk) => sweepingWorker(client, id, chunk)));
  const doomed = deployment.workers.find(({ child }) => holders.includes(child.pid));
  doomed?.child.kill('SIGKILL');
  await doomed?.exited;
  await untilFinished(id, PAGES);
  expect(await countsOf(id)).toMatchObject({ total: PAGES, finished: PAGES });

  const survivors = deployment.workers.filter((worker) => worker !== doomed);
  const orphaned = chunks.filter((chunk) => holders[chunk] === doomed?.child.pid);
  expect(orphaned.length).toBeGreaterThan(0);
  for (const chunk of orphaned) {
    await waitFor(async () => (await endedSweeps(client, id, chunk)).some(({ attempt }) => attempt > 1));
    expect([...new Set(await workersOf(id, chunk))]).toEqual(pidsOf(survivors));
  }
  expect(target.underfetched()).toBe(0);
});
