import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { findFreePort } from '../../src/embedded/ports';
import { findTemporalCli } from '../../src/embedded/temporal-cli';
import { temporalServerArgs } from '../../src/embedded/temporal-server-args';
import { waitFor } from './wait-for';

/** A Temporal of its own that suggests to continue as new after `events` events instead of 4,096. */
export async function startSmallHistoryTemporal(
  events: number,
): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const options = { ip: '127.0.0.1', uiPort: undefined, namespace: 'default', databaseFile: undefined, keywords: [] };
  const port = await findFreePort();
  const args = temporalServerArgs({ ...options, port, metricsPort: await findFreePort() });
  const suggest = ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${events}`];
  const home = await mkdtemp(join(tmpdir(), 'everfetch-temporal-'));
  const child = spawn(findTemporalCli(process.env), [...args, ...suggest], {
    cwd: home,
    env: { HOME: home },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const address = `127.0.0.1:${port}`;
  await waitFor(async () => {
    const connection = await Connection.connect({ address, connectTimeout: '1 second' });
    await connection.workflowService.describeNamespace({ namespace: 'default' }).finally(() => connection.close());
    return true;
  });
  return {
    address,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}
