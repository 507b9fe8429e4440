import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createDatabase } from '../../src/store/database';
import type { Database } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { createLogger } from '../../src/telemetry/logger';

const maintenanceUrl = (): string => {
  const url = process.env['TEST_DATABASE_URL'];
  if (url === undefined) throw new Error('TEST_DATABASE_URL is set by the global setup');
  return url;
};

async function administer(sql: string): Promise<void> {
  const client = new Client({ connectionString: maintenanceUrl() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  drop(): Promise<void>;
}

const TEMPLATE = 'test_template';

const openDatabase = (name: string): TestDatabase => {
  const url = new URL(maintenanceUrl());
  url.pathname = `/${name}`;
  const database = createDatabase(url.href, { logger: createLogger('silent') });
  return {
    url: url.href,
    database,
    async drop() {
      await database.close();
      await administer(`drop database ${name} with (force)`);
    },
  };
};

/** Once per run: the migrations are applied here, and every test database is a copy. */
export async function makeTemplateDatabase(): Promise<void> {
  await administer(`create database ${TEMPLATE}`);
  const { database } = openDatabase(TEMPLATE);
  await migrate(database);
  await database.close(); // a database is copied only while nobody uses it
}

/** A database of its own in the run's real PostgreSQL, migrated. Drop it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`create database ${name} template ${TEMPLATE}`);
  return openDatabase(name);
}
