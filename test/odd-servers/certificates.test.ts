import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPostCallback } from '../../src/callbacks/post-callback';
import { describeWithBrowser, openBrowser, renderWith } from '../fetch/browser/browser-fixture';
import { pageOf, requestOf } from '../fetch/fetch-fixture';
import { startConnectProxy } from '../support/connect-proxy';
import { startOrigin } from '../support/origin';
import type { Origin } from '../support/origin';
import { makeCertificate, pkcs7Of } from '../support/tls/make-certificate';
import type { MadeCertificate } from '../support/tls/make-certificate';
import {
  DAY_MS,
  HOST,
  MISSING,
  authority,
  closing,
  get,
  guardOf,
  openTrusting,
  otherRoot,
  root,
  site,
  startPublisher,
  startSite,
} from './certificate-fixture';
import { resolvesTo } from './names';

test('a page comes whose server does not send the intermediate certificate, which is asked for once', async () => {
  const publisher = await startPublisher();
  const intermediate = authority(root);
  publisher.files['/i.crt'] = intermediate.der;
  const port = await startSite([site(intermediate, { caIssuers: [`${publisher.url}/i.crt`] })], (_req, res) =>
    res.writeHead(200, { connection: 'close' }).end('the page'),
  );
  const fetcher = openTrusting();
  const outcomes = await Promise.all([1, 2, 3].map(() => get(fetcher, port)));
  outcomes.push(await get(fetcher, port));
  expect(outcomes.map((outcome) => pageOf(outcome).body.toString())).toEqual(Array(4).fill('the page'));
  expect(publisher.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /i.crt']);
});

test('a complete chain is asked for nothing', async () => {
  const publisher = await startPublisher();
  const intermediate = authority(root);
  const port = await startSite([site(intermediate, { caIssuers: [`${publisher.url}/i.crt`] }), intermediate]);
  expect(pageOf(await get(openTrusting(), port)).statusCode).toBe(200);
  expect(publisher.requests).toEqual([]);
});

describe('what is published', () => {
  const intermediate = authority(root);
  const stranger = makeCertificate({ name: 'Stranger', isAuthority: true });
  const pem = (kind: string, bytes: Buffer) =>
    `-----BEGIN ${kind}-----\n${bytes.toString('base64')}\n-----END ${kind}-----\n`;

  test.each<[string, Buffer | string | RequestListener]>([
    ['DER', intermediate.der],
    ['PEM', intermediate.pem],
    ['PEM with text around it and several certificates', `# hello\n${stranger.pem}\n${intermediate.pem}`],
    ['PKCS#7', pkcs7Of(intermediate)],
    ['PKCS#7 with others', pkcs7Of(stranger, root, intermediate)],
    ['PKCS#7 in PEM', pem('PKCS7', pkcs7Of(intermediate))],
    ['what a redirect leads to', (_req, res) => res.writeHead(302, { location: '/i2.crt' }).end()],
  ])('may be %s', async (_what, file) => {
    const publisher = await startPublisher();
    Object.assign(publisher.files, { '/i.crt': file, '/i2.crt': intermediate.der });
    const port = await startSite([site(intermediate, { caIssuers: [`${publisher.url}/i.crt`] })]);
    expect(pageOf(await get(openTrusting(), port)).statusCode).toBe(200);
  });

  test.each<[string, Buffer | string | RequestListener]>([
    ['nothing', ''],
    ['not a certificate', '<html>Not found</html>'],
    ['cut off', intermediate.der.subarray(0, 200)],
    ['too large', Buffer.concat([Buffer.from(intermediate.pem), Buffer.alloc(70_000, 32)])],
    ['the certificate of somebody else', stranger.der],
    ['PKCS#7 without certificates', pkcs7Of()],
    ['not there', (_req, res) => res.writeHead(404).end(intermediate.der)],
    ['a redirect for ever', (_req, res) => res.writeHead(302, { location: '/i.crt' }).end()],
    ['a redirect to https', (_req, res) => res.writeHead(302, { location: 'https://127.0.0.1/i.crt' }).end()],
    ['a connection that is cut', (req) => req.socket.destroy()],
    ['marked as trusted by OpenSSL', pem('TRUSTED CERTIFICATE', intermediate.der)],
  ])('does not help when it is %s', async (_what, file) => {
    const publisher = await startPublisher();
    publisher.files['/i.crt'] = file;
    const port = await startSite([site(intermediate, { caIssuers: [`${publisher.url}/i.crt`] })]);
    const fetcher = openTrusting();
    expect(await get(fetcher, port)).toEqual(MISSING);
    const asked = publisher.requests.length;
    expect(await get(fetcher, port)).toEqual(MISSING);
    expect(publisher.requests.length).toBe(asked); // not again so soon
  });
});

test.each(['https://127.0.0.1/i.crt', 'ldap://127.0.0.1/i.crt', 'not a URL', 'http://'])(
  'nothing is asked for at %s',
  async (address) => {
    const intermediate = authority(root);
    const port = await startSite([site(intermediate, { caIssuers: [address] })]);
    expect(await get(openTrusting(), port)).toEqual(MISSING);
  },
);

test('the second address counts when the first has nothing', async () => {
  const publisher = await startPublisher();
  const intermediate = authority(root);
  publisher.files['/b.crt'] = intermediate.der;
  const caIssuers = ['a', 'b'].map((name) => `${publisher.url}/${name}.crt`);
  const port = await startSite([site(intermediate, { caIssuers })]);
  expect(pageOf(await get(openTrusting(), port)).statusCode).toBe(200);
});

test.each([
  ['an address that is private', (port: number) => `http://127.0.0.1:${port}/i.crt`],
  ['a name that is', (port: number) => `http://publisher.test:${port}/i.crt`],
  ["the cloud's metadata", () => 'http://metadata.google.internal/i.crt'],
])('nothing is asked for at %s', async (_what, addressOf) => {
  const publisher = await startPublisher();
  const intermediate = authority(root);
  publisher.files['/i.crt'] = intermediate.der;
  const port = await startSite([site(intermediate, { caIssuers: [addressOf(publisher.port)] })]);
  expect(await get(openTrusting(guardOf(HOST)), port)).toEqual(MISSING);
  expect(publisher.connections).toBe(0);
});

test('a redirect of the publisher to a private address is not followed', async () => {
  const [publisher, hidden] = await Promise.all([
    startPublisher(),
    startOrigin((_req, res) => res.end(intermediate.der), '127.0.0.2'),
  ]);
  const intermediate = authority(root);
  publisher.files['/i.crt'] = (_req, res) =>
    res.writeHead(302, { location: `http://127.0.0.2:${hidden.port}/i.crt` }).end();
  const port = await startSite([site(intermediate, { caIssuers: [`${publisher.url}/i.crt`] })]);
  expect(await get(openTrusting(), port)).toEqual(MISSING);
  expect([publisher.requests.length, hidden.connections]).toEqual([1, 0]);
});

/** A chain of authorities below the root, each published, and the site's certificate below the last one. */
async function startChain(levels: number): Promise<{ readonly port: number; readonly publisher: Origin }> {
  const publisher = await startPublisher();
  let issuer = root;
  for (let level = 1; level <= levels; level += 1) {
    publisher.files[`/${level}.crt`] = (issuer = authority(issuer, {
      name: `Level ${level}`,
      caIssuers: level === 1 ? [] : [`${publisher.url}/${level - 1}.crt`],
    })).der;
  }
  return { port: await startSite([site(issuer, { caIssuers: [`${publisher.url}/${levels}.crt`] })]), publisher };
}

test('several missing certificates are found one after the other, four at most', async () => {
  const four = await startChain(4);
  expect(pageOf(await get(openTrusting(), four.port)).statusCode).toBe(200);
  expect(four.publisher.requests.map(({ url }) => url)).toEqual(['/4.crt', '/3.crt', '/2.crt', '/1.crt']);
  const five = await startChain(5);
  expect(await get(openTrusting(), five.port)).toEqual(MISSING);
  expect(five.publisher.requests.length).toBe(4);
});

test('a certificate in the middle may be missing while the ones around it are sent', async () => {
  const publisher = await startPublisher();
  const upper = authority(root, { name: 'Upper' });
  const lower = authority(upper, { name: 'Lower', caIssuers: [`${publisher.url}/upper.crt`] });
  publisher.files['/upper.crt'] = upper.der;
  const port = await startSite([site(lower), lower]);
  expect(pageOf(await get(openTrusting(), port)).statusCode).toBe(200);
});

describe('instead of one that is sent and does not do', () => {
  const keys = makeCertificate({ name: 'keys' });
  const over = { from: new Date(Date.now() - 9 * DAY_MS), until: new Date(Date.now() - DAY_MS) };

  test.each<[string, () => readonly MadeCertificate[]]>([
    ['that is over', () => [authority(root, { keys, ...over })]],
    ['that leads to an authority that nobody knows', () => [authority(otherRoot, { keys }), otherRoot]],
    ['of another key', () => [authority(root)]],
    ['that has nothing to do with it', () => [authority(root, { name: 'Another' })]],
  ])('%s, the published one is used', async (_what, sent) => {
    const publisher = await startPublisher();
    publisher.files['/i.crt'] = authority(root, { keys }).der;
    const own = site(authority(root, { keys }), { caIssuers: [`${publisher.url}/i.crt`] });
    const port = await startSite([own, ...sent()]);
    expect(pageOf(await get(openTrusting(), port)).statusCode).toBe(200);
  });
});

test('a host that gets another certificate later is looked at anew', async () => {
  const publisher = await startPublisher();
  const [first, second] = [authority(root, { name: 'First' }), authority(root, { name: 'Second' })];
  Object.assign(publisher.files, { '/first.crt': first.der, '/second.crt': second.der });
  const before = site(first, { caIssuers: [`${publisher.url}/first.crt`] });
  const after = site(second, { caIssuers: [`${publisher.url}/second.crt`] });
  const server = createServer({ key: before.keyPem, cert: before.pem }, (_req, res) =>
    res.writeHead(200, { connection: 'close' }).end('the page'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo; // as: it listens on TCP
  const fetcher = openTrusting();
  expect(pageOf(await get(fetcher, port)).statusCode).toBe(200);
  server.setSecureContext({ key: after.keyPem, cert: after.pem, ticketKeys: Buffer.alloc(48, 1) });
  expect(pageOf(await get(fetcher, port)).statusCode).toBe(200);
});

test('through a proxy, what is missing is fetched through the proxy as well', async () => {
  const publisher = await startPublisher();
  const intermediate = authority(root);
  publisher.files['/i.crt'] = intermediate.der;
  const caIssuers = [`http://publisher.test:${publisher.port}/i.crt`];
  const [port, proxy] = await Promise.all([startSite([site(intermediate, { caIssuers })]), startConnectProxy()]);
  const fetcher = openTrusting();
  const outcome = await fetcher.fetchPage(
    { ...requestOf(`https://${HOST}:${port}/`) },
    {
      attempt: 1,
      signal: new AbortController().signal,
      route: { engine: 'http', profile: 'chrome', isFresh: false, proxy: proxy.asProxy() },
    },
  );
  expect(pageOf(outcome).statusCode).toBe(200);
  expect(proxy.targets).toContain(`publisher.test:${publisher.port}`);
});

test('a callback reaches a receiver that does not send the intermediate certificate', async () => {
  const publisher = await startPublisher();
  const intermediate = authority(root);
  publisher.files['/i.crt'] = intermediate.der;
  const port = await startSite([site(intermediate, { caIssuers: [`${publisher.url}/i.crt`] })]);
  const { post, close } = createPostCallback(guardOf(), { authorities: [root.pem] });
  closing.push(close);
  const payload = { kind: 'bytes', bytes: Buffer.from('{}') } as const;
  const url = `https://${HOST}:${port}/hook`;
  const { signal } = new AbortController();
  expect(await post({ id: '1', url, payload, secrets: ['whsec_AA=='], signal })).toMatchObject({ statusCode: 200 });
});

describeWithBrowser('in the browser', () => {
  test('it asks for what is missing by itself, and that goes through the egress proxy as well', async () => {
    const publisher = await startPublisher();
    const intermediate = authority(root);
    publisher.files['/i.crt'] = intermediate.der;
    const caIssuers = [`http://publisher.test:${publisher.port}/i.crt`];
    const port = await startSite([site(intermediate, { caIssuers })]);
    const { engine, close } = await openBrowser({ resolve: resolvesTo('127.0.0.1') });
    closing.push(close);
    // It cannot be told to trust the root of this test, so that the page itself does not come.
    await expect(renderWith(engine, `https://${HOST}:${port}/`)).rejects.toMatchObject({ code: 'CERT_UNTRUSTED' });
    expect(publisher.requests.map(({ url, headers }) => `${url} ${headers.host}`)).toEqual([
      `/i.crt publisher.test:${publisher.port}`,
    ]);
  });
});
