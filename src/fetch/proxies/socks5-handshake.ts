import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { HandshakeChannel, Target } from './handshake-reader';
import type { Proxy } from './proxy';
import { ProxyError } from './proxy-error';

const VERSION = 5;
const NO_AUTH = 0;
const USER_AND_PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;

/** Bytes of an address by its type (RFC 1928 §5), those of a name aside. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };

/** RFC 1928 §6. */
const REPLIES: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'TTL expired',
  7: 'command not supported',
  8: 'address type not supported',
};

/** Asks a SOCKS5 proxy for a connection (RFC 1928). Names go to the proxy as names. */
export async function socks5Handshake(channel: HandshakeChannel, proxy: Proxy, target: Target): Promise<void> {
  const { reader, write, onAsked } = channel;
  const garbled = () => new ProxyError(proxy.id, 'handshake', 'does not speak SOCKS5');
  // Both are offered, since a proxy that knows us by our address may not ask for a password; it takes its choice.
  const methods = proxy.username === undefined ? [NO_AUTH] : [USER_AND_PASSWORD, NO_AUTH];
  write(Uint8Array.of(VERSION, methods.length, ...methods));
  const [version, method = NONE_ACCEPTABLE] = await reader.take(2);
  if (version !== VERSION) throw garbled();
  if (method === NONE_ACCEPTABLE) throw new ProxyError(proxy.id, 'auth', 'accepts none of the ways to sign in');
  if (!methods.includes(method)) throw garbled();
  if (method === USER_AND_PASSWORD) await signIn(channel, proxy);

  onAsked();
  write(Uint8Array.of(VERSION, 1, 0, ...addressOf(target.host), target.port >> 8, target.port & 0xff));
  const [replyVersion, reply = 0] = await reader.take(2);
  if (replyVersion !== VERSION) throw garbled();
  // Some close after these two bytes when they refuse.
  if (reply !== 0) throw new ProxyError(proxy.id, 'tunnel', `refused: ${REPLIES[reply] ?? `reply ${reply}`}`);
  const [, type = 0] = await reader.take(2);
  const addressBytes = type === 3 ? (await reader.take(1))[0] : ADDRESS_BYTES[type];
  if (addressBytes === undefined) throw garbled();
  await reader.take(addressBytes + 2);
}

/** RFC 1929. */
async function signIn({ reader, write }: HandshakeChannel, proxy: Proxy): Promise<void> {
  const [user, password] = [Buffer.from(proxy.username ?? ''), Buffer.from(proxy.password ?? '')];
  write(Buffer.concat([Uint8Array.of(1, user.length), user, Uint8Array.of(password.length), password]));
  const [, status] = await reader.take(2);
  if (status !== 0) throw new ProxyError(proxy.id, 'auth', 'does not accept the user name and password');
}

function addressOf(host: string): readonly number[] {
  if (isIP(host) !== 0) {
    const address = ipaddr.parse(host);
    return [address.kind() === 'ipv4' ? 1 : 4, ...address.toByteArray()];
  }
  const name = Buffer.from(host);
  return [3, name.length, ...name];
}
