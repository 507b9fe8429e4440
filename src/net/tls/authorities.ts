import { constants, X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import type { SecureContext } from 'node:tls';

/**
 * Servers that know no secure renegotiation (RFC 5746) are accepted, as browsers accept them: what the extension prevents is an attack on
 * the server, and OpenSSL renegotiates with none that lacks it.
 */
const secureOptions = constants.SSL_OP_LEGACY_SERVER_CONNECT;

/** The certificate authorities that connections trust: Node's, or others in their place. */
export class Authorities {
  readonly #certificates: readonly string[] | undefined;
  #context: SecureContext | undefined;
  /** The authorities by subject. They are parsed when a chain is incomplete for the first time, because that takes 40 ms. */
  #bySubject: ReadonlyMap<string, readonly X509Certificate[]> | undefined;

  /** @param certificates PEM texts to trust instead of those that Node trusts */
  constructor(certificates?: readonly string[]) {
    this.#certificates = certificates;
  }

  /** All connections share one context, because making one costs 0.3 ms (measured, Node 20.20). */
  get context(): SecureContext {
    this.#context ??= tls.createSecureContext({
      secureOptions,
      ...(this.#certificates !== undefined && { ca: [...this.#certificates] }),
    });
    return this.#context;
  }

  /** The authority that has issued a certificate, by name and by signature. */
  issuerOf(certificate: X509Certificate): X509Certificate | undefined {
    this.#bySubject ??= groupBySubject(this.#certificates ?? nodesAuthorities());
    return this.#bySubject.get(certificate.issuer)?.find((root) => hasIssued(root, certificate));
  }

  /**
   * Trusts one authority, and knows certificates that it may need on the way there. OpenSSL trusts none of these: a chain has to end at a
   * certificate that is its own issuer, unless `allowPartialTrustChain` is set.
   */
  contextOf(root: X509Certificate, intermediates: readonly X509Certificate[]): SecureContext {
    return tls.createSecureContext({ secureOptions, ca: [root, ...intermediates].map(pemOf) });
  }
}

/** Whether one certificate was issued by another: names, key identifiers and signature. OpenSSL checks its dates and what it may be used for. */
export function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false; // OpenSSL does not know this kind of key.
  }
}

/** The PEM is written anew, because one from elsewhere could carry OpenSSL's own marks of trust (`TRUSTED CERTIFICATE`). */
function pemOf({ raw }: X509Certificate): string {
  const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** `getCACertificates` (from Node 22.15 on) includes those that the owner has added by NODE_EXTRA_CA_CERTS or `--use-system-ca`. */
function nodesAuthorities(): readonly string[] {
  const { getCACertificates, rootCertificates }: { getCACertificates?: unknown; rootCertificates: readonly string[] } =
    tls;
  return typeof getCACertificates === 'function'
    ? (getCACertificates as (type: 'default') => readonly string[])('default') // as: so says its documentation
    : rootCertificates;
}

function groupBySubject(certificates: readonly string[]): ReadonlyMap<string, readonly X509Certificate[]> {
  const groups = new Map<string, X509Certificate[]>();
  for (const pem of certificates) {
    const certificate = new X509Certificate(pem);
    const group = groups.get(certificate.subject);
    if (group === undefined) groups.set(certificate.subject, [certificate]);
    else group.push(certificate);
  }
  return groups;
}
