import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pino from 'pino';
import { authenticate } from '../../src/api/middleware/authenticate';
import { logRequests } from '../../src/api/middleware/log-requests';
import { readJsonBody } from '../../src/api/middleware/read-json-body';
import { waitFor } from '../support/wait-for';

test('a request is one event with id, key name, status and duration, and holds no key, query, header or body', async () => {
  const lines: string[] = [];
  const app = express();
  app.use(logRequests(pino({}, { write: (line) => lines.push(line) })));
  app.use(readJsonBody(() => true));
  app.post('/jobs', async (req, res) => {
    await authenticate(req, res, async () => ({ id: 'id', name: 'shop', isAdmin: false }));
    res.status(200).json({});
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs?api_key=secret-key&x=secret-query`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-api-key': 'secret-key', authorization: 'Bearer secret-bearer' },
    body: JSON.stringify({ apiKey: 'secret-key', body: 'secret-body' }),
  });
  await response.text();
  const [line] = await waitFor(() => (lines.length > 0 ? lines : undefined));
  server.closeAllConnections();
  server.close();
  expect(JSON.parse(line ?? '')).toMatchObject({
    msg: 'request',
    request_id: response.headers.get('x-request-id'),
    key_name: 'shop',
    method: 'POST',
    path: '/jobs',
    status: 200,
    is_complete: true,
    duration_ms: expect.any(Number),
  });
  expect(lines).toHaveLength(1);
  expect(line).not.toContain('secret');
});

test.each([
  ['GET', '/healthz', 200, 'debug'],
  ['GET', '/readyz', 200, 'debug'],
  ['GET', '/readyz', 503, 'info'],
  ['GET', '/jobs/0198c0de?response=false', 200, 'debug'],
  ['HEAD', '/jobs/0198c0de', 304, 'debug'],
  ['GET', '/batches/0198c0de', 200, 'debug'],
  ['GET', '/jobs/0198c0de', 404, 'info'],
  ['DELETE', '/jobs/0198c0de', 200, 'info'],
  ['GET', '/batches/0198c0de/results', 200, 'info'],
  ['GET', '/jobs/0198c0de/body', 200, 'info'],
])('%s %s that answers %i is logged as %s', async (method, path, status, level) => {
  const lines: string[] = [];
  const app = express();
  app.use(logRequests(pino({ level: 'debug' }, { write: (line) => lines.push(line) })));
  app.use((_req, res) => void res.status(status).end());
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method });
  const [line = ''] = await waitFor(() => (lines.length > 0 ? lines : undefined));
  server.closeAllConnections();
  server.close();
  expect(JSON.parse(line)).toMatchObject({ msg: 'request', level: pino.levels.values[level] });
});
