import { childNamed, createInstallation, isAlive, startEverfetch } from '../support/everfetch-process';
import type { EverfetchProcess, Installation } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';

jest.setTimeout(240_000);

let installation: Installation;
let everfetch: EverfetchProcess;
beforeEach(async () => {
  installation = await createInstallation({ WORKERS: '3', HOST_LIMITS: '127.0.0.1=concurrency=2' });
  everfetch = await startEverfetch(installation);
});
afterEach(async () => {
  everfetch.child.kill('SIGKILL');
  await everfetch.exited;
  await installation.remove();
});

const WORKER = /everfetch\.js worker/;

test('a host limited to two connections never sees more from three workers, also when one is killed; a stop ends all', async () => {
  let open = 0;
  let most = 0;
  const origin = await startOrigin((_req, res) => {
    most = Math.max(most, ++open);
    res.once('close', () => (open -= 1));
    setTimeout(() => res.end('<html>fine</html>'), 100);
  });
  const urls = Array.from({ length: 90 }, (_, index) => `${origin.url}/${index}`);
  expect((await everfetch.call('GET', '/healthz')).body.workers).toBe(3);
  const accepted = (await everfetch.call('POST', '/batchjobs', { urls, fanOut: 'jobs' })).body as { id: string }[];
  expect(accepted).toHaveLength(urls.length);
  await waitFor(() => origin.requests.length > 20, { timeoutMs: 60_000, message: 'a few pages' });
  const killed = childNamed(everfetch, WORKER);
  process.kill(killed, 'SIGKILL');
  await waitFor(() => new Set(origin.requests.map(({ url }) => url)).size === urls.length, {
    timeoutMs: 150_000,
    message: 'all pages',
  });
  await waitFor(async () => (await everfetch.call('GET', '/healthz')).body.workers === 3, { timeoutMs: 60_000 });
  expect(most).toBe(2);
  const all = everfetch.descendants();
  everfetch.child.kill('SIGTERM');
  expect(await everfetch.exited).toBe(0);
  await waitFor(() => !all.some(isAlive), { timeoutMs: 30_000, message: 'the end of all processes' });
});
