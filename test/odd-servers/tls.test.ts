import { generateKeyPairSync } from 'node:crypto';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import type { FetchOutcome } from '../../src/jobs/fetch-outcome';
import { planAttempt } from '../../src/fetch/escalation';
import { fetchOnce, openFetcher, pageOf } from '../fetch/fetch-fixture';
import { selfSigned } from '../fetch/proxies/self-signed';
import { makeCertificate } from '../support/tls/make-certificate';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port; // as: it listens on TCP
}

const root = makeCertificate({ name: 'Root', isAuthority: true });
const rsa = makeCertificate({
  ...{ name: 'localhost', hosts: ['localhost'], issuer: root, hasKeyUsage: false },
  keys: generateKeyPairSync('rsa', { modulusLength: 2048 }),
});
const RSA: TlsOptions = { cert: rsa.pem, key: rsa.keyPem };

const get = (port: number): Promise<FetchOutcome> => {
  const fetcher = openFetcher({
    allowPrivateTargets: ['127.0.0.1', 'localhost'],
    authorities: [selfSigned.cert.toString(), root.pem],
  });
  return fetchOnce(fetcher, `https://localhost:${port}/`);
};

test.each<[string, TlsOptions]>([
  ['only TLS 1.2', { maxVersion: 'TLSv1.2' }],
  ['only TLS 1.3', { minVersion: 'TLSv1.3' }],
  ['an RSA key exchange and CBC only', { ...RSA, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }],
  ['CBC only', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA' }],
  ['ChaCha20 only', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }],
  ['the curve P-384 only', { ecdhCurve: 'secp384r1' }],
  ['an RSA certificate and PKCS #1 signatures', { ...RSA, maxVersion: 'TLSv1.2', sigalgs: 'RSA+SHA256' }],
  ['no application protocol', { ALPNProtocols: [] }],
  ['HTTP/2 as well, which it prefers', { ALPNProtocols: ['h2', 'http/1.1'] }],
])('the page of a server comes that has %s', async (_what, options) => {
  const port = await listen(createServer({ ...selfSigned, ...options }, (_req, res) => res.end('the page')));
  expect(pageOf(await get(port)).body.toString()).toBe('the page');
});

/** A ServerHello of TLS 1.2 without any extension, so without `renegotiation_info` (RFC 5246 §7.4.1.3). */
function helloWithoutExtensions(): Buffer {
  const cipher = [0xc0, 0x2f]; // ECDHE-RSA-AES128-GCM-SHA256
  const body = Buffer.from([0x03, 0x03, ...Buffer.alloc(32, 7), 0, ...cipher, 0]);
  const message = Buffer.concat([Buffer.from([0x02, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from([0x16, 0x03, 0x03, 0, message.length]), message]);
}

test('a server that knows no secure renegotiation is talked to, as browsers do', async () => {
  let answered: Buffer | undefined;
  const server = createTcpServer((socket) => {
    socket.once('data', () => {
      socket.write(helloWithoutExtensions());
      socket.on('data', (bytes) => (answered = bytes)); // an alert would come here
      setImmediate(() => socket.end());
    });
  });
  expect(await get(await listen(server))).toEqual({ kind: 'unreachable', code: 'TLS_CLOSED' });
  expect(answered).toBeUndefined();
});

/** Servers with which plain HTTP/1.1 over Node's TLS cannot come to an understanding. */
const STRANGE: readonly (readonly [string, () => Server, RegExp])[] = [
  ['speaks HTTP/2 only', () => createSecureServer(selfSigned), /^ERR_SSL_|^INVALID_RESPONSE$|^TLS_CLOSED$/],
  [
    'speaks HTTP/2 whatever it is asked for',
    () => createTlsServer(selfSigned, (socket) => socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))),
    /^INVALID_RESPONSE$/,
  ],
  [
    'speaks no TLS',
    () => createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    /^EPROTO$|^ERR_SSL_/,
  ],
  [
    'hangs up when it sees the hello',
    () => createTcpServer((socket) => void socket.once('data', () => socket.end())),
    /^TLS_CLOSED$/,
  ],
  [
    'resets when it sees the hello',
    () => createTcpServer((socket) => void socket.once('data', () => socket.resetAndDestroy())),
    /^TLS_CLOSED$/,
  ],
  [
    'does not like the hello',
    () =>
      createTcpServer((socket) => void socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])))),
    /^EPROTO$|^ERR_SSL_/,
  ],
  [
    'knows old versions only',
    () => createTlsServer({ ...selfSigned, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    /^EPROTO$|^ERR_SSL_/,
  ],
];

test.each(STRANGE)("the next attempt at a server that %s is made with a browser's TLS", async (_what, open, code) => {
  const outcome = await get(await listen(open()));
  expect(outcome).toEqual({ kind: 'unreachable', code: expect.stringMatching(code) });
  if (outcome.kind !== 'unreachable') return;
  const wish = { isRendered: false, tier: 'standard', isSession: false } as const;
  const history = [{ kind: outcome.kind, code: outcome.code, engine: 'http' }] as const;
  expect(planAttempt(2, history, wish, { canImpersonate: true, tiers: [] }).engine).toBe('impersonate');
});
