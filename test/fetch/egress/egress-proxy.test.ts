import type { Socket } from 'node:net';
import { waitFor } from '../../support/wait-for';
import { startOrigin } from '../../support/origin';
import {
  connectTo,
  credentialsOf,
  exchange,
  fakeResolver,
  getFrom,
  openEgress,
  openRaw,
  proxyOf,
  startTcp,
} from './egress-fixture';

const PRIVATE_HOSTS = [
  '10.0.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '0', '127.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1',
  '127.0.0.1.', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '[fe80::1]', '[fc00::1]',
  'localhost', 'LOCALHOST.', 'a.localhost', 'private.test', 'mixed.test', 'metadata.google.internal',
]; // prettier-ignore
/** Calls `ended` when the connection has ended, however the other side ends it. */
const onEnd = (socket: Socket, ended: () => void) => socket.resume().on('end', ended).on('close', ended);
const resolver = () => fakeResolver({ 'private.test': [['10.1.2.3']], 'mixed.test': [['93.184.216.34', '127.0.0.1']] });

test.each(PRIVATE_HOSTS)('CONNECT to %s is refused', async (host) => {
  const egress = await openEgress({ allow: [], resolve: resolver().resolve });
  const address = egress.addressFor(undefined);
  const answer = await connectTo(`${host}:443`, address);
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(answer).toMatch(/^x-everfetch-forbidden: \S/m);
  expect(egress.troubleOf(undefined, new URL(`https://${host}/path`))).toMatchObject({ name: 'ForbiddenTargetError' });
});

test.each(PRIVATE_HOSTS)('a plain request to %s is refused', async (host) => {
  const egress = await openEgress({ allow: [], resolve: resolver().resolve });
  const answer = await getFrom(`http://${host}/`, egress.addressFor(undefined));
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(answer).toMatch(/^x-everfetch-forbidden: \S/m);
  expect(egress.troubleOf(undefined, new URL(`http://${host}/`))).toMatchObject({ name: 'ForbiddenTargetError' });
});

test.each([
  'example.com', 'example.com:', 'example.com:0', 'example.com:65536', 'example.com:80x', ':443', 'user@example.com:443', 'user:pw@example.com:443',
  'exa/mple.com:443', 'example.com:443/x', 'http://example.com:443', '[::1:443', '::1:443', 'ex ample.com:443', '/', '*',
])('CONNECT %s is no target', async (authority) => {
  const egress = await openEgress();
  expect(await connectTo(authority, egress.addressFor(undefined))).toMatch(/^HTTP\/1\.1 400 /);
}); // prettier-ignore

test.each([
  '/', '*', 'https://example.com/', 'ftp://example.com/', 'ws://example.com/', 'http:///x', 'http://user:pw@127.0.0.1/', 'http://127.0.0.1:0/',
  'http://127.0.0.1:99999/', 'http://[::1/', 'file:///etc/passwd',
])('a plain request for %s is none', async (url) => {
  const egress = await openEgress();
  expect(await getFrom(url, egress.addressFor(undefined))).toMatch(/^HTTP\/1\.1 400 /);
}); // prettier-ignore

test('what is dialled is what was checked, whatever a name resolves to a moment later', async () => {
  const said: string[] = [];
  const port = await startTcp((socket) => {
    said.push(socket.localAddress ?? '');
    socket.end('hello');
  }, '0.0.0.0');
  const { resolve, asked } = fakeResolver({ 'rebound.test': [['127.0.0.2'], ['127.0.0.1']] });
  const egress = await openEgress({ allow: ['127.0.0.2'], resolve });
  const address = egress.addressFor(undefined);
  expect(await connectTo(`rebound.test:${port}`, address)).toMatch(/^HTTP\/1\.1 200 [^]*hello$/);
  expect(said).toEqual(['127.0.0.2']);
  expect(asked).toEqual(['rebound.test']);
  expect(await connectTo(`rebound.test:${port}`, address)).toMatch(/^HTTP\/1\.1 403 /);
  expect(said).toHaveLength(1);
});

test.each([
  ['none', ''],
  ['a wrong password', `Proxy-Authorization: Basic ${Buffer.from('x:y').toString('base64')}\r\n`],
  ['another scheme', 'Proxy-Authorization: Bearer abc\r\n'],
  ['what is no base64', 'Proxy-Authorization: Basic \u00e9\u00e9\r\n'],
])('with %s instead of credentials, nothing is dialled', async (_what, header) => {
  const origin = await startOrigin((_req, res) => res.end('secret'));
  const egress = await openEgress();
  const address = egress.addressFor(undefined);
  const { host } = new URL(origin.url);
  for (const head of [`CONNECT ${host} HTTP/1.1`, `GET ${origin.url}/ HTTP/1.1`]) {
    const answer = await exchange(address, `${head}\r\nHost: ${host}\r\n${header}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 407 /);
    expect(answer).toMatch(/^proxy-authenticate: basic realm/im);
  }
  expect(origin.connections).toBe(0);
});

test('credentials name the way out: the same for the same proxy, others for others', async () => {
  const egress = await openEgress();
  const direct = egress.addressFor(undefined);
  expect(egress.addressFor(undefined)).toEqual(direct);
  expect(egress.addressFor(proxyOf({ kind: 'direct' }))).toEqual(direct);
  const first = egress.addressFor(proxyOf({ username: 'session-1' }));
  const second = egress.addressFor(proxyOf({ username: 'session-2' }));
  expect(egress.addressFor(proxyOf({ username: 'session-1', weight: 3 }))).toEqual(first);
  expect(new Set([direct, first, second].map(({ username }) => username)).size).toBe(3);
  const other = await openEgress();
  expect(other.addressFor(undefined).password).not.toBe(direct.password);
});

test('a target that is not there is no refusal, and says its code', async () => {
  const egress = await openEgress({ resolve: fakeResolver({}).resolve });
  const address = egress.addressFor(undefined);
  const url = new URL('https://nowhere.test/');
  const answer = await connectTo('nowhere.test:443', address);
  expect(answer).toMatch(/^HTTP\/1\.1 502 /);
  expect(answer).toMatch(/^x-everfetch-trouble: ENOTFOUND\r$/m);
  expect(egress.troubleOf(undefined, url)).toMatchObject({ code: 'ENOTFOUND' });
  expect(egress.troubleOf(proxyOf(), url)).toBeUndefined();
});

test('a trouble is forgotten once a connection is made', async () => {
  const { resolve } = fakeResolver({ 'flaky.test': [['10.0.0.1'], ['127.0.0.1']] });
  const egress = await openEgress({ resolve });
  const address = egress.addressFor(undefined);
  const port = await startTcp((socket) => socket.end());
  const url = new URL(`https://flaky.test:${port}/`);
  await connectTo(url.host, address);
  expect(egress.troubleOf(undefined, url)).toMatchObject({ name: 'ForbiddenTargetError' });
  await connectTo(url.host, address);
  expect(egress.troubleOf(undefined, url)).toBeUndefined();
});

test('a connection over which nothing goes is cut', async () => {
  const egress = await openEgress({ idleTimeoutMs: 100 });
  const address = egress.addressFor(undefined);
  let targetClosed = false;
  const port = await startTcp((socket) => onEnd(socket, () => (targetClosed = true)));
  const client = await openRaw(address);
  client.socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`);
  await client.closed;
  expect(client.received().toString()).toMatch(/^HTTP\/1\.1 200 /);
  await waitFor(() => targetClosed);
});

test('a connection that does not come about is given up, by us or by the client', async () => {
  // Without a network, an attempt to connect can wait for a resolver that does not answer.
  const egress = await openEgress({ resolve: () => undefined, connectTimeoutMs: 100 });
  const address = egress.addressFor(undefined);
  expect(await connectTo('slow.test:443', address)).toMatch(/^x-everfetch-trouble: ETIMEDOUT\r$/m);
  expect(await getFrom('http://slow.test/', address)).toMatch(/^x-everfetch-trouble: ETIMEDOUT\r$/m);
  const client = await openRaw(address);
  client.socket.write(`CONNECT slow.test:443 HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`);
  client.socket.resetAndDestroy();
  expect(await connectTo('slow.test:443', address)).toMatch(/^HTTP\/1\.1 502 /);
});

test('close cuts clients, tunnels and targets', async () => {
  const egress = await openEgress();
  const address = egress.addressFor(undefined);
  let targetClosed = false;
  const port = await startTcp((socket) => onEnd(socket, () => (targetClosed = true)));
  const tunnel = await openRaw(address);
  tunnel.socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`);
  await waitFor(() => tunnel.received().includes('200'));
  const idle = await openRaw(address);
  await egress.close();
  await Promise.all([tunnel.closed, idle.closed]);
  await waitFor(() => targetClosed);
  await expect(openRaw(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
