import { batchMemberId, createBatchId } from '../../src/jobs/job-id';
import type { Queryable } from '../../src/store/database';
import { listDeliveries } from '../../src/store/delivery-log';
import type { DeliveryFilter } from '../../src/store/delivery-log';
import { insertBatchRow } from '../support/delivery-rows';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey, addOtherKey } from '../support/test-keys';

const batchId = createBatchId(1_600_000_000_000);
let db: TestDatabase;
let apiKeyId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  apiKeyId = await addDefaultKey(db.database);
  const otherKeyId = await addOtherKey(db.database);
  await insertBatchRow(db.database, apiKeyId, batchId);
  await db.database.query(
    `insert into webhook_endpoints (id, api_key_id, origin)
     select 'e' || n, case when n <= 5 then $1::uuid else $2::uuid end, 'https://r' || n || '.example' from generate_series(1, 20) n`,
    [apiKeyId, otherKeyId],
  );
  await db.database.query(
    `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, deadline_at, ended_at)
     select (left($1, 32) || lpad(to_hex(n), 4, '0'))::uuid, $2::uuid, 0, $3::uuid, 'https://a.example/', 'finished', now(), now()
     from generate_series(1, 20000) n`,
    [batchId, batchId, apiKeyId],
  );
  await db.database.query(
    `insert into webhook_deliveries (id, endpoint_id, job_id, event, url, status)
     select (lpad(to_hex(1600000000000 + n), 12, '0') || '70008' || substr(md5(n::text), 1, 15))::uuid, 'e' || 1 + n % 20,
       case when n <= 20000 then (left($1, 32) || lpad(to_hex(n), 4, '0'))::uuid end,
       'job.finished', 'https://r.example/', case when n % 1000 = 0 then 'failed' else 'delivered' end
     from generate_series(1, 200000) n`,
    [batchId],
  );
  await db.database.query(
    'insert into webhook_attempts (delivery_id, place, at, duration_ms) select id, 1, now(), 1 from webhook_deliveries',
  );
  await db.database.query('vacuum analyze');
});
afterAll(() => db.drop());

/** Explains the query of a list. @returns the nodes of its plan, as PostgreSQL names them */
async function planOf(filter: Partial<DeliveryFilter>): Promise<string[]> {
  const plans: string[][] = [];
  const explaining: Queryable = {
    query: async (sql, values) => {
      const rows = await db.database.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, values);
      plans.push(rows.map((row) => row['QUERY PLAN']));
      return [];
    },
  };
  await listDeliveries(explaining, apiKeyId, { limit: 100, ...filter });
  return plans.flat();
}

test.each<[string, Partial<DeliveryFilter>, RegExp]>([
  ['everything', {}, /webhook_deliveries_log/],
  ['the largest page', { limit: 1_000 }, /webhook_deliveries_log/],
  ['a page far down', { cursor: '0174876e-b000-7000-8000-000000000000' }, /webhook_deliveries_log/],
  ['a range', { since: new Date(1_600_000_001_000), until: new Date(1_600_000_002_000) }, /webhook_deliveries_log/],
  ['an origin', { origin: 'https://r2.example' }, /webhook_deliveries_log/],
  ['what is lost', { statuses: ['failed', 'stopped'] }, /webhook_deliveries_lost/],
  ['what has failed', { statuses: ['failed'] }, /webhook_deliveries_lost/],
  ['what is pending', { statuses: ['pending'] }, /webhook_deliveries_(due|log)/],
  ['a job', { jobId: batchMemberId(batchId, 7) }, /webhook_deliveries_of_job/],
  ['a batch', { batchId }, /webhook_deliveries_of_job/],
])('in 200,000 deliveries a list of %s reads an index', async (_name, filter, index) => {
  const plan = (await planOf(filter)).join('\n');
  expect(plan).not.toMatch(/Seq Scan on webhook_(deliveries|attempts)/);
  expect(plan).toMatch(index);
});
