import type { RequestListener } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { createPostCallback } from '../../src/callbacks/post-callback';
import { fetchOnce } from '../fetch/fetch-fixture';
import { makeCertificate } from '../support/tls/make-certificate';
import { closing, guardOf, HOST, openTrusting, root, startSite } from './certificate-fixture';

/** A site that closes each connection, and whether the handshake of each was a resumed one. */
async function startClosingSite(): Promise<{ readonly port: number; readonly resumed: readonly boolean[] }> {
  const resumed: boolean[] = [];
  const handler: RequestListener = (req, res) => {
    resumed.push((req.socket as TLSSocket).isSessionReused()); // as: an https server has no others
    req.resume();
    res.setHeader('connection', 'close').end('<p>the page</p>');
  };
  const port = await startSite([makeCertificate({ name: HOST, hosts: [HOST], issuer: root })], handler);
  return { port, resumed };
}

test('a page over a new connection to the same host resumes the TLS session', async () => {
  const { port, resumed } = await startClosingSite();
  const fetcher = openTrusting();
  for (let visit = 0; visit < 3; visit += 1)
    expect((await fetchOnce(fetcher, `https://${HOST}:${port}/`)).kind).toBe('page');
  expect(resumed).toEqual([false, true, true]);
});

test('a callback over a new connection to the same receiver resumes the TLS session', async () => {
  const { port, resumed } = await startClosingSite();
  const { post, close } = createPostCallback(guardOf(), { authorities: [root.pem] });
  closing.push(close);
  const call = { id: 'msg-1', payload: { kind: 'bytes', bytes: Buffer.from('{}') } as const, secrets: [] };
  for (let visit = 0; visit < 3; visit += 1) {
    const result = await post({ ...call, url: `https://${HOST}:${port}/`, signal: new AbortController().signal });
    expect(result).toMatchObject({ kind: 'answered', statusCode: 200 });
  }
  expect(resumed).toEqual([false, true, true]);
});

test('a session is not resumed with another name, although address and port are the same', async () => {
  const other = `www.${HOST}`;
  const resumed: boolean[] = [];
  const certificate = makeCertificate({ name: HOST, hosts: [HOST, other], issuer: root });
  const port = await startSite([certificate], (req, res) => {
    resumed.push((req.socket as TLSSocket).isSessionReused()); // as: an https server has no others
    res.setHeader('connection', 'close').end('<p>the page</p>');
  });
  const fetcher = openTrusting();
  for (const host of [HOST, other, HOST]) await fetchOnce(fetcher, `https://${host}:${port}/`);
  expect(resumed).toEqual([false, false, true]);
});
