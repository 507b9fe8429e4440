import { join } from 'node:path';
import { createDatabase } from '../../src/store/database';
import type { Queryable } from '../../src/store/database';
import { createFsSegmentStore } from '../../src/pages/segments/fs-segment-store';
import { parsePageRecord } from '../../src/pages/segments/warc';
import { createLogger } from '../../src/telemetry/logger';
import { waitFor } from '../support/wait-for';
import type { CallbackReceiver, ReceivedJob } from './callback-receiver';
import type { Deployment } from './deployments';
import { Findings } from './findings';
import type { PageTarget } from './page-target';

export interface BatchUnderTest {
  readonly id: string;
  /** Ids of the jobs, in input order. */
  readonly jobIds: readonly string[];
}

export interface CheckBatchDeps {
  readonly deployment: Deployment;
  readonly target: PageTarget;
  readonly receiver: CallbackReceiver;
  readonly batch: BatchUnderTest;
}

/** What is wrong with an ended batch: empty when nothing was lost, doubled or mixed up. */
export async function checkBatch(deps: CheckBatchDeps): Promise<string[]> {
  const database = createDatabase(deps.deployment.databaseUrl, { logger: createLogger('error'), maxConnections: 4 });
  try {
    await untilCalledBack(database, deps);
    return [
      ...(await checkServedPages(deps, 'all finished')),
      ...checkCallbacks(deps),
      ...checkVisits(deps.target),
      ...(await checkRows(database, deps)),
      ...(await checkRecords(database, deps)),
    ];
  } finally {
    await database.close();
  }
}

/** Bounded, and without a verdict: what is missing is told by the checks. That a receiver's worker is gone shows within 30 s. */
async function untilCalledBack(db: Queryable, { receiver, batch }: CheckBatchDeps): Promise<void> {
  const pending = `select count(*) as pending from webhook_deliveries d join jobs j on j.id = d.job_id
                   where j.batch_id = $1 and d.status = 'pending'`;
  const isDone = async () =>
    receiver.calls.size >= batch.jobIds.length && (await onlyRow(db, pending, [batch.id]))['pending'] === 0;
  await waitFor(isDone, { timeoutMs: 120_000, intervalMs: 100 }).catch(() => undefined);
}

/** `GET /jobs/:id` of every job. A job that has not ended must show no page; a finished one its own, whole. */
export async function checkServedPages(
  { deployment, target, batch }: Omit<CheckBatchDeps, 'receiver'>,
  expected: 'all finished' | 'some running',
): Promise<string[]> {
  const wrong = new Findings('jobs are not served right');
  const indexes = batch.jobIds.keys();
  const read = async () => {
    for (const index of indexes) {
      const id = batch.jobIds[index] ?? '';
      const { status, body } = await deployment.call('GET', `/jobs/${id}`);
      const job = body as ReceivedJob;
      if (status === 200 && job.status === 'running' && job.response === undefined && expected === 'some running')
        continue;
      if (status !== 200) wrong.add(`${id} is answered with ${status}`);
      else if (!isPage(job, target, index)) wrong.add(`${id} is ${job.status} with another page than that of its URL`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, read));
  return wrong.lines();
}

function checkCallbacks({ receiver, target, batch }: CheckBatchDeps): string[] {
  const wrong = new Findings('callbacks are missing or wrong');
  const indexOf = new Map(batch.jobIds.map((id, index) => [id, index]));
  for (const id of batch.jobIds) if (!receiver.calls.has(id)) wrong.add(`${id} was never called back`);
  for (const [id, calls] of receiver.calls) {
    const index = indexOf.get(id);
    if (index === undefined) wrong.add(`${id} is not a job of the batch`);
    else if (!calls.every((job) => isPage(job, target, index))) wrong.add(`a call of ${id} has another page`);
  }
  return wrong.lines();
}

const isPage = (job: ReceivedJob, target: PageTarget, index: number): boolean =>
  job.status === 'finished' && job.url === target.urls[index] && job.response?.body === target.pageOf(index);

function checkVisits(target: PageTarget): string[] {
  const missing = target.underfetched();
  return missing === 0 ? [] : [`${missing} pages are finished without having been answered`];
}

/** One final row per job, chunk counters that say the same, one delivery per job, nothing still reserved for the key. */
async function checkRows(db: Queryable, { target, batch }: CheckBatchDeps): Promise<string[]> {
  const total = batch.jobIds.length;
  const found = await onlyRow(
    db,
    `select
       (select json_build_array(count(*), count(distinct id), count(*) filter (where status = 'finished'))
          from jobs where batch_id = $1) as "jobs, distinct, finished",
       (select json_build_array(sum(finished), sum(failed), sum(cancelled)) from batch_chunks where batch_id = $1)
         as "chunk counters finished, failed, cancelled",
       (select json_build_array(count(*), count(distinct d.job_id), count(*) filter (where d.event = 'job.finished'),
                                count(*) filter (where d.status = 'delivered'))
          from webhook_deliveries d join jobs j on j.id = d.job_id where j.batch_id = $1)
         as "deliveries, of distinct jobs, job.finished, delivered",
       (select json_build_array(unfinished, reserved) from usage u join batches b on b.api_key_id = u.api_key_id
         where b.id = $1) as "unfinished and reserved of the key"`,
    [batch.id],
  );
  const expected = [
    [total, total, total],
    [total, 0, 0],
    [total, total, total, total],
    [0, 0],
  ];
  const wrong = Object.entries(found).flatMap(([what, values], index) =>
    JSON.stringify(values) === JSON.stringify(expected[index])
      ? []
      : [`${what}: expected ${JSON.stringify(expected[index])}, found ${JSON.stringify(values)}`],
  );
  const rows = await db.query<{ id: string; attempts: number }>('select id, attempts from jobs where batch_id = $1', [
    batch.id,
  ]);
  const attemptsOf = new Map(rows.map(({ id, attempts }) => [id, attempts]));
  const overcounted = new Findings('jobs count more attempts than the target saw visits');
  for (const [index, id] of batch.jobIds.entries())
    if ((attemptsOf.get(id) ?? 0) > target.visitsOf(index))
      overcounted.add(`${id}: ${attemptsOf.get(id) ?? 0} attempts, ${target.visitsOf(index)} visits`);
  return [...wrong, ...overcounted.lines()];
}

async function onlyRow(db: Queryable, sql: string, values: readonly unknown[]): Promise<Record<string, unknown>> {
  const [row] = await db.query<Record<string, unknown>>(sql, values);
  if (row === undefined) throw new Error('no row');
  return row;
}

/** Every row's place in a segment holds exactly one record, that of its URL and page. */
async function checkRecords(db: Queryable, { deployment, target, batch }: CheckBatchDeps): Promise<string[]> {
  const wrong = new Findings('rows do not point at the record of their page');
  const segments = createFsSegmentStore(join(deployment.dataDir, 'pages'));
  const indexOf = new Map(batch.jobIds.map((id, index) => [id, index]));
  const rows = await db.query<{ id: string; segment: string; offset: number; length: number }>(
    'select id, segment, segment_offset as offset, segment_length as length from jobs where batch_id = $1',
    [batch.id],
  );
  for (const { id, segment, offset, length } of rows) {
    const index = indexOf.get(id) ?? Number.NaN;
    try {
      const record = parsePageRecord(await segments.read(segment, offset, length));
      if (record.targetUri !== target.urls[index]) wrong.add(`${id}: the record is that of ${record.targetUri}`);
    } catch (error) {
      wrong.add(`${id}: ${String(error)}`);
    }
  }
  return wrong.lines();
}
