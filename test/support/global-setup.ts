import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/embedded/ports';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import { findTemporalCli } from '../../src/embedded/temporal-cli';
import { startEmbeddedTemporal } from '../../src/embedded/temporal-server';
import { searchAttributeNames } from '../../src/jobs/search-attributes';
import { createLogger } from '../../src/telemetry/logger';
import { bundleWorkflows } from '../../src/temporal/bundle-workflows';
import { keepForTeardown } from './run-servers';
import { makeTemplateDatabase } from './test-database';

/** What no test depends on: a run's data is thrown away, so that it need not survive the power. */
const POSTGRES_SETTINGS = { max_connections: '400', fsync: 'off', full_page_writes: 'off' };

/**
 * What the test files of a run share, made once: a real PostgreSQL with a migrated template database, a real Temporal server,
 * and the bundled workflows. Tests find them through environment variables.
 */
export default async function globalSetup(): Promise<void> {
  const logger = createLogger('error');
  const folder = await mkdtemp(join(tmpdir(), 'everfetch-test-'));
  await chmod(folder, 0o755); // as root, PostgreSQL runs as somebody else, who has to enter it
  const servers = keepForTeardown(folder);
  const bundle = join(folder, 'workflow-bundle.js');
  const [postgres, temporal, bundled] = await Promise.allSettled([
    startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), logger, settings: POSTGRES_SETTINGS }),
    findFreePort().then((port) =>
      startEmbeddedTemporal({
        cliPath: findTemporalCli(process.env),
        dataDir: undefined,
        port,
        uiPort: undefined,
        namespace: 'default',
        retentionHours: 72,
        keywords: Object.values(searchAttributeNames),
        logger,
      }),
    ),
    bundleWorkflows(bundle),
  ]);
  for (const server of [postgres, temporal]) if (server.status === 'fulfilled') servers.push(server.value);
  if (postgres.status === 'rejected') throw postgres.reason;
  if (temporal.status === 'rejected') throw temporal.reason;
  if (bundled.status === 'rejected') throw bundled.reason;
  const maintenanceUrl = new URL(postgres.value.url);
  maintenanceUrl.pathname = '/postgres';
  process.env['TEST_DATABASE_URL'] = maintenanceUrl.href;
  process.env['TEST_TEMPORAL_ADDRESS'] = temporal.value.address;
  process.env['TEST_WORKFLOW_BUNDLE'] = bundle;
  await makeTemplateDatabase();
}
