import { X509Certificate } from 'node:crypto';

/** No more certificates are taken from one file. Authorities publish one per file, or a few that are cross-signed. */
const MAX_CERTIFICATES = 8;
const SEQUENCE = 0x30;
/** The DER tag `[0]`, constructed: it marks the content of a ContentInfo, and the certificates of a SignedData. */
const CONTEXT_0 = 0xa0;

/**
 * The certificates in what an authority publishes under `caIssuers`: one in DER, a PKCS#7 "certs-only" message (RFC 5280 §4.2.2.1), or PEM,
 * which the RFC does not provide for but some servers send. A file of another kind holds none.
 */
export function certificatesIn(bytes: Buffer): readonly X509Certificate[] {
  return dersIn(bytes)
    .filter((der) => der[0] === SEQUENCE) // X509Certificate takes PEM as well, even with OpenSSL's own marks of trust
    .slice(0, MAX_CERTIFICATES)
    .flatMap((der) => {
      try {
        return [new X509Certificate(der)];
      } catch {
        return [];
      }
    });
}

function dersIn(bytes: Buffer): readonly Buffer[] {
  const text = bytes.toString('latin1');
  const blocks = [...text.matchAll(/-----BEGIN (?:CERTIFICATE|PKCS7|CMS)-----([A-Za-z0-9+/=\s]+)-----END /g)];
  const ders = blocks.length > 0 ? blocks.map(([, base64 = '']) => Buffer.from(base64, 'base64')) : [bytes];
  return ders.flatMap((der) => membersOfSignedData(der) ?? [der]);
}

/** ContentInfo { contentType, [0] SignedData { version, digestAlgorithms, contentInfo, [0] certificates, … } } (RFC 2315 §7, §9.1). */
function membersOfSignedData(der: Buffer): readonly Buffer[] | undefined {
  const [contentInfo] = elementsOf(der);
  const [type, content] = contentInfo === undefined ? [] : elementsOf(contentInfo.content);
  if (type?.tag !== 0x06 || content?.tag !== CONTEXT_0) return undefined;
  const [signedData] = elementsOf(content.content);
  const certificates = signedData && elementsOf(signedData.content).find(({ tag }) => tag === CONTEXT_0);
  const members = certificates === undefined ? [] : elementsOf(certificates.content);
  return members.filter(({ tag }) => tag === SEQUENCE).map(({ whole }) => whole);
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** Reads the DER elements that stand one after the other (X.690 §8.1, definite lengths), as far as they can be read. */
function elementsOf(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    if (first === 0x80 || lengthBytes > 4 || start > bytes.length) break;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    if (start + length > bytes.length) break;
    elements.push({ tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return elements;
}
