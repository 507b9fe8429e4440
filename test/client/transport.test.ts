import type { RequestListener, ServerResponse } from 'node:http';
import {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  Everfetch,
  ExpiredError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitError,
  UnavailableError,
} from '../../src/client';
import type { EverfetchOptions } from '../../src/client';
import { faults, startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';

const KEY = 'ef_secret_0123456789';

/** Answers call after call with the next of these; the last one stays. */
async function service(answers: readonly RequestListener[], options: EverfetchOptions = {}) {
  let calls = 0;
  const origin = await startOrigin((req, res) => {
    const answer = answers[Math.min(calls, answers.length - 1)];
    calls += 1;
    answer?.(req, res);
  });
  return { origin, client: new Everfetch({ url: origin.url, apiKey: KEY, ...options }) };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_req, res) =>
    void sendJson(res, status, body, headers);
const sendJson = (res: ServerResponse, status: number, body: unknown, headers: Record<string, string>) =>
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const busy = json(429, { error: 'Too fast.', code: 'submit_rate_exceeded' }, { 'retry-after': '0' });
const down = json(503, { detail: 'Away.', code: 'store_unavailable' });
const accepted = json(200, { id: 'x', status: 'running' });

/** Retries wait, which tests need not. */
const at = (url: string, options: EverfetchOptions = {}) =>
  new Everfetch({ url, apiKey: KEY, maxRetries: 0, ...options });

test('a submission is sent again with the same idempotency key and body until it is taken', async () => {
  const { origin, client } = await service([faults.reset(), busy, accepted]);
  expect(await client.submit({ url: 'http://a.example/', meta: 1 })).toMatchObject({ id: 'x' });
  const keys = origin.requests.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([keys[0], keys[0], keys[0]]);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(origin.requests.map(({ body }) => body))).toEqual(new Set(['{"url":"http://a.example/","meta":1}']));
  expect(origin.requests[0]?.headers['x-api-key']).toBe(KEY);
});

test('it waits at least as long as the service asks for', async () => {
  const times: number[] = [];
  const { client } = await service([
    (req, res) => {
      times.push(Date.now());
      json(429, { error: 'Later.', code: 'too_many_unfinished' }, { 'retry-after': '1' })(req, res);
    },
    (req, res) => {
      times.push(Date.now());
      accepted(req, res);
    },
  ]);
  await client.submit('http://a.example/');
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
});

test('a pause of hours is left to the caller', async () => {
  const { origin, client } = await service([json(503, { code: 'overloaded' }, { 'retry-after': '7200' })]);
  await expect(client.account()).rejects.toMatchObject({ retryAfterMs: 7_200_000, status: 503 });
  expect(origin.requests).toHaveLength(1);
});

test('what must not happen twice is not sent again when its answer is lost', async () => {
  const { origin, client } = await service([faults.reset()]);
  await expect(client.testWebhook('http://r.example/')).rejects.toThrow(ConnectionError);
  await expect(client.rotateWebhookSecret()).rejects.toThrow(ConnectionError);
  expect(origin.requests).toHaveLength(2);
});

test('after the last retry the last error is thrown', async () => {
  const { origin, client } = await service([down], { maxRetries: 1 });
  await expect(client.batch('b')).rejects.toThrow(UnavailableError);
  expect(origin.requests).toHaveLength(2);
});

test.each([
  [400, InvalidRequestError],
  [401, AuthenticationError],
  [403, ForbiddenError],
  [404, NotFoundError],
  [409, ConflictError],
  [410, ExpiredError],
  [413, InvalidRequestError],
  [418, ApiError],
  [429, RateLimitError],
  [500, UnavailableError],
])('status %i is an error of its own class, in both forms', async (status, Class) => {
  const problem = { detail: 'It is so.', code: 'some_code', errors: [{ path: 'a', message: 'b' }] };
  const compatible = { error: 'It is so.', code: 'some_code', details: [{ path: 'a', message: 'b' }] };
  for (const body of [problem, compatible]) {
    const { origin } = await service([json(status, body, { 'x-request-id': 'r' })]);
    const error: unknown = await at(origin.url)
      .account()
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({ name: Class.name, status, code: 'some_code', requestId: 'r' });
    expect(error).toMatchObject({ message: 'It is so.', details: [{ path: 'a', message: 'b' }] });
  }
});

test.each<[string, RequestListener]>([
  ['a page of a proxy', (_req, res) => res.writeHead(502).end('<h1>Bad Gateway</h1>')],
  ['a page with status 200', (_req, res) => res.writeHead(200).end('<h1>Welcome</h1>')],
  ['a redirect, to which the key does not go along', faults.redirectTo('http://127.0.0.1:9/elsewhere')],
  ['JSON that is no error', json(500, [1])],
])('%s is no answer of everfetch', async (_what, listener) => {
  const { origin } = await service([listener]);
  const error: unknown = await at(origin.url)
    .account()
    .catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: 'not_everfetch' });
});

test.each<[string, RequestListener]>([
  ['a reset', faults.reset()],
  ['half an answer', (_req, res) => res.writeHead(200, { 'content-length': 100 }).write('{"a"', () => res.destroy())],
  ['something that is not HTTP', faults.notHttp()],
])('%s is a ConnectionError that says to whom', async (_what, listener) => {
  const { origin } = await service([listener]);
  const error: unknown = await at(origin.url)
    .account()
    .catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(String(error)).toContain('GET /account');
});

test.each([
  ['headers', faults.stalledHeaders()],
  ['a body', faults.stalledBody()],
])('%s that do not come end after the time limit, and free the connection', async (_what, listener) => {
  let isClosed = false;
  const { origin } = await service([
    (req, res) => {
      res.on('close', () => (isClosed = true));
      listener(req, res);
    },
  ]);
  await expect(at(origin.url, { timeoutMs: 150 }).account()).rejects.toThrow(/GET \/account/);
  await waitFor(() => isClosed);
});

test('an abort ends a call, a pause before a retry and a stream, with its reason', async () => {
  const reason = new Error('enough');
  const closed: string[] = [];
  const hold: RequestListener = (req, res) => void res.on('close', () => closed.push(req.url ?? ''));
  const { origin, client } = await service([hold]);
  const calls = [
    (signal: AbortSignal) => client.account({ signal }),
    (signal: AbortSignal) => client.submit('http://a.example/', { signal }),
    (signal: AbortSignal) => client.results('b', { signal }).next(),
    (signal: AbortSignal) => client.batches({ signal }).page(),
  ];
  const controller = new AbortController();
  const ends = calls.map((call) => call(controller.signal).catch((error: unknown) => error));
  await waitFor(() => origin.requests.length === calls.length);
  controller.abort(reason);
  expect(await Promise.all(ends)).toEqual(calls.map(() => reason));
  await waitFor(() => closed.length === calls.length);
  await expect(client.account({ signal: controller.signal })).rejects.toBe(reason);

  const { client: other } = await service([down]);
  const during = AbortSignal.timeout(100);
  expect(await other.account({ signal: during }).catch((error: unknown) => error)).toBe(during.reason);
});

test('a stream that is left early frees its connection', async () => {
  let closed = 0;
  const { client } = await service([
    (_req, res) => {
      res.on('close', () => (closed += 1));
      res.write('{"id":"1","cursor":"a"}\n{"id":"2","cursor":"b"}\n');
    },
  ]);
  for await (const { cursor } of client.results('b')) {
    expect(cursor).toBe('a');
    break;
  }
  await waitFor(() => closed === 1);
  const response = await client.body('j');
  await response.body?.cancel();
  await waitFor(() => closed === 2);
});

test('neither key nor secrets of the address are in any error or in the client as it is printed', async () => {
  const { origin } = await service([faults.reset()]);
  const client = at(origin.url);
  const error = await client.submit('http://a.example/?token=hidden').catch((each: unknown) => each);
  const wrong = (options: EverfetchOptions) => {
    try {
      return new Everfetch(options);
    } catch (each) {
      return each;
    }
  };
  const shown = [
    client,
    error,
    wrong({ url: 'http://user:hidden@a.example' }),
    wrong({ url: 'ftp://hidden' }),
    wrong({ url: origin.url, apiKey: 'hidden\nx' }),
  ].map((each) => inspected(each));
  expect(shown.join('\n')).not.toMatch(/hidden|ef_secret/);
  expect(shown[4]).toContain('apiKey has characters');
});

const inspected = (value: unknown): string =>
  value instanceof Error
    ? `${String(value.stack)} ${JSON.stringify(value)} ${inspected(value.cause)}`
    : (JSON.stringify(value) ?? '');

test('the address may have a path, and the key white space around it', async () => {
  const { origin } = await service([json(200, {})]);
  await new Everfetch({ url: `${origin.url}/everfetch/`, apiKey: ` ${KEY}\n` }).account();
  expect(origin.requests[0]).toMatchObject({ url: '/everfetch/account', headers: { 'x-api-key': KEY } });
});
