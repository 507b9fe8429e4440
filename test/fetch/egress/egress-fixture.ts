import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { LookupAddress } from 'node:dns';
import { createEgressProxy } from '../../../src/fetch/egress/egress-proxy';
import type { EgressAddress, EgressProxy, EgressProxyDeps } from '../../../src/fetch/egress/egress-proxy';
import { createGuard } from '../../../src/net/guard';
import type { GuardOptions } from '../../../src/net/guard';
import type { Proxy } from '../../../src/fetch/proxies/proxy';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

export interface EgressOptions extends Partial<EgressProxyDeps> {
  readonly allow?: readonly string[];
  readonly resolve?: GuardOptions['resolve'];
}

/** Starts an egress proxy to which 127.0.0.1 is open unless told otherwise. It is closed after the test. */
export async function openEgress({
  allow = ['127.0.0.1'],
  resolve,
  ...deps
}: EgressOptions = {}): Promise<EgressProxy> {
  const guard = createGuard(allow, resolve === undefined ? {} : { resolve });
  const egress = await createEgressProxy({ guard, ...deps });
  closers.push(() => egress.close());
  return egress;
}

/** Makes a resolver that knows a few names and counts questions. */
export function fakeResolver(names: Readonly<Record<string, readonly (readonly string[])[]>>): {
  readonly resolve: NonNullable<GuardOptions['resolve']>;
  readonly asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    resolve(hostname, _options, callback) {
      const answers = names[hostname];
      const answer = answers?.[Math.min(asked.filter((each) => each === hostname).length, answers.length - 1)];
      asked.push(hostname);
      const addresses = answer?.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
      if (addresses !== undefined) callback(null, addresses);
      else callback(Object.assign(new Error(`unknown name ${hostname}`), { code: 'ENOTFOUND' }), []);
    },
  };
}

export const credentialsOf = ({ username, password }: EgressAddress): string =>
  `Proxy-Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}\r\n`;

/** Opens a connection to the proxy and keeps everything that comes. It may be half-open, so that each side can end on its own. */
export interface RawClient {
  readonly socket: Socket;
  readonly received: () => Buffer;
  /** Resolves once the proxy has ended or cut the connection. */
  readonly closed: Promise<'end' | 'cut'>;
}

export async function openRaw({ server }: EgressAddress): Promise<RawClient> {
  const { hostname, port } = new URL(server);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  closers.push(async () => void socket.destroy());
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  const closed = new Promise<'end' | 'cut'>((resolve) => {
    socket.on('end', () => resolve('end'));
    socket.on('error', () => resolve('cut'));
    socket.on('close', () => resolve('cut'));
  });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return { socket, received: () => Buffer.concat(parts), closed };
}

/** Sends bytes and reads until the proxy ends. */
export async function exchange(address: EgressAddress, bytes: string): Promise<string> {
  const client = await openRaw(address);
  client.socket.write(bytes, 'latin1');
  await client.closed;
  return client.received().toString('latin1');
}

export const connectTo = (authority: string, address: EgressAddress): Promise<string> =>
  exchange(address, `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentialsOf(address)}\r\n`);

export const getFrom = (url: string, address: EgressAddress, headers = ''): Promise<string> =>
  exchange(address, `GET ${url} HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}${headers}Connection: close\r\n\r\n`);

/** Starts a TCP server whose connections a test handles itself. It is closed after the test. */
export async function startTcp(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export const proxyOf = (rest: Partial<Proxy> = {}): Proxy => ({
  id: 'http://127.0.0.1:1',
  kind: 'http',
  host: '127.0.0.1',
  port: 1,
  username: undefined,
  password: undefined,
  tier: 'standard',
  country: undefined,
  weight: 1,
  ...rest,
});
