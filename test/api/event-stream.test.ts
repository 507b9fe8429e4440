import { connect } from 'node:net';
import express from 'express';
import { openEventStream } from '../../src/api/event-stream';
import type { EventStream } from '../../src/api/event-stream';
import { startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';

/** A client with a socket of its own, which begins to read when it is told to. */
async function openStream(heartbeatMs: number) {
  let stream: EventStream | undefined;
  let isClosed = false;
  const app = express().get('/', (_req, res) => {
    res.on('close', () => (isClosed = true));
    stream = openEventStream(res, heartbeatMs);
  });
  const { port } = await startOrigin(app);
  const socket = connect(port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  let text = '';
  socket.on('data', (part) => (text += part.toString()));
  socket.pause();
  const opened = await waitFor(() => stream);
  return { stream: opened, socket, text: () => text, isClosed: () => isClosed };
}

test('events come as the standard says, with comments in between', async () => {
  const { stream, socket, text } = await openStream(5);
  socket.resume();
  stream.send({ id: 'a', event: 'batch', data: '{"n":1}' });
  await waitFor(() => /:\n\n[^]*:\n\n/.test(text()));
  expect(text()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Content-Type: text\/event-stream; charset=utf-8\r\n/);
  expect(text()).toMatch(/Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n/);
  expect(text()).toContain('retry: 2000\n\n');
  expect(text()).toContain('id: a\nevent: batch\ndata: {"n":1}\n\n');
  stream.end({ id: 'b', event: 'batch', data: '{}' });
  await waitFor(() => text().includes('id: b\nevent: batch\ndata: {}\n\n') && text().endsWith('0\r\n\r\n'));
});

test('a client that reads slowly gets the latest event in the end, and not all of them', async () => {
  const { stream, socket, text } = await openStream(60_000);
  const page = 'x'.repeat(1_000_000);
  for (let n = 0; n < 40; n += 1) stream.send({ id: `n${n}`, event: 'batch', data: page });
  socket.resume();
  await waitFor(() => text().includes('id: n39\n'));
  expect(text()).toContain('id: n0\n');
  expect(text()).not.toContain('id: n20\n');
});

test('a client that takes nothing at all is cut off', async () => {
  const { stream, isClosed } = await openStream(5);
  const page = 'x'.repeat(20_000_000);
  stream.send({ id: 'a', event: 'batch', data: page });
  await waitFor(isClosed);
});
