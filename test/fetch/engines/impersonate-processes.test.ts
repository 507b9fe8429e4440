import { fork } from 'node:child_process';
import { join } from 'node:path';
import { BrowserProcesses } from '../../../src/fetch/engines/impersonate-processes';
import { ImpersonateExchange } from '../../../src/fetch/engines/impersonate-exchange';
import { createEgressProxy } from '../../../src/fetch/egress/egress-proxy';
import { createGuard } from '../../../src/net/guard';
import { waitFor } from '../../support/wait-for';
import { outcomeOf, startTlsOrigin } from './impersonate-fixture';

const settings = { timeoutMs: 20_000, maxClients: 32, ignoreTlsErrors: true };
const isRunning = (pid = 0) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a process that dies takes its requests with it, another one takes its place, and stopping ends that', async () => {
  const processes = new BrowserProcesses(settings);
  const first = await processes.of('chrome151');
  expect(await processes.of('chrome151')).toBe(first);
  const origin = await startTlsOrigin(() => undefined);
  const egress = await createEgressProxy({ guard: createGuard(['127.0.0.1']) });
  const { server, username, password } = egress.addressFor(undefined);
  const exchange = new ImpersonateExchange({ onInterrupt: undefined });
  const order = { url: `${origin.url}/`, method: 'GET', headers: [], body: undefined, isFresh: false };
  first?.send({ ...order, proxyUrl: server.replace('//', `//${username}:${password}@`) }, exchange);
  await waitFor(() => origin.requests.length === 1);
  process.kill(first?.pid ?? 0, 'SIGKILL');
  expect(await outcomeOf(exchange.unwrapped())).toEqual({ kind: 'unreachable', code: 'CONNECTION_CLOSED' });
  await waitFor(() => first?.isAlive === false);
  const [second, third] = await Promise.all([processes.of('chrome151'), processes.of('chrome151')]);
  expect(second).toBe(third);
  expect(second?.pid).not.toBe(first?.pid);
  await processes.stop();
  expect(isRunning(second?.pid)).toBe(false);
  expect((await processes.of('firefox144'))?.isAlive).toBeUndefined();
  await egress.close();
});

test('a process that cannot start is reported once, and not waited for again and again', async () => {
  const errors: unknown[] = [];
  const error = new Error('no such program');
  let starts = 0;
  const processes = new BrowserProcesses(
    settings,
    (each) => errors.push(each),
    async () => {
      starts += 1;
      throw error;
    },
  );
  const asked = await Promise.all([processes.of('chrome151'), processes.of('chrome151')]);
  expect([...asked, await processes.of('chrome151')]).toEqual([undefined, undefined, undefined]);
  expect(errors).toEqual([error]);
  expect(starts).toBe(1);
  await processes.stop();
});

test('signals to the group do not end a process, the end of its parent does; nobody without the token is served', async () => {
  const main = join(__dirname, '../../../src/fetch/engines/impersonate-main.ts');
  const child = fork(main, [], { execArgv: ['--import', 'tsx'] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const told = new Promise<{ port: number }>((resolve) =>
    child.once('message', (message) => resolve(message as never)),
  );
  child.send({ ...settings, browser: 'chrome151', token: 'right' });
  const { port } = await told;
  child.kill('SIGINT');
  child.kill('SIGTERM');
  for (const headers of [{}, { 'x-token': 'wrong' }])
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: '{}' })).status).toBe(403);
  child.disconnect();
  expect(await gone).toBe(0);
});
