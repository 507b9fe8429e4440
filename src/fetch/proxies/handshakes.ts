import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { HandshakeChannel, HandshakeReader, Target } from './handshake-reader';
import { ProxyError } from './proxy';
import type { Proxy } from './proxy';

const MAX_HEAD_BYTES = 16 * 1024;

/** Asks an HTTP proxy for a tunnel (RFC 9110 §9.3.6). Any 2xx opens it, whatever its headers say. */
export async function connectHandshake(
  { reader, write, onAsked }: HandshakeChannel,
  proxy: Proxy,
  { host, port }: Target,
): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, 'Proxy-Connection: keep-alive'];
  if (proxy.username !== undefined) lines.push(`Proxy-Authorization: ${basicOf(proxy.username, proxy.password)}`);
  onAsked();
  write(`${lines.join('\r\n')}\r\n\r\n`);

  const statusCode = await finalStatusOf(reader);
  if (statusCode === undefined) throw new ProxyError(proxy.id, 'handshake', 'did not answer in HTTP/1.1');
  if (statusCode === 407) throw new ProxyError(proxy.id, 'auth', 'answered 407', { statusCode });
  if (statusCode > 299) throw new ProxyError(proxy.id, 'tunnel', `answered ${statusCode}`, { statusCode });
}

/** Reads up to the final answer. Informational ones may come before; all heads together are bounded. */
async function finalStatusOf(reader: HandshakeReader): Promise<number | undefined> {
  for (let leftBytes = MAX_HEAD_BYTES; leftBytes > 0;) {
    const head = await reader.takeHead(leftBytes);
    const statusCode = /^HTTP\/1\.[01] ([1-9]\d\d)(?!\d)/.exec(head ?? '')?.[1];
    if (head === undefined || statusCode === undefined) return undefined;
    if (Number(statusCode) >= 200) return Number(statusCode);
    leftBytes -= head.length;
  }
  return undefined;
}

/** Credentials that are sent with the first request, because waiting for a 407 would cost a round trip per tunnel. */
function basicOf(username: string, password = ''): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

const VERSION = 5;
const NO_AUTH = 0;
const USER_AND_PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;

/** Bytes of an IP address by its type (RFC 1928 §5). */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };

/** Meanings of the reply codes (RFC 1928 §6). */
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
  // Both methods are offered, since a proxy that knows us by our address may want no password.
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
  // Some proxies close after these two bytes when they refuse.
  if (reply !== 0) throw new ProxyError(proxy.id, 'tunnel', `refused: ${REPLIES[reply] ?? `reply ${reply}`}`);
  const [, type = 0] = await reader.take(2);
  const addressBytes = type === 3 ? (await reader.take(1))[0] : ADDRESS_BYTES[type];
  if (addressBytes === undefined) throw garbled();
  await reader.take(addressBytes + 2);
}

/** Sends user name and password (RFC 1929). */
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
