import { Webhook } from 'standardwebhooks';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import type { ReceivedCall } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const key = { 'x-api-key': TEST_KEY };
const api = (method: string, path: string, body?: unknown) => service.call(method, path, body, key);
const webhook = (url: string) => ({ type: 'webhook', url });
const MEGABYTE = 1024 * 1024;

async function submit(url: string, more: object): Promise<string> {
  return (await service.call('POST', '/jobs', { apiKey: TEST_KEY, url, ...more })).body.id as string;
}

async function secret(): Promise<string> {
  return (await api('GET', '/webhooks/secret')).body.secret as string;
}

const verify = (call: ReceivedCall | undefined, with_: string) =>
  new Webhook(with_).verify(call?.rawBody ?? '', (call?.headers ?? {}) as Record<string, string>);

test('a callback is signed with the secret of the key, and carries what the status URL gives', async () => {
  const origin = await startOrigin((_req, res) => res.end('<p>page</p>'));
  const receiver = await createReceiver();
  const id = await submit(origin.url, { callback: webhook(receiver.url), meta: { row: 1 } });
  const [call] = await waitFor(() => (receiver.calls.length > 0 ? receiver.calls : undefined));
  expect(verify(call, await secret())).toEqual((await service.call('GET', `/jobs/${id}`)).body);
});

test('the same call is made again under the same id, and each is signed for its own time', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const receiver = await createReceiver(() => (receiver.calls.length < 2 ? 500 : 200));
  await submit(origin.url, { callback: webhook(receiver.url) });
  await waitFor(() => receiver.calls.length === 2);
  const [first, second] = receiver.calls;
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(second?.rawBody).toBe(first?.rawBody);
  expect(Number(second?.headers['webhook-timestamp'])).toBeGreaterThan(Number(first?.headers['webhook-timestamp']));
  for (const call of [first, second]) verify(call, await secret());
});

test('after a rotation both secrets hold, the old one for a day', async () => {
  const before = await secret();
  const { body: rotated } = await api('POST', '/webhooks/secret/rotate');
  expect(rotated.secret).not.toBe(before);
  expect(Date.parse(rotated.previousValidUntil) - Date.now()).toBeGreaterThan(23 * 3_600_000);
  const origin = await startOrigin((_req, res) => res.end('page'));
  const receiver = await createReceiver();
  await submit(origin.url, { callback: webhook(receiver.url) });
  const [call] = await waitFor(() => (receiver.calls.length > 0 ? receiver.calls : undefined));
  for (const each of [before, rotated.secret as string]) verify(call, each);

  await service.db.database.query(`update api_keys set previous_webhook_secret_until = now() - interval '1 second'`);
  const later = await createReceiver();
  await submit(origin.url, { callback: webhook(later.url) });
  const [call2] = await waitFor(() => (later.calls.length > 0 ? later.calls : undefined));
  expect(() => verify(call2, before)).toThrow('No matching signature');
  verify(call2, rotated.secret as string);
});

test.each([
  ['text', 'text/html; charset=utf-8', 'body', Buffer.from('äöü€😀'.repeat(MEGABYTE / 2))],
  ['binary', 'image/png', 'base64EncodedBody', Buffer.alloc(9 * MEGABYTE, '\x89PNG\r\n\x1a\n01', 'latin1')],
])('a large %s page arrives whole', async (_kind, type, field, page) => {
  const origin = await startOrigin((_req, res) => {
    res.writeHead(200, { 'content-type': type }).end(page);
  });
  const receiver = await createReceiver();
  const id = await submit(origin.url, { callback: webhook(receiver.url) });
  const [call] = await waitFor(() => (receiver.calls.length > 0 ? receiver.calls : undefined));
  const body = call?.body.response[field] as string;
  expect(Buffer.from(body, field === 'body' ? 'utf8' : 'base64').equals(page)).toBe(true);
  expect(call?.body).toEqual((await service.call('GET', `/jobs/${id}`)).body);
  verify(call, await secret());
});

test('a page over 10 MB is not sent: the call says where it can be read', async () => {
  const page = Buffer.alloc(10 * MEGABYTE + 1, 'a');
  const origin = await startOrigin((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/plain' }).end(page);
  });
  const receiver = await createReceiver();
  const id = await submit(origin.url, { callback: webhook(receiver.url) });
  const [call] = await waitFor(() => (receiver.calls.length > 0 ? receiver.calls : undefined));
  const { response, ...rest } = (await service.call('GET', `/jobs/${id}?response=false`)).body;
  const bodyUrl = `${service.url}/jobs/${id}/body`;
  expect(call?.body).toEqual({ ...rest, response: { ...response, bodyUrl } });
  const read = Buffer.from(await (await fetch(bodyUrl)).arrayBuffer());
  expect(read.equals(page)).toBe(true);
});

test('failed and cancelled jobs are reported on demand only', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 500;
    res.end();
  });
  const loud = await createReceiver();
  const quiet = await createReceiver();
  const ids: string[] = [];
  for (const [receiver, more] of [
    [loud, { expectUnsuccessReport: true }],
    [quiet, {}],
  ] as const) {
    await submit(origin.url, { callback: webhook(receiver.url), timeoutSec: 1, ...more });
    ids.push(await submit(origin.url, { callback: webhook(receiver.url), ...more }));
  }
  for (const id of ids) await service.call('DELETE', `/jobs/${id}`);
  await waitFor(() => loud.calls.length === 2);
  expect(loud.calls.map(({ body }) => body.status).sort()).toEqual(['cancelled', 'failed']);
  const rows = await service.db.database.query('select 1 from webhook_deliveries where url = $1', [quiet.url]);
  expect(rows).toEqual([]);
});

test('the end of a batch is reported once, with counts, credits, reasons and where the results are', async () => {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url === '/down' ? 500 : 200;
    res.end('page');
  });
  const receiver = await createReceiver();
  const urls = ['/a', '/b', '/down'].map((path) => `${origin.url}${path}`);
  const batch = { apiKey: TEST_KEY, urls, timeoutSec: 8, onDone: webhook(receiver.url) };
  const { headers } = await service.call('POST', '/batchjobs', batch);
  const id = headers.get('x-batch-id') ?? '';
  const [call] = await waitFor(() => (receiver.calls.length > 0 ? receiver.calls : undefined));
  verify(call, await secret());
  expect(call?.body).toEqual((await api('GET', `/batches/${id}`)).body);
  expect(call?.body).toMatchObject({
    id,
    status: 'finished',
    counts: { total: 3, finished: 2, failed: 1 },
    credits: 2,
    failuresByReason: { failed_due_to_timeout: 1 },
    resultsUrl: `${service.url}/batches/${id}/results`,
  });
  const deliveries = (await api('GET', `/webhooks/deliveries?batch=${id}`)).body.items;
  expect(deliveries).toMatchObject([{ batchId: id, event: 'batch.finished', status: 'delivered' }]);
  expect(headers.get('x-ignored-parameters')).toBeNull();
});

test.each([
  ['callback', 'callback.url', { urls: ['https://a.example/'], callback: webhook('http://10.0.0.1/hook') }],
  ['onDone', 'onDone.url', { urls: ['https://a.example/'], onDone: webhook('http://[::1]:80/') }],
])('a %s at a forbidden address is refused at once', async (_name, path, body) => {
  const answer = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, ...body });
  expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden_target', details: [{ path }] } });
  expect(JSON.stringify(answer.body)).not.toContain('hook');
});

test('a test call is made once, and its outcome is in the log', async () => {
  const receiver = await createReceiver(() => 500);
  const { status, body } = await api('POST', '/webhooks/test', { url: receiver.url });
  expect(status).toBe(202);
  const ended = await waitFor(async () => {
    const delivery = (await api('GET', `/webhooks/deliveries/${body.id}`)).body;
    return delivery.status === 'pending' ? undefined : delivery;
  });
  expect(ended).toMatchObject({ event: 'test', status: 'failed', attempts: [{ statusCode: 500 }] });
  expect(receiver.calls.map((call) => call.body)).toEqual([
    { id: body.id, event: 'test', createdAt: expect.any(String) },
  ]);
});

test('what a receiver has lost is sent again by a replay, under the same id', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const receiver = await createReceiver();
  const id = await submit(origin.url, { callback: webhook(receiver.url) });
  const [delivery] = await waitFor(async () => {
    const { items } = (await api('GET', `/webhooks/deliveries?job=${id}&status=delivered`)).body;
    return items.length === 1 ? items : undefined;
  });
  expect((await api('POST', `/webhooks/deliveries/${delivery.id}/replay`)).status).toBe(202);
  await waitFor(() => receiver.calls.length === 2);
  expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery.id]));
});

test('a path that refuses does not keep the others of its origin waiting', async () => {
  const good = new Set<string>();
  let refusals = 0;
  const origin = await startOrigin((req, res) => {
    if (req.method === 'GET') return void res.end('page');
    req.resume().on('end', () => {
      if (req.url === '/bad') refusals += 1;
      else good.add(String(req.headers['webhook-id']));
      res.writeHead(req.url === '/bad' ? 500 : 200).end();
    });
  });
  const jobs = [...Array<string>(6).fill('/bad'), ...Array<string>(20).fill('/good')];
  for (const path of jobs) await submit(origin.url, { callback: webhook(`${origin.url}${path}`) });
  await waitFor(() => good.size === 20);
  expect(refusals).toBeLessThanOrEqual(12); // each at once, and its first repetitions while the machine was slow
});
