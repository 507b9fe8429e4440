import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { findFreePort } from '../../src/embedded/ports';
import { probeTemporal } from '../../src/temporal/probe-temporal';

const namespace = 'default';
const realAddress = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';

async function reachOf(server: Server) {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await probeTemporal({ address: `127.0.0.1:${(server.address() as AddressInfo).port}`, namespace });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** Answers every call with a status, as gRPC does. */
function grpcServer(status: number): Server {
  const server = createHttp2Server();
  server.on('stream', (stream) =>
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status), 'grpc-message': 'no' },
      { endStream: true },
    ),
  );
  return server;
}

test('a server with the namespace can be used', async () => {
  expect(await probeTemporal({ address: realAddress, namespace })).toEqual({ kind: 'ready' });
});

test('a namespace that is not there is refused at once', async () => {
  expect(await probeTemporal({ address: realAddress, namespace: 'nowhere' })).toEqual({
    kind: 'refused',
    why: 'it has no namespace "nowhere"',
    advice: expect.stringContaining('TEMPORAL_NAMESPACE'),
  });
});

test.each([
  ['asks for credentials', 16, 'refused', 'it asks for credentials'],
  ['does not let us in', 7, 'refused', 'does not let everfetch use'],
  ['does not know the calls', 12, 'refused', 'no Temporal frontend'],
  ['is still starting', 14, 'waiting', 'it answers'],
])('a server that %s', async (_name, status, kind, why) => {
  expect(await reachOf(grpcServer(status))).toMatchObject({ kind, why: expect.stringContaining(why) });
});

test('a frontend that requires TLS is told apart from one that breaks the connection', async () => {
  const folder = join(__dirname, '..', 'support', 'tls');
  const [key, cert] = ['self-signed.key', 'self-signed.crt'].map((name) => readFileSync(join(folder, name)));
  const tls = createTlsServer({ ...(key && cert && { key, cert }), ALPNProtocols: ['h2'] }, (socket) =>
    socket.on('error', () => undefined),
  );
  expect(await reachOf(tls)).toMatchObject({ kind: 'refused', why: expect.stringContaining('requires TLS') });
  // Depending on how far the SDK has come, its error is one of three.
  for (let tries = 0; tries < 20; tries += 1)
    expect(await reachOf(createServer((socket) => socket.destroy()))).toEqual({
      kind: 'waiting',
      why: 'it breaks the connection',
    });
});

/** What a web server says to HTTP/2 is lost when it closes the connection before everything that was sent has been read. */
const createHastyWebServer = () =>
  createServer((socket) =>
    socket
      .on('error', () => undefined)
      .once('data', (start: Buffer) => {
        if (start.toString().startsWith('GET')) socket.end('HTTP/1.1 200 OK\r\n\r\n');
        else socket.destroy();
      }),
  );

test.each([
  ['that answers', () => createHttpServer((_req, res) => res.end('hello'))],
  ['that breaks the connection', createHastyWebServer],
])('a web server %s, such as the Web UI, is no Temporal frontend', async (_how, create) => {
  expect(await reachOf(create())).toMatchObject({
    kind: 'refused',
    why: 'what listens there is no Temporal frontend',
    advice: expect.stringContaining('TEMPORAL_ADDRESS'),
  });
});

test('nobody there, an unknown name and a server that says nothing may be one that starts', async () => {
  const port = await findFreePort();
  expect(await probeTemporal({ address: `127.0.0.1:${port}`, namespace })).toEqual({
    kind: 'waiting',
    why: 'nobody listens there',
  });
  expect(await probeTemporal({ address: 'nowhere.invalid:7233', namespace })).toEqual({
    kind: 'waiting',
    why: 'the name is not known',
  });
  expect(await reachOf(createServer((socket) => socket.on('error', () => undefined)))).toEqual({
    kind: 'waiting',
    why: 'it does not answer within 5 s',
  });
});
