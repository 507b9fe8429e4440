import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { createGuard } from '../../src/net/guard';
import { createPostCallback } from '../../src/callbacks/post-callback';
import type { PostCallbackOptions } from '../../src/callbacks/post-callback';
import type { Payload } from '../../src/callbacks/callback-payload';
import { faults, startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const BODY = '{"id":"job","status":"finished"}';
const bytes: Payload = { kind: 'bytes', bytes: Buffer.from(BODY) };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function poster(options: Partial<PostCallbackOptions> & { readonly allow?: readonly string[] } = {}) {
  const { allow = ['127.0.0.1/32', 'localhost'], ...rest } = options;
  const { post, close } = createPostCallback(createGuard(allow), rest);
  closing.push(close);
  const signal = new AbortController().signal;
  return (url: string, payload = bytes) => post({ id: 'msg-1', url, payload, secrets: [SECRET], signal });
}

const post = (url: string, options?: Parameters<typeof poster>[0]) => poster(options)(url);

test('the receiver gets the signed body and its answer is given', async () => {
  const origin = await startOrigin((req, res) => {
    req.resume().on('end', () => res.writeHead(202, { 'retry-after': '7' }).end('thanks'));
  });
  const result = await post(`${origin.url}/hook?x=1`);
  expect(result).toEqual({ kind: 'answered', statusCode: 202, retryAfter: '7', text: 'thanks' });
  const [request] = origin.requests;
  expect(request).toMatchObject({ method: 'POST', url: '/hook?x=1', body: BODY });
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': String(BODY.length),
    'webhook-id': 'msg-1',
  });
  expect(new Webhook(SECRET).verify(BODY, request?.headers as Record<string, string>)).toEqual(JSON.parse(BODY));
});

test('a body that is streamed is read twice, signed as a whole and sent as it is', async () => {
  const origin = await startOrigin((req, res) => req.resume().on('end', () => res.end()));
  let passes = 0;
  const parts = async function* () {
    passes += 1;
    for (const part of ['{"body":"', 'é'.repeat(100_000), '"}']) yield Buffer.from(part);
  };
  const result = await poster()(origin.url, { kind: 'stream', parts, release: () => undefined });
  expect(result).toMatchObject({ kind: 'answered', statusCode: 200 });
  expect(passes).toBe(2);
  const [request] = origin.requests;
  expect(request?.headers['content-length']).toBe(String(200_011));
  expect(request?.headers['transfer-encoding']).toBeUndefined();
  const body = new Webhook(SECRET).verify(request?.body ?? '', request?.headers as Record<string, string>);
  expect(body).toEqual({ body: 'é'.repeat(100_000) });
});

test('what cannot be read from the page store is not taken for a failure of the receiver', async () => {
  const origin = await startOrigin((req, res) => req.resume().on('end', () => res.end()));
  let passes = 0;
  const parts = async function* () {
    yield Buffer.from('{"body":"');
    if (++passes === 2) throw new Error('the disk is gone');
    yield Buffer.from('"}');
  };
  await expect(poster()(origin.url, { kind: 'stream', parts, release: () => undefined })).rejects.toThrow(
    'the disk is gone',
  );
});

test('user and password become HTTP Basic and stand nowhere else', async () => {
  const origin = await startOrigin((_req, res) => res.end());
  await post(`${origin.url.replace('//', '//me:p%40ss%@')}/hook`);
  const [request] = origin.requests;
  expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('me:p%40ss%').toString('base64')}`);
  expect(`${request?.url} ${request?.headers.host}`).not.toContain('me');
  await post(`${origin.url.replace('//', '//me:p%40ss@')}/hook`);
  expect(origin.requests[1]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
});

const answers: [string, RequestListener, object][] = [
  ['redirects', faults.redirectTo('/elsewhere', 307), { kind: 'answered', statusCode: 307 }],
  ['is gone', (_req, res) => res.writeHead(410).end(), { kind: 'answered', statusCode: 410 }],
  ['throttles', faults.retryAfter('120', 429), { kind: 'answered', statusCode: 429, retryAfter: '120' }],
  [
    'resets the connection',
    faults.reset(),
    { kind: 'unanswered', error: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
  ],
  ['speaks no HTTP', faults.notHttp(), { kind: 'unanswered', error: 'HTTPParserError' }],
  ['breaks off its answer', faults.wrongLength(), { kind: 'answered', statusCode: 200, text: 'short' }],
];
test.each(answers)('a receiver that %s is reported as it is, after one request', async (_what, handler, expected) => {
  const origin = await startOrigin(handler);
  expect(await post(`${origin.url}/hook`)).toEqual(expect.objectContaining(expected));
  expect(origin.requests).toHaveLength(1);
});

test('a receiver that refuses the connection is reported', async () => {
  const origin = await startOrigin(() => undefined);
  await origin.close();
  expect(await post(origin.url)).toEqual({ kind: 'unanswered', error: 'ECONNREFUSED' });
});

test('a receiver that takes 16 s is given up before it answers', async () => {
  let isAnswered = false;
  let timer: NodeJS.Timeout | undefined;
  const origin = await startOrigin((_req, res) => {
    timer = setTimeout(() => {
      isAnswered = true;
      res.end();
    }, 16_000);
  });
  expect(await post(origin.url)).toEqual({ kind: 'unanswered', error: 'timeout' });
  expect(isAnswered).toBe(false);
  clearTimeout(timer);
});

test('an answer without end is cut after 64 kB, and its status counts', async () => {
  let sent = 0;
  let isCut = false;
  const origin = await startOrigin((_req, res) => {
    res.writeHead(200);
    const chunk = Buffer.alloc(16 * 1024, 'x');
    const more = () => {
      while (!res.destroyed && res.write(chunk)) sent += chunk.length;
    };
    res.on('drain', more).on('close', () => (isCut = true));
    more();
  });
  const result = await post(origin.url);
  expect(result).toEqual({ kind: 'answered', statusCode: 200, text: 'x'.repeat(1_000) });
  await waitFor(() => isCut);
  expect(sent).toBeLessThan(16 * 1024 * 1024); // what fits into the buffers of both sides
});

test('an answer that drips is not waited for, and its status counts', async () => {
  let drip: NodeJS.Timeout | undefined;
  const origin = await startOrigin((_req, res) => {
    res.writeHead(200).write('.');
    drip = setInterval(() => res.write('.'), 100);
  });
  expect(await post(origin.url)).toMatchObject({ kind: 'answered', statusCode: 200 });
  clearInterval(drip);
});

test('a certificate that nobody vouches for ends the call before anything is sent', async () => {
  const pem = (name: string) => readFileSync(join(__dirname, '..', 'support', 'tls', name));
  let requests = 0;
  const server = createServer({ key: pem('self-signed.key'), cert: pem('self-signed.crt') }, (_req, res) => {
    requests += 1;
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  expect(await post(`https://localhost:${port}/hook`)).toEqual({
    kind: 'unanswered',
    error: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  expect(requests).toBe(0);
});

test.each([
  'http://127.0.0.1:1/',
  'http://[::1]/',
  'http://localhost/',
  'http://169.254.169.254/latest/',
  'http://0x7f.1/',
])('a callback to %s is not dialled', async (url) => {
  expect(await post(url, { allow: [] })).toEqual({ kind: 'unanswered', error: 'forbidden_target' });
});

test('a name that leads to a private address at the time of the call is not dialled', async () => {
  const { post: send, close } = createPostCallback(
    createGuard([], {
      resolve: (_name, _options, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }]),
    }),
  );
  closing.push(close);
  const call = { id: 'msg-1', url: 'http://rebound.example/', payload: bytes, secrets: [SECRET] };
  expect(await send({ ...call, signal: new AbortController().signal })).toEqual({
    kind: 'unanswered',
    error: 'forbidden_target',
  });
});

test('a call that is cut rejects with the reason', async () => {
  const stop = new AbortController();
  const origin = await startOrigin(() => stop.abort(new Error('the worker ends')));
  const { post: send, close } = createPostCallback(createGuard(['127.0.0.1/32']));
  closing.push(close);
  const call = { id: 'msg-1', url: origin.url, payload: bytes, secrets: [SECRET], signal: stop.signal };
  await expect(send(call)).rejects.toThrow('the worker ends');
});
