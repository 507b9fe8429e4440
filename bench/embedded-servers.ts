import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../src/embedded/ports';
import { startEmbeddedPostgres } from '../src/embedded/postgres';
import { findTemporalCli } from '../src/embedded/temporal-cli';
import { startEmbeddedTemporal } from '../src/embedded/temporal-server';
import type { Logger } from '../src/telemetry/logger';

export interface EmbeddedServers {
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  stop(): Promise<void>;
}

/** The servers of `npm start`, with the same settings, on free ports and a temporary folder. */
export async function startEmbeddedServers(logger: Logger): Promise<EmbeddedServers> {
  const dataDir = await mkdtemp(join(tmpdir(), 'everfetch-bench-'));
  await chmod(dataDir, 0o711); // mkdtemp makes it 700, and a PostgreSQL started by root runs as nobody
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: await findFreePort(),
    logger,
  });
  const temporal = await startEmbeddedTemporal({
    cliPath: findTemporalCli(process.env),
    dataDir: join(dataDir, 'temporal'),
    port: await findFreePort(),
    uiPort: await findFreePort(),
    namespace: 'default',
    retentionHours: 72,
    logger,
  });
  return {
    dataDir,
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    async stop() {
      await temporal.stop();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
