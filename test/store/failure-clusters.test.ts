import { batchMemberId, createBatchId } from '../../src/jobs/job-id';
import { findFailureClusters } from '../../src/store/failure-clusters';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';

let db: TestDatabase;
let apiKeyId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  apiKeyId = await addDefaultKey(db.database);
});
afterAll(() => db.drop());

/** Writes the rows of failed URLs. @param url SQL of the URL, and `more` of `fail_reason, last_failure, status_code`, by the place `n` */
async function failedBatch(total: number, url: string, more: string): Promise<string> {
  const id = createBatchId();
  await db.database.query(
    `insert into batches (id, api_key_id, total, options, fan_out, deadline_at) values ($1, $2, $3, '{}', 'sweep', now())`,
    [id, apiKeyId, total],
  );
  await db.database.query(
    `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, deadline_at, ended_at, fail_reason, last_failure, status_code)
     select (left($1::uuid::text, 32) || lpad(to_hex(n), 4, '0'))::uuid, $1, (n - 1) / 500, $2, ${url}, 'failed', now(), now(), ${more}
     from generate_series(1, $3::int) n`,
    [id, apiKeyId, total],
  );
  return id;
}

test('50,000 failed URLs are grouped exactly, whatever their URLs look like', async () => {
  const url = `case n % 5 when 0 then 'https://shop.example/a?b=' || n when 1 then 'HTTPS://User:pw@SHOP.example:8443\\\\x' || n
    when 2 then 'http://shop.example.#' || n when 3 then 'http://bücher.example/' || n else 'http://[::1]:80/' || n end`;
  const reason = `case n % 2 when 0 then 'failed_due_to_timeout' end`;
  const failure = `case when n % 3 > 0 then json_build_object('statusCode', 500 + n % 3) end`;
  const id = await failedBatch(50_000, url, `${reason}, ${failure}, case when n % 3 = 0 and n % 2 = 1 then 404 end`);
  const { clusters, isComplete } = await findFailureClusters(db.database, id);
  expect(isComplete).toBe(true);
  // Three hosts; two reasons; three statuses, of which "none" goes with one reason and 404 with the other.
  expect(clusters).toHaveLength(3 * 2 * 3);
  expect(clusters.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(50_000);
  expect(clusters.map(({ jobs }) => jobs)).toEqual(clusters.map(({ jobs }) => jobs).sort((a, b) => b - a));
  const of = (wanted: object) =>
    clusters.filter((each) => Object.entries(wanted).every(([k, v]) => each[k as 'host'] === v));
  expect(of({ host: 'shop.example' }).reduce((sum, { jobs }) => sum + jobs, 0)).toBe(30_000);
  expect(of({ host: 'xn--bcher-kva.example', failReason: 'failed_due_to_timeout', statusCode: 501 })).toEqual([
    {
      ...{ failReason: 'failed_due_to_timeout', host: 'xn--bcher-kva.example', statusCode: 501, jobs: 1_666 },
      exampleJobId: batchMemberId(id, 27),
    },
  ]);
  expect(of({ host: '::1', failReason: 'internal_error', statusCode: 404 })).toHaveLength(1);
  expect(
    of({ host: '::1', failReason: 'failed_due_to_timeout' }).filter((each) => each.statusCode === undefined),
  ).toHaveLength(1);
});

test('beyond 200 groups the smallest are left out, and the answer says so', async () => {
  const id = await failedBatch(1_000, `'http://h' || n % 300 || '.example/'`, 'null, null, null');
  const { clusters, isComplete } = await findFailureClusters(db.database, id);
  expect({ isComplete, clusters: clusters.length, most: clusters[0]?.jobs }).toEqual({
    ...{ isComplete: false, clusters: 200, most: 4 },
  });
});
