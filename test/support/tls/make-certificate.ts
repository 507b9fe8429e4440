import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate as a test wants it; all that is not said is as in any certificate of the web. */
export interface CertificateWish {
  /** The common name. */
  readonly name: string;
  /** @default the certificate issues itself */
  readonly issuer?: MadeCertificate;
  /** Written instead of the issuer's name. */
  readonly issuerName?: string;
  readonly isAuthority?: boolean;
  /** Longest path that is allowed down to a target's certificate. */
  readonly pathLength?: number;
  /** URL where the issuer's certificate is published. */
  readonly caIssuers?: readonly string[];
  readonly hosts?: readonly string[];
  /** Names below it that may be vouched for. */
  readonly permittedDomain?: string;
  /** @default the day before yesterday */
  readonly from?: Date;
  /** @default in a year */
  readonly until?: Date;
  /** @default a new one */
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** @default the issuer's */
  readonly signedBy?: KeyObject;
  /** @default `serverAuth` for a target's certificate, nothing for an authority's */
  readonly purpose?: 'serverAuth' | 'codeSigning';
  readonly hasKeyUsage?: boolean;
}

export interface MadeCertificate {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly der: Buffer;
  readonly pem: string;
  readonly keyPem: string;
}

const DAY_MS = 24 * 60 * 60_000;

/** X.509 v3 with ECDSA P-256 (RFC 5280), since Node cannot make certificates and tests are to need no program for it. */
export function makeCertificate(wish: CertificateWish): MadeCertificate {
  const { publicKey, privateKey } = wish.keys ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuerKey = wish.issuer?.publicKey ?? publicKey;
  const tbs = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(wish.issuerName ?? wish.issuer?.name ?? wish.name),
    sequence(
      timeOf(wish.from ?? new Date(Date.now() - 2 * DAY_MS)),
      timeOf(wish.until ?? new Date(Date.now() + 365 * DAY_MS)),
    ),
    nameOf(wish.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensionsOf(wish, keyIdOf(publicKey), keyIdOf(issuerKey)))),
  );
  const signature = sign('sha256', tbs, wish.signedBy ?? wish.issuer?.privateKey ?? privateKey);
  const der = sequence(tbs, ECDSA_WITH_SHA256, tlv(0x03, Buffer.of(0), signature));
  return {
    ...{ name: wish.name, publicKey, privateKey, der },
    pem: [
      '-----BEGIN CERTIFICATE-----',
      ...(der.toString('base64').match(/.{1,64}/g) ?? []),
      '-----END CERTIFICATE-----',
      '',
    ].join('\n'),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** A PKCS#7 "certs-only" message (RFC 5652 §5.1 without a signer). */
export function pkcs7Of(...certificates: readonly MadeCertificate[]): Buffer {
  const data = sequence(oid(1, 2, 840, 113549, 1, 7, 1));
  const members = tlv(0xa0, ...certificates.map(({ der }) => der));
  const signedData = sequence(integer(Buffer.of(1)), tlv(0x31), data, members, tlv(0x31));
  return sequence(oid(1, 2, 840, 113549, 1, 7, 2), explicit(0, signedData));
}

function extensionsOf(wish: CertificateWish, ownId: Buffer, issuerId: Buffer): readonly Buffer[] {
  const { isAuthority = false, pathLength, caIssuers = [], hosts = [], permittedDomain, hasKeyUsage = true } = wish;
  const purpose = wish.purpose ?? (isAuthority ? undefined : 'serverAuth');
  const basic = isAuthority
    ? sequence(tlv(0x01, Buffer.of(0xff)), ...(pathLength === undefined ? [] : [integer(Buffer.of(pathLength))]))
    : sequence();
  const usage = isAuthority ? Buffer.of(1, 0x06) : Buffer.of(7, 0x80); // keyCertSign and cRLSign, or digitalSignature
  const descriptions = caIssuers.map((url) => sequence(oid(1, 3, 6, 1, 5, 5, 7, 48, 2), tlv(0x86, Buffer.from(url))));
  return [
    extension(oid(2, 5, 29, 19), true, basic),
    ...(hasKeyUsage ? [extension(oid(2, 5, 29, 15), true, tlv(0x03, usage))] : []),
    extension(oid(2, 5, 29, 14), false, tlv(0x04, ownId)),
    extension(oid(2, 5, 29, 35), false, sequence(tlv(0x80, issuerId))),
    ...(purpose === undefined
      ? []
      : [extension(oid(2, 5, 29, 37), false, sequence(oid(1, 3, 6, 1, 5, 5, 7, 3, purpose === 'serverAuth' ? 1 : 3)))]),
    ...(hosts.length === 0 ? [] : [extension(oid(2, 5, 29, 17), false, sequence(...hosts.map(generalName)))]),
    ...(permittedDomain === undefined
      ? []
      : [extension(oid(2, 5, 29, 30), true, sequence(tlv(0xa0, sequence(tlv(0x82, Buffer.from(permittedDomain))))))]),
    ...(descriptions.length === 0 ? [] : [extension(oid(1, 3, 6, 1, 5, 5, 7, 1, 1), false, sequence(...descriptions))]),
  ];
}

/** A DNS name or an IPv4 address (RFC 5280 §4.2.1.6). */
const generalName = (host: string): Buffer =>
  isIPv4(host) ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host));

const extension = (id: Buffer, isCritical: boolean, value: Buffer): Buffer =>
  sequence(id, ...(isCritical ? [tlv(0x01, Buffer.of(0xff))] : []), tlv(0x04, value));

const nameOf = (name: string): Buffer => sequence(tlv(0x31, sequence(oid(2, 5, 4, 3), tlv(0x0c, Buffer.from(name)))));
const timeOf = (at: Date): Buffer => tlv(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]|\.\d+/g, '')}`));
const keyIdOf = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const long = content.length > 0xff ? [0x82, content.length >> 8, content.length & 0xff] : [0x81, content.length];
  return Buffer.concat([Buffer.from([tag, ...(content.length < 0x80 ? [content.length] : long)]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
const integer = (bytes: Buffer): Buffer => tlv(0x02, bytes);
const explicit = (number: number, content: Buffer): Buffer => tlv(0xa0 + number, content);

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const base128 = (value: number): number[] => {
    const digits = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  };
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

const ECDSA_WITH_SHA256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
