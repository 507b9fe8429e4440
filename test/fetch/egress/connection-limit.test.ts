import { startOrigin } from '../../support/origin';
import { waitFor } from '../../support/wait-for';
import type { EgressAddress } from '../../../src/fetch/egress/egress-proxy';
import { credentialsOf, openEgress, openRaw, startTcp } from './egress-fixture';
import type { RawClient } from './egress-fixture';

/** Time between two looks at what has moved. The clock of `setInterval` stands still, and goes on when a test says so. */
const letTheProxyLook = () => jest.advanceTimersByTime(1_000);
beforeEach(() => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'],
  }); // prettier-ignore
});
afterEach(() => jest.useRealTimers());

const echo = () => startTcp((socket) => void socket.pipe(socket));
const isOpen = ({ socket }: RawClient) => !socket.destroyed && !socket.readableEnded;

async function say(client: RawClient, bytes: string, answer: string): Promise<void> {
  const before = client.received().length;
  client.socket.write(bytes);
  await waitFor(() => client.received().subarray(before).includes(answer));
}

async function openTunnel(port: number, address: EgressAddress): Promise<RawClient> {
  const client = await openRaw(address);
  await say(client, `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`, '\r\n\r\n');
  return client;
}

test('at the limit the tunnel that has been idle for the longest time makes room for a new one', async () => {
  const address = (await openEgress({ maxConnections: 3 })).addressFor(undefined);
  const port = await echo();
  const [first, second, third] = [
    await openTunnel(port, address),
    await openTunnel(port, address),
    await openTunnel(port, address),
  ] as const;
  letTheProxyLook();
  await say(first, 'ping', 'ping');
  letTheProxyLook();

  const fourth = await openTunnel(port, address);
  expect(await second.closed).toBe('cut');
  letTheProxyLook();
  await say(third, 'ping', 'ping');

  const fifth = await openTunnel(port, address);
  expect(await first.closed).toBe('cut');
  for (const client of [third, fourth, fifth]) await say(client, 'ping', 'ping');
});

test('bytes count as soon as they have gone through, also those that only the target has sent', async () => {
  const address = (await openEgress({ maxConnections: 2 })).addressFor(undefined);
  let pour = () => {};
  const port = await startTcp((socket) => (pour = () => socket.write('news')));
  const fed = await openTunnel(port, address);
  const feedIt = pour;
  const idle = await openTunnel(port, address);
  letTheProxyLook();
  const before = fed.received().length;
  feedIt();
  await waitFor(() => fed.received().length > before);
  await openTunnel(port, address); // This is before the next look.
  expect(await idle.closed).toBe('cut');
  expect(isOpen(fed)).toBe(true);
});

test('a client that sends plain requests over its connection is not taken for idle', async () => {
  const origin = await startOrigin((_req, res) => res.end('hello'));
  const address = (await openEgress({ maxConnections: 2 })).addressFor(undefined);
  const get = `GET ${origin.url}/ HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`;
  const busy = await openRaw(address);
  await say(busy, get, 'hello');
  const idle = await openTunnel(await echo(), address);
  letTheProxyLook();
  await say(busy, get, 'hello');
  const next = await openRaw(address);
  expect(await idle.closed).toBe('cut');
  for (const client of [busy, next]) await say(client, get, 'hello');
});

test('the target of what made room is let go as well, so that there are never more than the limit', async () => {
  const address = (await openEgress({ maxConnections: 2 })).addressFor(undefined);
  let open = 0;
  const port = await startTcp((socket) => {
    open += 1;
    socket.on('close', () => (open -= 1)).resume();
  });
  const clients: RawClient[] = [];
  for (let each = 0; each < 12; each += 1) clients.push(await openTunnel(port, address));
  await waitFor(() => open === 2);
  expect(clients.filter(isOpen)).toEqual(clients.slice(-2));
});

test('a burst of new connections leaves no more than the limit', async () => {
  const address = (await openEgress({ maxConnections: 2 })).addressFor(undefined);
  const clients = await Promise.all(Array.from({ length: 40 }, () => openRaw(address)));
  await waitFor(() => clients.filter(isOpen).length <= 2);
  const last = await openTunnel(await echo(), address);
  await waitFor(() => clients.filter(isOpen).length <= 1);
  await say(last, 'ping', 'ping');
});

test('connections that have left take no room', async () => {
  const address = (await openEgress({ maxConnections: 2 })).addressFor(undefined);
  const port = await echo();
  const stays = await openTunnel(port, address);
  for (let each = 0; each < 5; each += 1) {
    const { socket, closed } = await openTunnel(port, address);
    socket.end();
    await closed; // The proxy has ended its side too.
  }
  await say(stays, 'ping', 'ping');
});
