import { Client } from 'pg';
import type { Database } from '../../src/store/database';
import { insertDeliveryRow } from '../support/delivery-rows';
import type { DeliveryRowOptions } from '../support/delivery-rows';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey, addOtherKey } from '../support/test-keys';

/** A database with two API keys; `insert` makes deliveries of the first one unless told otherwise. */
export interface DeliveriesFixture {
  readonly database: Database;
  readonly apiKeyId: string;
  readonly otherKeyId: string;
  insert(options?: Partial<DeliveryRowOptions>): Promise<string>;
  /** Runs `work` with a connection beside the pool, and closes it. */
  withClient(work: (client: Client) => Promise<void>): Promise<void>;
}

/** Gives each test of the file a fresh database. @param defaults options of deliveries that a test does not choose */
export function useDeliveries(defaults: Partial<DeliveryRowOptions> = {}): DeliveriesFixture {
  let db: TestDatabase;
  let apiKeyId: string;
  let otherKeyId: string;
  beforeEach(async () => {
    db = await createTestDatabase();
    apiKeyId = await addDefaultKey(db.database);
    otherKeyId = await addOtherKey(db.database);
  });
  afterEach(() => db.drop());

  return {
    get database() {
      return db.database;
    },
    get apiKeyId() {
      return apiKeyId;
    },
    get otherKeyId() {
      return otherKeyId;
    },
    insert: (options = {}) => insertDeliveryRow(db.database, { apiKeyId, ...defaults, ...options }),
    async withClient(work) {
      const client = new Client({ connectionString: db.url });
      await client.connect();
      try {
        await work(client);
      } finally {
        await client.end();
      }
    },
  };
}
