import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { findFreePort } from '../../src/embedded/ports';
import { findProcess } from '../../src/embedded/running-process';
import { findTemporalCli } from '../../src/embedded/temporal-cli';
import { startEmbeddedTemporal } from '../../src/embedded/temporal-server';
import type { EmbeddedTemporal, EmbeddedTemporalOptions } from '../../src/embedded/temporal-server';
import { createLogger } from '../../src/telemetry/logger';
import { waitFor } from '../support/wait-for';
import { compileEmbedded, runScript } from './run-typescript';

const cliPath = findTemporalCli(process.env);
let dir: string;
const started: EmbeddedTemporal[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'everfetch temporal '));
});

afterEach(async () => {
  for (const temporal of started.splice(0)) await temporal.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedTemporalOptions> = {}): Promise<EmbeddedTemporal> {
  const temporal = await startEmbeddedTemporal({
    cliPath,
    dataDir: join(dir, 'temporal'),
    port: await findFreePort(),
    uiPort: undefined,
    namespace: 'default',
    retentionHours: 72,
    logger: createLogger('silent'),
    ...options,
  });
  started.push(temporal);
  return temporal;
}

async function withService<T>(
  address: string,
  use: (service: Connection['workflowService']) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(connection.workflowService);
  } finally {
    await connection.close();
  }
}

const retentionSeconds = (address: string, namespace = 'default') =>
  withService(address, async (service) => {
    const { config } = await service.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds);
  });

/** No worker runs, so it just lies there. */
const startWorkflow = (address: string, workflowId: string) =>
  withService(address, (service) =>
    service.startWorkflowExecution({
      namespace: 'default',
      workflowId,
      requestId: workflowId,
      workflowType: { name: 'any' },
      taskQueue: { name: 'any' },
    }),
  );

const describeWorkflow = (address: string, workflowId: string) =>
  withService(address, (service) =>
    service.describeWorkflowExecution({ namespace: 'default', execution: { workflowId } }),
  );

test('workflows and retention survive a restart, and a database of a known version is used again', async () => {
  const first = await start();
  expect(first).toMatchObject({ isNewDatabase: true, uiUrl: undefined });
  expect(readdirSync(join(dir, 'temporal'))).toContain('temporal-1.9.1.db');
  expect(await retentionSeconds(first.address)).toBe(72 * 3_600);
  await startWorkflow(first.address, 'kept');
  const pid = first.pid() ?? 0;
  await first.stop();
  expect(findProcess(pid)).toBeUndefined();

  const second = await start({ retentionHours: 48 }); // applies to a namespace that exists already
  expect(second.isNewDatabase).toBe(false);
  expect(await retentionSeconds(second.address)).toBe(48 * 3_600);
  await describeWorkflow(second.address, 'kept');
});

test('a namespace of another name is made, with the same retention', async () => {
  const temporal = await start({ dataDir: undefined, namespace: 'pages' });
  expect(temporal.isNewDatabase).toBe(true);
  expect(await retentionSeconds(temporal.address, 'pages')).toBe(72 * 3_600);
});

test('the Web UI answers on its port', async () => {
  const uiPort = await findFreePort();
  const temporal = await start({ dataDir: undefined, uiPort });
  expect(temporal.uiUrl).toBe(`http://127.0.0.1:${uiPort}`);
  await waitFor(async () => (await fetch(`http://127.0.0.1:${uiPort}/`)).ok);
});

test.each([
  ['port', 'EMBEDDED_TEMPORAL_PORT'],
  ['uiPort', 'TEMPORAL_UI_PORT'],
])('a taken %s is refused by name of %s', async (option, variable) => {
  const port = await findFreePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  try {
    await expect(start({ [option]: port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program. Stop that program, or set ${variable} to a free port.`,
    );
  } finally {
    server.close();
  }
});

test('a new database counts as new until it was taken into use', async () => {
  const onNewDatabase = () => Promise.reject(new Error('our own database is away'));
  await expect(start({ onNewDatabase })).rejects.toThrow('our own database is away');
  const temporal = await start();
  expect(temporal.isNewDatabase).toBe(true);
});

test('a server that is killed comes back on the same address with its workflows', async () => {
  const temporal = await start();
  await startWorkflow(temporal.address, 'kept');
  const pid = temporal.pid() ?? 0;
  process.kill(pid, 'SIGKILL');
  await waitFor(() => temporal.pid() !== undefined && temporal.pid() !== pid);
  await waitFor(() => describeWorkflow(temporal.address, 'kept'));
});

test('settings of the program in a home or a shared folder that we cannot read are not in its way, and nothing of it stays', async () => {
  const shared = join(dir, 'shared');
  // A folder in the place of a file, because root may read the files of everybody.
  mkdirSync(join(shared, '.config', 'temporalio', 'temporal.yaml'), { recursive: true });
  const options = { cliPath, port: await findFreePort(), namespace: 'default', retentionHours: 72 };
  const code = `const { startEmbeddedTemporal } = require('./embedded/temporal-server.js');
    startEmbeddedTemporal({ ...${JSON.stringify(options)}, logger: require('./telemetry/logger.js').createLogger('error') })
      .then((temporal) => temporal.stop()).then(() => console.log('stopped'), (error) => console.log(String(error)));`;
  const env = { TMPDIR: shared, HOME: shared, XDG_CONFIG_HOME: join(shared, '.config') };
  const script = runScript(compileEmbedded(dir), code, env);
  await once(script.process, 'close');
  expect(script.output()).toBe('stopped\n');
  expect(readdirSync(shared)).toEqual(['.config']);
});

describe('after the parent was killed', () => {
  async function startElsewhere(port: number) {
    const options = { cliPath, dataDir: join(dir, 'temporal'), port, namespace: 'default', retentionHours: 72 };
    const code = `const { startEmbeddedTemporal } = require('./embedded/temporal-server.js');
      startEmbeddedTemporal({ ...${JSON.stringify(options)}, logger: require('./telemetry/logger.js').createLogger('error') })
        .then((temporal) => console.log('pid ' + temporal.pid() + '.'), (error) => console.log(String(error)));`;
    const script = runScript(compileEmbedded(dir), code);
    const match = await waitFor(() => /pid (\d+)\./.exec(script.output()) ?? undefined, { message: 'the start' });
    return { script, pid: Number(match[1]) };
  }

  test('its guard stops the server', async () => {
    const { script, pid } = await startElsewhere(await findFreePort());
    script.process.kill('SIGKILL');
    await waitFor(() => findProcess(pid) === undefined);
  });

  test('a start at once, on the same port, waits for the old server and finds its workflows', async () => {
    const port = await findFreePort();
    const { script, pid } = await startElsewhere(port);
    expect(Number(readFileSync(join(dir, 'temporal', 'temporal.pid'), 'utf8'))).toBe(pid);
    await startWorkflow(`127.0.0.1:${port}`, 'kept');
    process.kill(pid, 'SIGSTOP'); // its guard cannot stop it now: only the next start can
    script.process.kill('SIGKILL');
    setTimeout(() => process.kill(pid, 'SIGCONT'), 500);
    const temporal = await start({ port });
    expect(findProcess(pid)).toBeUndefined();
    expect(temporal.isNewDatabase).toBe(false);
    await describeWorkflow(temporal.address, 'kept');
    await temporal.stop();
    expect(existsSync(join(dir, 'temporal', 'temporal.pid'))).toBe(false);
  });
});
