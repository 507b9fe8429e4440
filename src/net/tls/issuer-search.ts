import type { X509Certificate } from 'node:crypto';
import { hasIssued } from './authorities';
import type { Authorities } from './authorities';

/** Most certificates between the target's own and the authority. */
const MAX_LEVELS = 4;
/** Most certificates that one search looks at: cross-signed ones can make it branch. */
const MAX_STEPS = 16;
const MAX_FILES = 6;
/** Most files that are fetched for one certificate. */
const MAX_ADDRESSES = 2;

export interface WayUp {
  readonly root: X509Certificate;
  /** The intermediate certificates, from the target's own issuer upwards. */
  readonly between: readonly X509Certificate[];
}

/** Looks for a way from a target's certificate up to an authority, over what the target has sent and what is published. */
export class IssuerSearch {
  readonly #sent: readonly X509Certificate[];
  readonly #authorities: Authorities;
  readonly #readFile: (address: string) => Promise<readonly X509Certificate[]>;
  #stepsLeft = MAX_STEPS;
  #filesLeft = MAX_FILES;

  constructor(
    sent: readonly X509Certificate[],
    authorities: Authorities,
    readFile: (address: string) => Promise<readonly X509Certificate[]>,
  ) {
    this.#sent = sent;
    this.#authorities = authorities;
    this.#readFile = readFile;
  }

  async wayUp(from: X509Certificate, between: readonly X509Certificate[] = []): Promise<WayUp | undefined> {
    const root = this.#authorities.issuerOf(from);
    if (root !== undefined) return { root, between };
    if (between.length === MAX_LEVELS) return undefined;
    return (
      (await this.#over(this.#sent, from, between)) ?? (await this.#over(await this.#publishedFor(from), from, between))
    );
  }

  async #over(
    candidates: readonly X509Certificate[],
    from: X509Certificate,
    between: readonly X509Certificate[],
  ): Promise<WayUp | undefined> {
    const issuers = candidates.filter((each) => isIntermediate(each) && isCurrent(each) && hasIssued(each, from));
    for (const issuer of issuers) {
      if (this.#stepsLeft === 0) return undefined;
      this.#stepsLeft -= 1;
      const way = await this.wayUp(issuer, [...between, issuer]);
      if (way !== undefined) return way;
    }
    return undefined;
  }

  async #publishedFor(certificate: X509Certificate): Promise<readonly X509Certificate[]> {
    const addresses = certificate.toLegacyObject().infoAccess?.['CA Issuers - URI'] ?? [];
    const asked = addresses.slice(0, Math.min(MAX_ADDRESSES, this.#filesLeft));
    this.#filesLeft -= asked.length;
    return (await Promise.all(asked.map((address) => this.#readFile(address)))).flat();
  }
}

/**
 * A certificate that is its own issuer is never taken: in a store of OpenSSL it would be an authority. OpenSSL compares names without regard
 * to case and white space.
 */
function isIntermediate(certificate: X509Certificate): boolean {
  const { ca, subject, issuer } = certificate;
  return ca && plainName(subject) !== plainName(issuer) && !certificate.checkIssued(certificate);
}

const plainName = (name: string | undefined): string => (name ?? '').toLowerCase().replace(/\s+/g, '');

export function isCurrent({ validFrom, validTo }: X509Certificate): boolean {
  const now = Date.now();
  return Date.parse(validFrom) <= now && now < Date.parse(validTo);
}
