import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { EgressAddress } from '../../../src/fetch/egress/egress-proxy';
import { waitFor } from '../../support/wait-for';
import { credentialsOf, openEgress, openRaw, startTcp } from './egress-fixture';
import type { RawClient } from './egress-fixture';

const OPENED = 'HTTP/1.1 200 Connection established\r\n\r\n';
const head = (port: number, address: EgressAddress) =>
  `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${credentialsOf(address)}\r\n`;

/** Opens a tunnel. What the target sends comes after {@link OPENED}. */
async function openTunnel(port: number): Promise<RawClient> {
  const address = (await openEgress()).addressFor(undefined);
  const client = await openRaw(address);
  client.socket.write(head(port, address));
  await waitFor(() => client.received().includes('\r\n\r\n'));
  return client;
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('5 MB go through in each direction byte by byte, and each side ends on its own', async () => {
  const [up, down] = [randomBytes(5_000_000), randomBytes(5_000_000)];
  const arrived: Buffer[] = [];
  let isEnded = false;
  const port = await startTcp((socket) => {
    socket.on('data', (part) => arrived.push(part));
    socket.on('end', () => {
      isEnded = true;
      socket.end(down); // The client has ended, and the connection stays half-open for as long as this takes.
    });
  });
  const client = await openTunnel(port);
  client.socket.end(up);
  expect(await client.closed).toBe('end');
  expect(isEnded).toBe(true);
  expect(hashOf(Buffer.concat(arrived))).toBe(hashOf(up));
  expect(hashOf(client.received().subarray(OPENED.length))).toBe(hashOf(down));
});

test('a target that ends first still gets what the client sends', async () => {
  let arrived = '';
  const port = await startTcp((socket) => {
    socket.on('data', (part) => (arrived += part.toString()));
    socket.end('bye');
  });
  const client = await openTunnel(port);
  expect(await client.closed).toBe('end');
  client.socket.end('late words');
  await waitFor(() => arrived === 'late words');
});

test('what comes in one piece with CONNECT reaches the target once the tunnel is open', async () => {
  const port = await startTcp((socket) => {
    socket.pipe(socket);
  });
  const address = (await openEgress()).addressFor(undefined);
  const client = await openRaw(address);
  client.socket.write(`${head(port, address)}early bytes`);
  client.socket.end(', late bytes');
  await client.closed;
  expect(client.received().toString()).toBe(`${OPENED}early bytes, late bytes`);
});

test('bytes sent with a CONNECT that is refused reach nobody, and are no second request', async () => {
  const egress = await openEgress({ allow: [] });
  const address = egress.addressFor(undefined);
  const client = await openRaw(address);
  client.socket.write(`${head(80, address)}${head(81, address)}`);
  await client.closed;
  expect(
    client
      .received()
      .toString()
      .match(/HTTP\/1\.1 /g),
  ).toHaveLength(1);
});

test.each([
  ['a target that is cut off', 'target'],
  ['a client that is cut off', 'client'],
] as const)('%s cuts the other side off, which is not told an end', async (_what, first) => {
  const targets: Socket[] = [];
  let atTarget: string | undefined;
  const port = await startTcp((socket) => {
    targets.push(socket.resume());
    socket.on('end', () => (atTarget ??= 'end'));
    socket.on('error', () => (atTarget ??= 'cut'));
  });
  const client = await openTunnel(port);
  await waitFor(() => targets.length === 1);
  if (first === 'target') {
    targets[0]?.resetAndDestroy();
    expect(await client.closed).toBe('cut');
  } else {
    client.socket.resetAndDestroy();
    await waitFor(() => atTarget !== undefined);
    expect(atTarget).toBe('cut');
  }
});

test('a reader that stops stops the writer', async () => {
  let sent = 0;
  let isBlocked = false;
  const port = await startTcp((socket) => {
    const chunk = Buffer.alloc(256 * 1024);
    const pour = () => {
      for (; sent < 200e6; sent += chunk.length) {
        if (socket.write(chunk)) continue;
        isBlocked = true;
        socket.once('drain', () => {
          isBlocked = false;
          pour();
        });
        return;
      }
    };
    pour();
  });
  const client = await openTunnel(port);
  client.socket.pause();
  let before = -1;
  // It has stopped when nothing has moved between two looks.
  await waitFor(
    () => {
      const isStill = isBlocked && sent === before;
      before = sent;
      return isStill;
    },
    { intervalMs: 100 },
  );
  expect(sent).toBeLessThan(40e6);
});
