import type { ServerResponse } from 'node:http';
import { createBatchClient, isEnded } from '../support/batch-client';
import type { SeenBatch } from '../support/batch-client';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
let batches: ReturnType<typeof createBatchClient>;
beforeAll(async () => {
  service = await startTestService({ env: { ATTEMPT_TIMEOUT_SEC: '30' } });
  batches = createBatchClient(service);
});
afterAll(() => service.stop());

const handle = (id: string) => service.client.workflow.getHandle(id);
const urlsOf = (base: string, count: number) => Array.from({ length: count }, (_, index) => `${base}/${index}`);

/** A batch without the sentence about this moment. */
const lasting = ({ limitedBy: _limitedBy, ...batch }: SeenBatch & { readonly limitedBy?: unknown }) => batch;

/** A target that answers only what it is told to. */
async function startGatedOrigin() {
  const waiting: ServerResponse[] = [];
  const gate = { isOpen: false };
  const origin = await startOrigin((_req, res) => {
    if (gate.isOpen) res.end('page');
    else waiting.push(res);
  });
  const open = () => {
    gate.isOpen = true;
    for (const res of waiting.splice(0)) res.end('page');
  };
  return { origin, waiting, open };
}

/** Resolves when the number has not changed for longer than sweeps need to hear of a pause. */
async function untilQuiet(count: () => number): Promise<void> {
  let last = { count: count(), atMs: Date.now() };
  await waitFor(() => {
    if (count() !== last.count) last = { count: count(), atMs: Date.now() };
    return Date.now() - last.atMs > 2_000;
  });
}

test('a pause lets what is in flight end and starts nothing; resume goes on at once; the workflow shows both', async () => {
  const { origin, waiting, open } = await startGatedOrigin();
  const { id } = await batches.submit(urlsOf(origin.url, 700), { fanOut: 'sweep' });
  await waitFor(() => waiting.length > 10);
  const paused = await batches.control(id, 'pause');
  expect(paused).toMatchObject({ status: 'paused', pausedBecause: 'request' });
  // What is in flight may not end before the sweeps know, which look once a second.
  await untilQuiet(() => waiting.length);
  const before = origin.requests.length;
  open();
  const still = await batches.until(id, ({ counts }) => counts.running === 0);
  expect(origin.requests.length).toBe(before);
  expect(still.counts).toMatchObject({ finished: before, queued: 700 - before });
  expect(await batches.control(id, 'pause')).toMatchObject({ status: 'paused', counts: still.counts });
  const resumed = await batches.control(id, 'resume');
  expect(resumed).not.toHaveProperty('pausedBecause');
  expect(await batches.control(id, 'resume')).toMatchObject({ status: 'running' });
  expect(await batches.until(id, isEnded)).toMatchObject({ status: 'finished', counts: { finished: 700 } });
  expect(origin.requests).toHaveLength(700);
  const { events } = await handle(`batch/${id}`).fetchHistory();
  const signals = events?.flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
  expect(signals).toContain('resume');
});

test('cancel aborts what is in flight, keeps what is finished, and is answered twice alike', async () => {
  const { origin, waiting } = await startGatedOrigin();
  const { id } = await batches.submit(urlsOf(origin.url, 600), { fanOut: 'sweep' });
  await waitFor(() => waiting.length > 10);
  waiting.splice(0, 3).forEach((res) => res.end('page'));
  await batches.until(id, ({ counts }) => counts.finished === 3);
  await batches.control(id, 'pause');
  expect((await batches.control(id, 'cancel')).counts.total).toBe(600);
  await batches.control(id, 'cancel');
  expect((await batches.ask('POST', `/batches/${id}/resume`)).body).toMatchObject({ code: 'batch_ended' });
  const ended = await batches.until(id, isEnded);
  expect(ended).toMatchObject({ status: 'cancelled', counts: { finished: 3, cancelled: 597 } });
  expect(await batches.control(id, 'cancel')).toEqual(ended);
  for (const verb of ['pause', 'resume'])
    expect(await batches.ask('POST', `/batches/${id}/${verb}`)).toMatchObject({
      status: 409,
      body: { code: 'batch_ended' },
    });
  await expect(handle(`batch/${id}`).result()).rejects.toThrow();
});

test('jobs with a workflow each wait while their batch is paused, with no attempt counted', async () => {
  const { origin, waiting, open } = await startGatedOrigin();
  let isDown = true;
  const down = await startOrigin((_req, res) => {
    res.statusCode = isDown ? 500 : 200;
    res.end('page');
  });
  const { id, jobs } = await batches.submit([...urlsOf(origin.url, 5), down.url], { fanOut: 'jobs' });
  await waitFor(() => waiting.length === 5 && down.requests.length > 0);
  await batches.control(id, 'pause');
  open();
  await batches.until(id, ({ counts }) => counts.running === 0 && counts.finished === 5);
  const failing = jobs[5]?.id ?? '';
  const { attempts } = (await service.call('GET', `/jobs/${failing}`)).body;
  // Its next attempt comes due, and is put off.
  await waitFor(async () => {
    const { pendingActivities = [] } = (await handle(`job/${failing}`).describe()).raw;
    return pendingActivities?.[0]?.lastFailure?.applicationFailureInfo?.type === 'batch_held';
  });
  expect((await service.call('GET', `/jobs/${failing}`)).body.attempts).toBe(attempts);
  isDown = false;
  await batches.control(id, 'resume');
  expect(await batches.until(id, isEnded)).toMatchObject({ counts: { finished: 6 } });
});

test('retry-failed gives what it selects its time once more, under the same ids, and the ends are told again', async () => {
  let isUp = false;
  const origin = await startOrigin((req, res) => {
    res.statusCode = isUp || req.url === '/good' ? 200 : 500;
    res.end('page');
  });
  const receiver = await createReceiver();
  const urls = [`${origin.url}/good`, `${origin.url}/bad`, origin.url.replace('127.0.0.1', 'localhost')];
  const { id, jobs } = await batches.submit([...urls, 'http://10.0.0.1/'], {
    timeoutSec: 10, // enough for the good one on a busy machine
    onDone: { type: 'webhook', url: receiver.url },
  });
  for (const body of [undefined, { dryRun: true }])
    expect(await batches.ask('POST', `/batches/${id}/retry-failed`, body)).toMatchObject({
      status: 409,
      body: { code: 'batch_running' },
    });
  const ended = await batches.until(id, isEnded);
  expect(ended.counts).toMatchObject({ finished: 1, failed: 3 });
  expect(await batches.control(id, 'retry-failed', { statusCode: [404] })).toEqual(ended);
  const unknown = await batches.ask('POST', `/batches/${id}/retry-failed`, { hosts: 'a.example' });
  expect(unknown).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  const { unfinished, reserved } = (
    await service.db.database.query<{ unfinished: number; reserved: number }>('select unfinished, reserved from usage')
  )[0] ?? { unfinished: -1, reserved: -1 };
  // What is shown is what a filter of the same three selects.
  const { body: failures } = await batches.ask('GET', `/batches/${id}/failures`);
  const [timedOut, forbidden] = [
    { failReason: 'failed_due_to_timeout', host: '127.0.0.1', statusCode: 500 },
    { failReason: 'forbidden_target', host: '10.0.0.1' },
  ];
  expect(failures).toMatchObject({ isComplete: true, clusters: expect.any(Array) });
  expect(failures.clusters).toEqual(
    expect.arrayContaining([
      { ...timedOut, jobs: 1, exampleJobId: jobs[1]?.id },
      { ...forbidden, jobs: 1, exampleJobId: jobs[3]?.id },
    ]),
  );
  const retry = (body: object) => batches.ask('POST', `/batches/${id}/retry-failed`, body);
  expect(await retry({ ...timedOut, dryRun: true })).toMatchObject({ status: 200, body: { jobs: 1, credits: 1 } });
  expect((await retry({ ...forbidden, statusCode: 'none', dryRun: true })).body).toEqual({ jobs: 1, credits: 1 });
  expect((await retry({ statusCode: ['none', 500], dryRun: 'true' })).body).toMatchObject({ jobs: 3 });
  expect(await retry({ ...timedOut, ifCount: 2 })).toMatchObject({
    status: 409,
    body: { code: 'count_changed', jobs: 1, detail: expect.stringContaining('1 failed URLs are selected now') },
  });
  expect(await batches.get(id)).toEqual(ended);
  isUp = true;
  const retried = await batches.control(id, 'retry-failed', { ...timedOut, ifCount: 1 });
  expect(retried).toMatchObject({ status: 'running', counts: { finished: 1, failed: 2 } });
  const again = await batches.until(id, isEnded);
  expect(again.counts).toMatchObject({ finished: 2, failed: 2 });
  const bad = (await service.call('GET', `/jobs/${jobs[1]?.id}`)).body;
  expect(bad).toMatchObject({ status: 'finished', response: { body: 'page' } });
  expect(bad.attempts).toBeGreaterThan(1);
  expect(origin.requests.filter(({ url }) => url === '/good')).toHaveLength(1);
  await waitFor(() => receiver.calls.length === 2);
  expect(receiver.calls.map(({ body }) => body.counts.finished)).toEqual([1, 2]);
  const [usage] = await service.db.database.query('select unfinished, reserved from usage');
  expect(usage).toEqual({ unfinished, reserved });
  const { memo } = await handle(`batch/${id}`).describe();
  expect(memo).toEqual({ round: 1 });
});

test('a batch is paused until its time is over: its URLs end as out of time', async () => {
  const { origin, waiting } = await startGatedOrigin();
  const { id, jobs } = await batches.submit(urlsOf(origin.url, 3), { fanOut: 'sweep', timeoutSec: 10 });
  await waitFor(() => waiting.length === 3);
  await batches.control(id, 'pause');
  waiting.forEach((res) => res.destroy());
  expect(await batches.until(id, isEnded)).toMatchObject({ status: 'finished', counts: { failed: 3 } });
  expect((await service.call('GET', `/jobs/${jobs[0]?.id}`)).body.failReason).toBe('failed_due_to_timeout');
});

test('bad calls are refused and change nothing', async () => {
  const { origin, waiting, open } = await startGatedOrigin();
  const { id } = await batches.submit([origin.url], { fanOut: 'sweep' });
  await waitFor(() => waiting.length === 1);
  const before = await batches.until(id, ({ counts }) => counts.running === 1);
  await service.db.database.query(
    `insert into api_keys (name, key_hash) values ('stranger', sha256('stranger')) on conflict do nothing`,
  );
  for (const verb of ['cancel', 'pause', 'resume', 'retry-failed']) {
    const path = `/batches/${id}/${verb}`;
    expect((await service.call('POST', path)).status).toBe(401);
    expect((await service.call('POST', path, undefined, { 'x-api-key': 'stranger' })).status).toBe(404);
    expect((await batches.ask('POST', `${path}?force=1`)).body).toMatchObject({ code: 'invalid_request' });
    expect((await batches.ask('POST', path, { reason: 'none' })).body).toMatchObject({ code: 'invalid_request' });
  }
  expect((await service.call('GET', `/batches/${id}/failures`)).status).toBe(401);
  expect((await service.call('GET', `/batches/${id}/failures`, undefined, { 'x-api-key': 'stranger' })).status).toBe(
    404,
  );
  for (const body of [{ ifCount: -1 }, { ifCount: 'some' }, { dryRun: 'perhaps' }, { statusCode: 'nothing' }])
    expect((await batches.ask('POST', `/batches/${id}/retry-failed`, body)).body).toMatchObject({
      code: 'invalid_request',
    });
  for (const body of [
    {},
    { name: 5 },
    { name: 'x'.repeat(201) },
    { tags: Array.from({ length: 21 }, (_, index) => `t${index}`) },
    { tags: ['x'.repeat(65)] },
    { maxCredits: 0 },
    { maxCredits: 1.5 },
    { maxPerHost: 1_001 },
    { status: 'finished' },
  ])
    expect(await batches.ask('PATCH', `/batches/${id}`, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  expect((await batches.ask('PATCH', `/batches/${id}`, { maxCredits: 5 })).body).toMatchObject({
    code: 'batch_not_paused',
  });
  expect(lasting(await batches.get(id))).toEqual(lasting(before));
  const changed = await batches.ask('PATCH', `/batches/${id}`, { name: 'shop', tags: ['a', 'b'], maxPerHost: 3 });
  expect(changed).toMatchObject({ status: 200, body: { name: 'shop', tags: ['a', 'b'], maxPerHost: 3 } });
  const cleared = await batches.ask('PATCH', `/batches/${id}`, { name: null, tags: null, maxPerHost: null });
  expect(cleared.body).toEqual(lasting(before));
  open();
  await batches.until(id, isEnded);
});
