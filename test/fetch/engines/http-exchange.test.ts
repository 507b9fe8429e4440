import { connect } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { Interruption } from '../../../src/fetch/attempt-clock';
import { createHttpEngine } from '../../../src/fetch/engines/http';
import type { FetchEngine, Route } from '../../../src/fetch/engines/engine';
import { faults, startOrigin } from '../../support/origin';
import { waitFor } from '../../support/wait-for';

const engines: FetchEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

const lookup: LookupFunction = (_host, _options, callback) => callback(null, '127.0.0.1', 4);
const DIRECT: Route = { proxy: undefined, isFresh: false, profile: 'chrome' };
const attemptOf = (): Interruption => ({ onInterrupt: undefined });

function send(url: string, attempt: Interruption) {
  const engine = createHttpEngine({ lookup, attemptTimeoutMs: 20_000, connectionsPerHost: 1 });
  engines.push(engine);
  return engine.send(
    { url: new URL(url), method: 'GET', headers: [], body: undefined, deviceType: 'desktop' },
    attempt,
    DIRECT,
  );
}

test('informational answers are passed over', async () => {
  const origin = await startOrigin((_req, res) => {
    res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
    res.end('the page');
  });
  const { statusCode, body } = await send(origin.url, attemptOf());
  const chunks: Buffer[] = [];
  await body.readInto((chunk) => void chunks.push(chunk));
  expect([statusCode, Buffer.concat(chunks).toString()]).toEqual([200, 'the page']);
});

test('what came before anybody read is not lost, however much follows', async () => {
  const size = 64 * 1024 * 1024;
  const origin = await startOrigin((_req, res) => {
    res.setHeader('content-length', size);
    res.write(Buffer.alloc(size / 2));
    res.end(Buffer.alloc(size / 2));
  });
  const { body } = await send(origin.url, attemptOf());
  let bytes = 0;
  await body.readInto((chunk) => void (bytes += chunk.length));
  expect(bytes).toBe(size);
});

test('while the sink is busy it is given nothing', async () => {
  const origin = await startOrigin((_req, res) => res.end(Buffer.alloc(2_000_000)));
  const { body } = await send(origin.url, attemptOf());
  let bytes = 0;
  let busy = 0;
  let most = 0;
  await body.readInto(async (chunk) => {
    most = Math.max(most, ++busy);
    await new Promise(setImmediate);
    bytes += chunk.length;
    busy -= 1;
  });
  expect([bytes, most]).toEqual([2_000_000, 1]);
});

test.each([
  [
    'at once',
    () => {
      throw new Error('enough');
    },
  ],
  ['later', () => Promise.reject(new Error('enough'))],
])('a sink that fails %s ends the reading and the connection', async (_name, sink) => {
  let isCut = false;
  const origin = await startOrigin((_req, res) => {
    res.on('close', () => (isCut = true));
    res.write(Buffer.alloc(100_000));
  });
  const { body } = await send(origin.url, attemptOf());
  await expect(body.readInto(sink)).rejects.toThrow('enough');
  body.abandon();
  await waitFor(() => isCut);
});

test('an interruption comes out with its reason wherever the exchange is', async () => {
  const reason = new Error('over');
  const stalled = await startOrigin(faults.stalledHeaders());
  const waiting = attemptOf();
  const answer = send(stalled.url, waiting);
  await waitFor(() => stalled.requests.length === 1);
  waiting.onInterrupt?.(reason);
  await expect(answer).rejects.toBe(reason);

  const half = await startOrigin(faults.stalledBody());
  const reading = attemptOf();
  const { body } = await send(half.url, reading);
  const read = body.readInto(() => undefined);
  reading.onInterrupt?.(reason);
  await expect(read).rejects.toBe(reason);
  await expect(body.readInto(() => undefined)).rejects.toBe(reason);
});

test('one that waits for a connection is interrupted at once, and never sent', async () => {
  const origin = await startOrigin((req, res) => {
    if (req.url === '/first') setImmediate(() => res.write('half'));
    else res.end();
  });
  const engine = createHttpEngine({ lookup, attemptTimeoutMs: 20_000, connectionsPerHost: 1 });
  engines.push(engine);
  const get = (path: string, attempt: Interruption) =>
    engine.send(
      { url: new URL(path, origin.url), method: 'GET', headers: [], body: undefined, deviceType: 'desktop' },
      attempt,
      DIRECT,
    );
  const first = await get('/first', attemptOf());
  const queued = attemptOf();
  const second = get('/second', queued);
  queued.onInterrupt?.(new Error('over'));
  await expect(second).rejects.toThrow('over');
  first.body.abandon();
  expect((await get('/third', attemptOf())).statusCode).toBe(200);
  expect(origin.requests.map(({ url }) => url)).toEqual(['/first', '/third']);
});

test('a body that breaks while the sink is busy is told when the sink is done', async () => {
  const origin = await startOrigin((_req, res) => {
    res.setHeader('content-length', 300_000);
    res.write(Buffer.alloc(100_000), () => res.socket?.resetAndDestroy());
  });
  const { body } = await send(origin.url, attemptOf());
  let isBusy = false;
  const read = body.readInto(async () => {
    isBusy = true;
    await new Promise((resolve) => connect(origin.port, '127.0.0.1').once('connect', resolve).end());
    isBusy = false;
  });
  await expect(read).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) as string });
  expect(isBusy).toBe(false);
});
