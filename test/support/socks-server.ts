import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { bytesOf, join, startProxy } from './connect-proxy';
import type { TestProxy } from './connect-proxy';

export interface SocksServerOptions {
  /** Demands them; else it demands nothing. */
  readonly username?: string;
  readonly password?: string;
  /** Takes no client, whatever ways to sign in it offers. */
  readonly acceptsNobody?: boolean;
  /** The code of RFC 1928 §6 with which it refuses. */
  readonly reply?: number;
  /** Takes over once it has been asked for a target. */
  readonly instead?: (client: Socket) => void;
  /** Type of the address that it claims to be bound to. @default 1, IPv4 */
  readonly boundType?: 1 | 3 | 4;
}

const BOUND = {
  1: [1, 127, 0, 0, 1],
  3: [3, 9, ...Buffer.from('localhost')],
  4: [4, ...Array<number>(15).fill(0), 1],
} as const;

/** A SOCKS5 proxy (RFC 1928, RFC 1929) that takes every name for this machine. Targets are noted as `name host:port`, `ipv4 …` or `ipv6 …`. */
export function startSocksServer(options: SocksServerOptions = {}): Promise<TestProxy> {
  return startProxy('socks5', undefined, async (client, targets) => {
    const methods = await bytesOf(client, (await bytesOf(client, 2))[1] ?? 0);
    const method = options.username === undefined ? 0 : 2;
    if (options.acceptsNobody === true || !methods.includes(method)) return void client.end(Uint8Array.of(5, 0xff));
    client.write(Uint8Array.of(5, method));
    if (method === 2 && !(await isSignedIn(client, options))) return void client.end(Uint8Array.of(1, 1));

    const [, , , type] = await bytesOf(client, 4);
    const host = await hostOf(client, type);
    const port = (await bytesOf(client, 2)).readUInt16BE();
    targets.push(`${host}:${port}`);
    if (options.instead !== undefined) return options.instead(client);
    if (options.reply !== undefined) return void client.end(Uint8Array.of(5, options.reply));
    const upstream = connect(port, '127.0.0.1');
    upstream.on('error', () => client.end(Uint8Array.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0)));
    upstream.on('connect', () => {
      client.write(Uint8Array.of(5, 0, 0, ...BOUND[options.boundType ?? 1], 0, 80));
      join(client, upstream);
    });
  });
}

async function isSignedIn(client: Socket, { username, password }: SocksServerOptions): Promise<boolean> {
  const user = await bytesOf(client, (await bytesOf(client, 2))[1] ?? 0);
  const secret = await bytesOf(client, (await bytesOf(client, 1))[0] ?? 0);
  if (user.toString() !== username || secret.toString() !== (password ?? '')) return false;
  client.write(Uint8Array.of(1, 0));
  return true;
}

async function hostOf(client: Socket, type: number | undefined): Promise<string> {
  if (type === 1) return `ipv4 ${[...(await bytesOf(client, 4))].join('.')}`;
  if (type === 4) return `ipv6 ${(await bytesOf(client, 16)).toString('hex')}`;
  return `name ${(await bytesOf(client, (await bytesOf(client, 1))[0] ?? 0)).toString()}`;
}
