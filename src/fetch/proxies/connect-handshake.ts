import type { HandshakeChannel, HandshakeReader, Target } from './handshake-reader';
import type { Proxy } from './proxy';
import { ProxyError } from './proxy-error';

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

/** Informational answers may come before; all heads together are bounded. */
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

/** Sent unasked: a 407 first would cost a round trip for every tunnel. */
function basicOf(username: string, password = ''): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
