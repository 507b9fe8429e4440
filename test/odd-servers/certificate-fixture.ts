import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FetchOutcome } from '../../src/jobs/fetch-outcome';
import type { Fetcher } from '../../src/fetch/create-fetcher';
import { createGuard } from '../../src/net/guard';
import { fetchOnce, openFetcher } from '../fetch/fetch-fixture';
import { startOrigin } from '../support/origin';
import type { Origin } from '../support/origin';
import { makeCertificate } from '../support/tls/make-certificate';
import type { CertificateWish, MadeCertificate } from '../support/tls/make-certificate';
import { resolvesTo } from './names';

export const root = makeCertificate({ name: 'Root', isAuthority: true });
export const otherRoot = makeCertificate({ name: 'Root that nobody knows', isAuthority: true });
export const HOST = 'site.test';
export const DAY_MS = 24 * 60 * 60_000;

export const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An https server that sends these certificates, its own first. @returns its port */
export async function startSite(
  [own, ...others]: readonly MadeCertificate[],
  handler?: RequestListener,
): Promise<number> {
  if (own === undefined) throw new Error('a server has a certificate');
  const cert = [own, ...others].map(({ pem }) => pem).join('');
  const server = createServer({ key: own.keyPem, cert }, handler ?? ((_req, res) => res.end('the page')));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return (server.address() as AddressInfo).port; // as: it listens on TCP
}

/** Starts a server where authorities publish. Its content can be set once the address is known. */
export async function startPublisher(): Promise<
  Origin & { readonly files: Record<string, Buffer | string | RequestListener> }
> {
  const files: Record<string, Buffer | string | RequestListener> = {};
  const origin = await startOrigin((req, res) => {
    const file = files[req.url ?? ''];
    if (typeof file === 'function') file(req, res);
    else if (file === undefined) res.writeHead(404).end('not found');
    else res.end(file);
  });
  return Object.assign(origin, { files });
}

export const guardOf = (...allow: readonly string[]) =>
  createGuard(allow.length === 0 ? ['127.0.0.1'] : allow, { resolve: resolvesTo('127.0.0.1') });

export const openTrusting = (guard = guardOf()): Fetcher => openFetcher({ guard, authorities: [root.pem] });

export const get = (fetcher: Fetcher, port: number): Promise<FetchOutcome> =>
  fetchOnce(fetcher, `https://${HOST}:${port}/`);

export const site = (issuer: MadeCertificate, rest: Partial<CertificateWish> = {}) =>
  makeCertificate({ name: HOST, hosts: [HOST], issuer, ...rest });
export const authority = (issuer: MadeCertificate, rest: Partial<CertificateWish> = {}) =>
  makeCertificate({ name: 'Intermediate', isAuthority: true, issuer, ...rest });

export const MISSING = { kind: 'unreachable', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
