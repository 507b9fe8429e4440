import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { FetchEngine } from '../../../src/fetch/engines/engine';
import { waitFor } from '../../support/wait-for';
import { closeEngines, openEngine, outcomeOf, send, startTlsOrigin, textOf } from './impersonate-fixture';

let engine: FetchEngine;
beforeAll(async () => {
  engine = await openEngine({ ignoreTlsErrors: true });
});
afterAll(closeEngines);

/** Writes as fast as it may, and tells how much it has written and whether somebody stopped it. */
function pour(res: ServerResponse, totalBytes: number): { sent: number; isBlocked: boolean; isClosed: boolean } {
  const state = { sent: 0, isBlocked: false, isClosed: false };
  const chunk = Buffer.alloc(64 * 1024, 'x');
  res.on('close', () => (state.isClosed = true));
  const go = () => {
    state.isBlocked = false;
    while (state.sent < totalBytes && !state.isClosed) {
      state.sent += chunk.length;
      if (res.write(chunk)) continue;
      state.isBlocked = true;
      res.once('drain', go);
      return;
    }
    res.end();
  };
  go();
  return state;
}

test.each(['HTTP/2', 'HTTP/1.1'] as const)('a target of %s cannot send more than is read', async (version) => {
  let state: ReturnType<typeof pour> | undefined;
  const origin = await startTlsOrigin((_req, res) => (state = pour(res, 200e6)), version);
  const answer = await send(engine, origin.url);
  let release: () => void = () => undefined;
  let read = 0;
  const reading = answer.body.readInto((chunk) => {
    read += chunk.length;
    return read > 1e6 ? new Promise<void>((resolve) => (release = resolve)) : undefined;
  });
  let before = -1;
  await waitFor(
    () => {
      const isStill = state?.isBlocked === true && state.sent === before;
      before = state?.sent ?? -1;
      return isStill;
    },
    { intervalMs: 100 },
  );
  expect(before).toBeLessThan(60e6);
  answer.body.abandon();
  release();
  await expect(reading).rejects.toThrow();
  await waitFor(() => state?.isClosed);
});

test.each(['HTTP/2', 'HTTP/1.1'] as const)(
  'a body of %s that is not wanted any more is not sent any more',
  async (version) => {
    let state: ReturnType<typeof pour> | undefined;
    const origin = await startTlsOrigin((_req, res) => (state = pour(res, 1e9)), version);
    const answer = await send(engine, origin.url);
    answer.body.abandon();
    await waitFor(() => state?.isClosed);
  },
);

test('an attempt that is interrupted in the middle of a body rejects with the reason and frees the connection', async () => {
  let state: ReturnType<typeof pour> | undefined;
  const origin = await startTlsOrigin((_req, res) => (state = pour(res, 1e9)), 'HTTP/1.1');
  const attempt: { onInterrupt: ((reason: unknown) => void) | undefined } = { onInterrupt: undefined };
  const answer = await send(engine, origin.url, { attempt });
  const reason = new Error('enough');
  let read = 0;
  const reading = answer.body.readInto((chunk) => {
    read += chunk.length;
    if (read > 1e6) attempt.onInterrupt?.(reason);
    return undefined;
  });
  await expect(reading).rejects.toBe(reason);
  await waitFor(() => state?.isClosed === true && origin.open === 0);
});

test('an attempt that is interrupted before there is an answer rejects at once; what comes later is not read', async () => {
  const waiting: ServerResponse[] = [];
  const origin = await startTlsOrigin((_req, res) => waiting.push(res), 'HTTP/1.1');
  const attempt: { onInterrupt: ((reason: unknown) => void) | undefined } = { onInterrupt: undefined };
  const sending = send(engine, origin.url, { attempt });
  await waitFor(() => waiting.length === 1);
  const reason = new Error('enough');
  attempt.onInterrupt?.(reason);
  await expect(sending).rejects.toBe(reason);
  const [res] = waiting;
  if (res === undefined) throw new Error('no request');
  const state = pour(res, 1e9);
  await waitFor(() => state.isClosed);
});

test('the limit of a request ends it when nobody else does', async () => {
  const brief = await openEngine({ ignoreTlsErrors: true, attemptTimeoutMs: 150 });
  const origin = await startTlsOrigin(() => undefined, 'HTTP/1.1');
  expect(await outcomeOf(send(brief, origin.url))).toEqual({ kind: 'unreachable', code: 'ATTEMPT_TIMEOUT' });
  await waitFor(() => origin.open === 0);
});

const packed =
  (body: Buffer | string) =>
  (res: ServerResponse): void =>
    void res.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
const cut = (res: ServerResponse): void => void res.socket?.destroy();

test.each([
  ['is not in its coding', 'BAD_CONTENT_ENCODING', packed('plain')],
  ['ends within its coding', 'BAD_CONTENT_ENCODING', packed(gzipSync('x'.repeat(9_999)).subarray(0, 30))],
  [
    'is shorter than announced',
    'CONNECTION_CLOSED',
    (res: ServerResponse): void => void res.writeHead(200, { 'content-length': 1_000 }).write('short', () => cut(res)),
  ],
] as const)('a body that %s is %s, after what came of it', async (_what, code, respond) => {
  const origin = await startTlsOrigin((_req, res) => respond(res), 'HTTP/1.1');
  const answer = await send(engine, origin.url);
  expect(await outcomeOf(textOf(answer.body))).toEqual({ kind: 'unreachable', code });
});

test.each([
  ['cuts the connection', 'CONNECTION_CLOSED', cut],
  ['does not speak HTTP', 'INVALID_RESPONSE', (res: ServerResponse): void => void res.socket?.end('not HTTP\r\n\r\n')],
  [
    'sends a head over the limit',
    'HEADERS_TOO_LARGE',
    (res: ServerResponse): void => void res.writeHead(200, { 'x-long': 'x'.repeat(80_000) }).end(),
  ],
] as const)('a target that %s is %s', async (_what, code, respond) => {
  const origin = await startTlsOrigin((_req, res) => respond(res), 'HTTP/1.1');
  expect(await outcomeOf(send(engine, origin.url))).toEqual({ kind: 'unreachable', code });
});

test('a small packed body that grows large is read no faster than it is taken', async () => {
  const bomb = gzipSync(Buffer.alloc(100e6));
  const origin = await startTlsOrigin((_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
  const answer = await send(engine, origin.url);
  let read = 0;
  const reading = answer.body.readInto((chunk) => {
    read += chunk.length;
    if (read > 5e6) throw new Error('too large');
    return undefined;
  });
  await expect(reading).rejects.toThrow('too large');
  expect(read).toBeLessThan(6e6);
});
