import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config';
import { createService } from '../../src/service/create-service';
import { collectLogs } from '../support/collect-logs';
import { createTestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

test('when the last part cannot be opened, those before it are closed again', async () => {
  const db = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'everfetch-test-'));
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const opening = createService({
    config: loadConfig({ PORT: String(port), DATA_DIR: dataDir, API_KEY: 'a-key-of-the-test' }),
    roles: ['api', 'worker'],
    databaseUrl: db.url,
    temporalAddress: process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
    logger: collectLogs().logger,
    queuePrefix: `test-${randomUUID()}`,
    workflowBundle: process.env['TEST_WORKFLOW_BUNDLE'],
  });
  await expect(opening).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const { pathname } = new URL(db.url);
  await waitFor(async () => {
    const [row] = await db.database.query<{ count: number }>(
      'select count(*)::int as count from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
      [pathname.slice(1)],
    );
    return row?.count === 0;
  });
  other.close();
  await rm(dataDir, { recursive: true, force: true });
  await db.drop();
});
