import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import express from 'express';
import { createHttpServer } from '../../src/api/http-server';
import type { HttpServerOptions } from '../../src/api/http-server';
import { readJsonBody } from '../../src/api/middleware/read-json-body';
import { createReadBody } from '../../src/api/middleware/read-body';
import type { BodyLimits } from '../../src/api/middleware/read-body';
import { problemHandler } from '../../src/api/problem';
import { createLogger } from '../../src/telemetry/logger';
import { request, sendRaw } from '../support/raw-http';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Starts an echo handler behind the real server and body reader, with small limits. */
async function start(options: HttpServerOptions, limits: BodyLimits = {}): Promise<string> {
  const app = express();
  app.use(readJsonBody(() => true, createReadBody(limits)));
  app.post('/hold', (req) => {
    app.emit('held', req);
  });
  app.post('/jobs', (req, res) => {
    res.json({ length: JSON.stringify(req.body).length });
  });
  app.use(problemHandler(createLogger('silent')));
  const server = createHttpServer(app, options);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  held = () => once(app, 'held');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
let held: () => Promise<unknown>;

const text = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));

test.each([
  ['a body', request('POST /jobs', { 'content-length': '100' })],
  ['half a body', Buffer.concat([request('POST /jobs', { 'content-length': '100' }), Buffer.from('{"a":')])],
  ['a head', 'POST /jobs HTTP/1.1\r\nHost: x\r\n'],
])('%s that does not end is cut off with 408', async (...row) => {
  const url = await start({ requestTimeoutMs: 300 });
  const { answers } = await sendRaw(url, row[1]);
  expect(answers).toMatchObject([{ status: 408, headers: { connection: 'close' } }]);
  expect(JSON.parse(answers[0]?.text ?? '')).toEqual({
    error: 'The request did not arrive in time.',
    code: 'request_timeout',
  });
});

test('an answer that was refused early is not followed by a second one', async () => {
  const url = await start({ requestTimeoutMs: 300 }, { maxBytes: 10 });
  const { answers } = await sendRaw(url, request('POST /jobs', { 'content-length': '100' }), { until: 2 });
  expect(answers.map(({ status }) => status)).toEqual([413]);
});

test('large bodies together have a bound, small ones go on, and room comes back', async () => {
  const url = await start({}, { maxHeldBytes: 100_000 });
  const { hostname, port } = new URL(url);
  const isHeld = held();
  const holder = connect(Number(port), hostname).on('error', () => undefined);
  holder.write(request('POST /hold', {}, text(90_000)));
  await isHeld;

  const [refused] = (await sendRaw(url, request('POST /jobs', {}, text(60_000)))).answers;
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  expect(JSON.parse(refused?.text ?? '')).toMatchObject({ code: 'overloaded' });
  const hex = (60_000).toString(16);
  const chunked = request('POST /jobs', { 'transfer-encoding': 'chunked' }, `${hex}\r\n${text(60_000)}\r\n0\r\n\r\n`);
  expect((await sendRaw(url, chunked)).answers).toMatchObject([{ status: 503 }]);
  expect((await sendRaw(url, request('POST /jobs', {}, text(10_000)))).answers).toMatchObject([{ status: 200 }]);

  holder.destroy();
  let status = 503;
  while (status === 503) status = (await sendRaw(url, request('POST /jobs', {}, text(60_000)))).answers[0]?.status ?? 0;
  expect(status).toBe(200);
});

test('connections over the limit are closed', async () => {
  const url = await start({ maxConnections: 1 });
  const { hostname, port } = new URL(url);
  const first = connect(Number(port), hostname).on('error', () => undefined);
  first.write(request('POST /jobs', {}, '1'));
  await once(first, 'data');
  expect((await sendRaw(url, request('POST /jobs', {}, '1'))).answers).toEqual([]);
  first.destroy();
});
