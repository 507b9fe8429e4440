import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createHttpServer } from '../../src/api/http-server';
import { createReadBody } from '../../src/api/middleware/read-body';
import { problemHandler } from '../../src/api/problem';
import { batchSubmissionsRouter } from '../../src/api/routes/batch-submissions';
import { NO_FEATURES } from '../../src/jobs/features';
import { createPriceList } from '../../src/jobs/prices';
import { createLogger } from '../../src/telemetry/logger';
import { request, sendRaw } from '../support/raw-http';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const unexpected = () => Promise.reject(new Error('nothing may be stored'));

/** The route behind the real server, in front of a store that must not be reached. */
async function start(): Promise<string> {
  const app = express();
  const router = batchSubmissionsRouter({
    database: { query: unexpected, transaction: unexpected, close: unexpected },
    findApiKey: (key) => Promise.resolve(key === 'key' ? { id: 'id', name: 'name', isAdmin: false } : undefined),
    features: () => Promise.resolve(NO_FEATURES),
    forbiddenReason: () => undefined,
    fanOutOf: () => 'sweep',
    missingFeatures: 'refuse',
    noteIgnored: () => undefined,
    onDeliveries: () => undefined,
    priceList: createPriceList(),
    publicUrl: 'http://a.example',
    readBody: createReadBody(),
    retentionMs: 1,
    startSoon: unexpected,
  });
  app.use(router, problemHandler(createLogger('silent')));
  const server = createHttpServer(app, { requestTimeoutMs: 400 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const upload = (headers: Record<string, string>, body = ''): Buffer =>
  request('POST /batches', { 'x-api-key': 'key', 'content-type': 'application/x-ndjson', ...headers }, body);
const line = '{"url":"https://a.example/"}\n';

test.each([
  ['with a length', [upload({ 'content-length': '1000' }), line]],
  ['in parts', [upload({ 'transfer-encoding': 'chunked' }), `${line.length.toString(16)}\r\n${line}\r\n`]],
  ['packed', [upload({ 'content-length': '1000', 'content-encoding': 'gzip' }), Buffer.from([0x1f, 0x8b, 8, 0])]],
])('an upload %s that stalls is cut off with 408', async (_name, parts) => {
  const { answers } = await sendRaw(await start(), parts);
  expect(answers).toMatchObject([{ status: 408, headers: { connection: 'close' } }]);
});

test('whoever asks first is told to go on only when the rest of the request is fine', async () => {
  const url = await start();
  const asking = { expect: '100-continue', 'content-length': String(line.length) };
  const refused = await sendRaw(url, upload({ ...asking, 'x-api-key': 'wrong' }));
  expect(refused.answers).toMatchObject([{ status: 401, headers: { connection: 'close' } }]);
  expect(refused.raw).not.toContain('100 Continue');
  const wrongQuery = upload(asking).toString().replace('/batches', '/batches?nmae=a');
  expect((await sendRaw(url, wrongQuery)).answers).toMatchObject([{ status: 400, headers: { connection: 'close' } }]);
  const { raw, answers } = await sendRaw(url, [upload(asking), line.replace('https', 'gopher').slice(0, line.length)]);
  expect(raw).toContain('100 Continue');
  expect(answers.map(({ status, headers }) => [status, headers['connection']])).toEqual([[400, undefined]]);
});

test('after a refusal in the middle of an upload, the connection carries the next request', async () => {
  const url = await start();
  const bad = upload({}, `{"url":1}\n`.repeat(20_000));
  const { answers } = await sendRaw(url, [bad, upload({}, '{}')], { until: 2 });
  expect(answers.map(({ status, text }) => [status, JSON.parse(text).detail])).toEqual([
    [400, 'line 1: url must be a string, not number.'],
    [400, 'line 1: url is missing.'],
  ]);
});
