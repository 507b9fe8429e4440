import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { createBatchClient, isEnded } from '../support/batch-client';
import type { SeenBatch } from '../support/batch-client';
import { createInstallation, isAlive, startEverfetch } from '../support/everfetch-process';
import type { EverfetchProcess, Installation } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';

jest.setTimeout(400_000);

let installation: Installation;
let everfetch: EverfetchProcess;
beforeAll(async () => {
  installation = await createInstallation({ ATTEMPT_TIMEOUT_SEC: '60' });
  everfetch = await startEverfetch(installation);
});
afterAll(async () => {
  await kill();
  await installation.remove();
});

async function kill(): Promise<void> {
  const below = everfetch.descendants();
  // Everything at once, as when the machine loses its power. PostgreSQL and Temporal are processes of their own.
  for (const pid of [everfetch.child.pid ?? -1, ...below]) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await everfetch.exited;
  await waitFor(() => !below.some(isAlive), { message: 'the end of all processes' });
}

const batches = createBatchClient({
  call: (method, path, body) => everfetch.call(method, path, body),
});

/** When the process is killed after the call was sent (ms): before, in the middle of or after the commit. */
const KILL_WITHIN_MS = 30;

/**
 * Sends a control call, kills everything while it is carried out, and starts again. A call that was not answered is repeated, as
 * clients do, unless `isNoted` tells that it need not be.
 */
async function controlAndKill(id: string, verb: string, isNoted: (batch: SeenBatch) => boolean): Promise<void> {
  const answered = batches.ask('POST', `/batches/${id}/${verb}`).catch(() => undefined);
  await sleep(Math.random() * KILL_WITHIN_MS);
  await kill();
  const answer = await answered;
  everfetch = await startEverfetch(installation);
  if (answer?.status !== 200 && !isNoted(await batches.get(id))) await batches.control(id, verb);
}

test('kill -9 of everything while a batch is paused, resumed, cancelled and retried: what was asked for happens, or nothing', async () => {
  const waiting: ServerResponse[] = [];
  let isOpen = false;
  const origin = await startOrigin((_req, res) => {
    if (isOpen) res.end('page');
    else waiting.push(res);
  });
  // The addresses that are refused make failed URLs, and have to be ended at once.
  const urls = Array.from({ length: 120 }, (_, index) =>
    index % 20 === 0 ? `http://10.0.0.1/${index}` : `${origin.url}/${index}`,
  );
  const { id } = await batches.submit(urls, { fanOut: 'sweep' });
  await waitFor(() => waiting.length > 0);
  await controlAndKill(id, 'pause', ({ status }) => status === 'paused');
  await batches.until(id, ({ status, counts }) => status === 'paused' && counts.running === 0, 60_000);
  isOpen = true;
  waiting.splice(0).forEach((res) => res.destroy());
  const whilePaused = origin.requests.length;

  await controlAndKill(id, 'resume', ({ status }) => status === 'running');
  expect(origin.requests.length).toBeGreaterThanOrEqual(whilePaused);
  const finished = await batches.until(id, isEnded, 90_000);
  expect(finished).toMatchObject({ status: 'finished', counts: { finished: 114, failed: 6 } });

  const fetched = origin.requests.length;
  await controlAndKill(id, 'retry-failed', ({ status }) => status === 'running');
  const again = await batches.until(id, isEnded, 60_000);
  expect(again).toMatchObject({ status: 'finished', counts: { finished: 114, failed: 6 } });
  expect(origin.requests).toHaveLength(fetched);

  isOpen = false;
  const other = await batches.submit(urls, { fanOut: 'sweep' });
  await waitFor(() => waiting.length > 0);
  await controlAndKill(other.id, 'cancel', ({ status }) => status === 'cancelled');
  const cancelled = await batches.until(other.id, isEnded, 60_000);
  expect(cancelled).toMatchObject({ status: 'cancelled' });
  expect(cancelled.counts.cancelled + cancelled.counts.failed).toBe(120);
});
