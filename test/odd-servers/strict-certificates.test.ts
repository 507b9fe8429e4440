import { X509Certificate } from 'node:crypto';
import { connect } from 'node:net';
import { Authorities } from '../../src/net/tls/authorities';
import { startTls } from '../../src/net/tls/start-tls';
import { makeCertificate } from '../support/tls/make-certificate';
import type { CertificateWish, MadeCertificate } from '../support/tls/make-certificate';
import {
  DAY_MS,
  HOST,
  MISSING,
  authority,
  get,
  openTrusting,
  otherRoot,
  root,
  site,
  startPublisher,
  startSite,
} from './certificate-fixture';

describe('as strictly as ever', () => {
  const keys = makeCertificate({ name: 'keys' });
  const over = { from: new Date(Date.now() - 9 * DAY_MS), until: new Date(Date.now() - DAY_MS) };

  /** What is published for a site, and what the certificate of the site says. */
  const cases: readonly (readonly [string, MadeCertificate, Partial<CertificateWish>, RegExp])[] = [
    ['an authority below a root that nobody knows', authority(otherRoot, { keys }), {}, /^UNABLE_TO_/],
    [
      'the root that nobody knows itself',
      makeCertificate({ name: 'Intermediate', isAuthority: true, keys }),
      {},
      /^UNABLE_TO_/,
    ],
    [
      'one that issued itself under the same name in other letters',
      makeCertificate({ name: 'Intermediate', issuerName: 'INTERMEDIATE ', isAuthority: true, keys }),
      {},
      /^UNABLE_TO_/,
    ],
    ['an authority that is over', authority(root, { keys, ...over }), {}, /^UNABLE_TO_|^CERT_HAS_EXPIRED$/],
    [
      'an authority that is not yet',
      authority(root, { keys, from: new Date(Date.now() + DAY_MS) }),
      {},
      /^UNABLE_TO_|^CERT_NOT/,
    ],
    ['one that is no authority', authority(root, { keys, isAuthority: false }), {}, /^UNABLE_TO_|^INVALID_CA$/],
    [
      'one that the root has not signed',
      authority(root, { keys, signedBy: otherRoot.privateKey }),
      {},
      /^UNABLE_TO_|^CERT_SIG/,
    ],
    ['one for other purposes', authority(root, { keys, purpose: 'codeSigning' }), {}, /^INVALID_PURPOSE$/],
    [
      'one for other domains',
      authority(root, { keys, permittedDomain: 'elsewhere.test' }),
      {},
      /^UNSPECIFIED$|PERMITTED/,
    ],
    [
      "a site's certificate for another host",
      authority(root, { keys }),
      { hosts: ['bank.test'] },
      /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    ],
    ["a site's certificate that is over", authority(root, { keys }), over, /^UNABLE_TO_|^CERT_HAS_EXPIRED$/],
    [
      "a site's certificate that is signed by another",
      authority(root, { keys }),
      { signedBy: otherRoot.privateKey },
      /^UNABLE_TO_|^CERT_SIG/,
    ],
    [
      "a site's certificate for other purposes",
      authority(root, { keys }),
      { purpose: 'codeSigning' },
      /^INVALID_PURPOSE$/,
    ],
  ];

  test.each(cases)('%s is not accepted', async (_what, published, wish, code) => {
    const publisher = await startPublisher();
    publisher.files['/i.crt'] = published.der;
    const issuer = { ...authority(root, { keys }), privateKey: keys.privateKey };
    const port = await startSite([site(issuer, { caIssuers: [`${publisher.url}/i.crt`], ...wish })]);
    const fetcher = openTrusting();
    expect(await get(fetcher, port)).toEqual({ kind: 'unreachable', code: expect.stringMatching(code) });
    expect(await get(fetcher, port)).toMatchObject({ kind: 'unreachable' });
  });

  test('a way that is too long for an authority is not accepted', async () => {
    const publisher = await startPublisher();
    const upper = authority(root, { name: 'Upper', pathLength: 0 });
    const lower = authority(upper, { name: 'Lower', caIssuers: [`${publisher.url}/upper.crt`] });
    Object.assign(publisher.files, { '/upper.crt': upper.der, '/lower.crt': lower.der });
    const port = await startSite([site(lower, { caIssuers: [`${publisher.url}/lower.crt`] })]);
    expect(await get(openTrusting(), port)).toEqual({ kind: 'unreachable', code: 'PATH_LENGTH_EXCEEDED' });
  });

  test('OpenSSL trusts no certificate for being offered: a chain has to end at the authority', async () => {
    const stranger = authority(otherRoot);
    const port = await startSite([site(stranger)]);
    const [known, offered] = [root, stranger].map(({ der }) => new X509Certificate(der));
    if (known === undefined || offered === undefined) throw new Error('there are two');
    const secureContext = new Authorities().contextOf(known, [offered]);
    const socket = connect({ host: '127.0.0.1', port });
    const starting = startTls(socket, { host: HOST, port, secureContext, timeoutMs: 5_000 });
    await expect(starting).rejects.toMatchObject({ code: 'UNABLE_TO_GET_ISSUER_CERT' });
  });

  test('what was found for one host vouches for no other', async () => {
    const publisher = await startPublisher();
    const evil = makeCertificate({ name: 'Evil', isAuthority: true });
    publisher.files['/evil.crt'] = evil.der;
    const port = await startSite([site(evil, { caIssuers: [`${publisher.url}/evil.crt`] })]);
    const fetcher = openTrusting();
    expect(await get(fetcher, port)).toEqual(MISSING);
    const second = await startSite([site(evil)]);
    expect(await get(fetcher, second)).toEqual(MISSING);
  });
});
