import { batchObject } from '../../src/jobs/batch-object';
import { createBatchId, createJobId, batchMemberId } from '../../src/jobs/job-id';
import { batchWorkflowId } from '../../src/jobs/workflow-ids';
import { Reconciler } from '../../src/service/reconciler';
import { RowCloser } from '../../src/service/row-closer';
import { findBatch, insertBatch } from '../../src/store/batches';
import { findJob, insertJob } from '../../src/store/jobs';
import { createLogger } from '../../src/telemetry/logger';
import type { WorkflowState } from '../../src/temporal/workflow-client';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';

const HOUR_MS = 3_600_000;

let db: TestDatabase;
let apiKeyId: string;
/** What Temporal says of a workflow; of all others that it is running. */
const states = new Map<string, WorkflowState>();
const asked: string[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  apiKeyId = await addDefaultKey(db.database);
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.database.query('truncate jobs, batch_chunks, batches cascade');
  states.clear();
  asked.length = 0;
});

function createReconciler(): Reconciler {
  const { database } = db;
  const logger = createLogger('silent');
  const closer = new RowCloser({ database, onDeliveries: () => undefined, logger });
  const stateOf = async (workflowId: string): Promise<WorkflowState> => {
    asked.push(workflowId);
    const state = states.get(workflowId) ?? 'RUNNING';
    if (state === 'UNKNOWN') throw new Error('Temporal is away');
    return state;
  };
  return new Reconciler({ database, stateOf, closer, logger });
}

/** A job that was started an hour ago and has not been heard of since. */
async function addJob({ deadlineInMs = HOUR_MS, workflowId = '' } = {}): Promise<string> {
  const id = createJobId();
  await insertJob(db.database, {
    ...{ id, apiKeyId, url: 'http://a.example/', options: {}, price: 1 },
    createdAt: new Date(Date.now() - HOUR_MS),
    deadlineAt: new Date(Date.now() + deadlineInMs),
    workflowId: workflowId === '' ? `job/${id}` : workflowId,
  });
  return id;
}

async function addBatch({ deadlineInMs = HOUR_MS } = {}): Promise<string> {
  const id = createBatchId();
  await db.database.transaction((tx) =>
    insertBatch(tx, {
      ...{ id, apiKeyId, urls: ['http://a.example/1', 'http://a.example/2'], prices: [1, 1], options: {} },
      ...{ fanOut: 'sweep' as const, isStarted: true },
      createdAt: new Date(Date.now() - HOUR_MS),
      deadlineAt: new Date(Date.now() + deadlineInMs),
    }),
  );
  return id;
}

const endOf = async (id: string) => {
  const job = await findJob(db.database, id);
  return { status: job?.status, failReason: job?.failReason };
};
const batchOf = async (id: string) => {
  const record = await findBatch(db.database, id);
  return record && batchObject(record, { publicUrl: 'http://127.0.0.1', retentionMs: HOUR_MS });
};

test('a job is closed once its deadline is so long over that no workflow can do it any more', async () => {
  const [late, lately] = [await addJob({ deadlineInMs: -12 * 60_000 }), await addJob({ deadlineInMs: -10 * 60_000 })];
  await createReconciler().reconcile();
  expect(await endOf(late)).toEqual({ status: 'failed', failReason: 'failed_due_to_timeout' });
  expect(await endOf(lately)).toMatchObject({ status: 'running' });
});

test('the URLs of an overdue batch are closed, also those that never got a row, and then the batch', async () => {
  const id = await addBatch({ deadlineInMs: -12 * 60_000 });
  await createReconciler().reconcile();
  expect(await batchOf(id)).toMatchObject({ status: 'finished', counts: { total: 2, failed: 2 } });
  expect(await endOf(batchMemberId(id, 0))).toEqual({ status: 'failed', failReason: 'failed_due_to_timeout' });
});

test.each([
  ['TERMINATED', { status: 'failed', failReason: 'terminated' }],
  ['CANCELLED', { status: 'cancelled' }],
  ['TIMED_OUT', { status: 'failed', failReason: 'failed_due_to_timeout' }],
  ['COMPLETED', { status: 'failed', failReason: 'internal_error' }],
  ['FAILED', { status: 'failed', failReason: 'internal_error' }],
  ['RUNNING', { status: 'running' }],
] as const)('a quiet job whose workflow is %s becomes %j', async (state, end) => {
  const id = await addJob({ workflowId: 'chosen-by-a-client' });
  states.set('chosen-by-a-client', state);
  await createReconciler().reconcile();
  expect(await endOf(id)).toMatchObject(end);
});

test('a job that Temporal does not know is given back to the dispatcher, and stays running', async () => {
  const id = await addJob();
  states.set(`job/${id}`, 'NOT_FOUND');
  await createReconciler().reconcile();
  const [row] = await db.database.query<{ start_acknowledged_at: Date | null }>(
    'select start_acknowledged_at from jobs where id = $1',
    [id],
  );
  expect(row).toEqual({ start_acknowledged_at: null });
  expect(await endOf(id)).toMatchObject({ status: 'running' });
});

test('a quiet batch whose workflow was terminated ends with all its URLs', async () => {
  const id = await addBatch();
  states.set(batchWorkflowId(id), 'TERMINATED');
  await createReconciler().reconcile();
  expect(await batchOf(id)).toMatchObject({ status: 'finished', counts: { total: 2, failed: 2 } });
});

test('a batch whose workflow was cancelled is cancelled', async () => {
  const id = await addBatch();
  states.set(batchWorkflowId(id), 'CANCELLED');
  await createReconciler().reconcile();
  expect(await batchOf(id)).toMatchObject({ status: 'cancelled', counts: { total: 2, cancelled: 2 } });
});

test('a Temporal that is away ends nothing, and the next round asks again', async () => {
  const id = await addJob();
  states.set(`job/${id}`, 'UNKNOWN');
  const reconciler = createReconciler();
  await expect(reconciler.reconcile()).rejects.toThrow('Temporal is away');
  expect(await endOf(id)).toMatchObject({ status: 'running' });
  states.set(`job/${id}`, 'TERMINATED');
  await reconciler.reconcile();
  expect(await endOf(id)).toMatchObject({ status: 'failed' });
});

test('rounds go on behind the jobs that were asked for last, so that none waits behind 200 quiet ones for ever', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 250; n += 1) ids.push(await addJob({ deadlineInMs: HOUR_MS + n }));
  const reconciler = createReconciler();
  await reconciler.reconcile();
  expect(asked).toHaveLength(200);
  await reconciler.reconcile();
  expect([...asked].sort()).toEqual(ids.map((id) => `job/${id}`).sort());
});
