import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import type { Proxy } from '../../src/fetch/proxies/proxy';

/** A proxy on a free loopback port; closes itself, with all connections, after the test. */
export interface TestProxy {
  readonly port: number;
  /** What clients asked for, `host:port`, in order. */
  readonly targets: readonly string[];
  /** Connections accepted since it started, and those open now. */
  readonly connections: number;
  readonly open: number;
  /** How the service would know it. */
  asProxy(rest?: Partial<Proxy>): Proxy;
  close(): Promise<void>;
}

export interface ConnectProxyOptions {
  /** What it demands in `proxy-authorization`, before base64. */
  readonly credentials?: string;
  /** Speaks TLS itself. */
  readonly tls?: TlsOptions;
  /** Takes over once the head has come. */
  readonly instead?: (client: Socket, target: string) => void;
  /** Cuts both ends when this many bytes have come from the target. */
  readonly cutAfterBytes?: number;
}

/** A forward proxy that knows CONNECT only, and takes every name for this machine. */
export function startConnectProxy(options: ConnectProxyOptions = {}): Promise<TestProxy> {
  return startProxy(options.tls === undefined ? 'http' : 'https', options.tls, async (client, targets) => {
    const head = await headOf(client);
    const target = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1];
    if (target === undefined) return void client.end('HTTP/1.1 405 Method Not Allowed\r\n\r\n');
    targets.push(target);
    const sent = /^proxy-authorization: Basic (.*?)\r$/im.exec(head)?.[1] ?? '';
    if (options.credentials !== undefined && Buffer.from(sent, 'base64').toString() !== options.credentials)
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    if (options.instead !== undefined) return options.instead(client, target);
    const upstream = connect(Number(/\d+$/.exec(target)?.[0]), '127.0.0.1');
    upstream.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    upstream.on('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n');
      join(client, upstream, options.cutAfterBytes);
    });
  });
}

/** What all test proxies share: counting, and closing at the end. */
export async function startProxy(
  kind: Proxy['kind'],
  tls: TlsOptions | undefined,
  serve: (client: Socket, targets: string[]) => Promise<void>,
): Promise<TestProxy> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const onClient = (client: Socket) => {
    connections += 1;
    sockets.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => sockets.delete(client));
    serve(client, targets).catch(() => client.destroy());
  };
  const server: Server = tls === undefined ? createServer(onClient) : createTlsServer(tls, onClient);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: TestProxy = {
    port,
    targets,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    asProxy: (rest = {}) => ({
      id: `${kind}://127.0.0.1:${port}`,
      kind,
      host: '127.0.0.1',
      port,
      username: undefined,
      password: undefined,
      tier: 'standard',
      country: undefined,
      weight: 1,
      ...rest,
    }),
    async close() {
      if (!running.delete(proxy)) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  running.add(proxy);
  return proxy;
}

const running = new Set<TestProxy>();
afterEach(async () => {
  await Promise.all([...running].map((proxy) => proxy.close()));
});

/** Bytes go both ways until one end closes. */
export function join(client: Socket, upstream: Socket, cutAfterBytes = Infinity): void {
  let bytes = 0;
  const cut = () => [client, upstream].forEach((socket) => socket.destroy());
  upstream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > cutAfterBytes) cut();
    else client.write(chunk);
  });
  client.pipe(upstream);
  for (const socket of [client, upstream]) socket.on('close', cut);
}

/** Reads byte by byte, so that what follows stays for the tunnel. */
async function headOf(client: Socket): Promise<string> {
  let head = '';
  while (!head.endsWith('\r\n\r\n')) head += (await bytesOf(client, 1)).toString('latin1');
  return head;
}

/** The next `count` bytes; rejects when the client leaves before. */
export async function bytesOf(client: Socket, count: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes = client.read(count) as Buffer | null; // as: no encoding is set
    if (bytes !== null) return bytes;
    if (client.destroyed || client.readableEnded) throw new Error('the client has left');
    await new Promise<void>((resolve) => {
      const wake = () => {
        for (const event of ['readable', 'end', 'close']) client.off(event, wake);
        resolve();
      };
      for (const event of ['readable', 'end', 'close']) client.on(event, wake);
    });
  }
}
