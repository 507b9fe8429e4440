import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/embedded/ports';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import { findTemporalCli } from '../../src/embedded/temporal-cli';
import { startEmbeddedTemporal } from '../../src/embedded/temporal-server';
import { createLogger } from '../../src/telemetry/logger';
import { keepForTeardown } from './run-servers';

/** One real PostgreSQL and one real Temporal server per run; tests find them through two environment variables. */
export default async function globalSetup(): Promise<void> {
  const logger = createLogger('error');
  const folder = await mkdtemp(join(tmpdir(), 'everfetch-test-'));
  await chmod(folder, 0o755); // as root, PostgreSQL runs as somebody else, who has to enter it
  const servers = keepForTeardown(folder);
  const [postgres, temporal] = await Promise.allSettled([
    startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), logger, settings: { max_connections: '300' } }),
    findFreePort().then((port) =>
      startEmbeddedTemporal({
        cliPath: findTemporalCli(process.env),
        dataDir: undefined,
        port,
        uiPort: undefined,
        namespace: 'default',
        retentionHours: 72,
        logger,
      }),
    ),
  ]);
  for (const server of [postgres, temporal]) if (server.status === 'fulfilled') servers.push(server.value);
  if (postgres.status === 'rejected') throw postgres.reason;
  if (temporal.status === 'rejected') throw temporal.reason;
  const maintenanceUrl = new URL(postgres.value.url);
  maintenanceUrl.pathname = '/postgres';
  process.env['TEST_DATABASE_URL'] = maintenanceUrl.href;
  process.env['TEST_TEMPORAL_ADDRESS'] = temporal.value.address;
}
