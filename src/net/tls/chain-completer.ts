import type { SecureContext } from 'node:tls';
import type { DialTarget } from '../dial/dial-host';
import { createGuard } from '../guard';
import type { Guard } from '../guard';
import { Authorities } from './authorities';
import { BoundedCache } from '../bounded-cache';
import { IssuerSearch, isCurrent } from './issuer-search';
import { presentedChain } from './presented-chain';
import { PublishedCertificates } from './published-certificates';
import type { OpenSocket } from './published-certificates';

/**
 * OpenSSL's codes for a chain that would lead to an authority with other certificates: an issuer is missing, or the one that was sent is
 * not the right one (expired, replaced, or signed by an authority that is not trusted while its namesake is).
 */
const COMPLETABLE: ReadonlySet<unknown> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_HAS_EXPIRED',
  'CERT_SIGNATURE_FAILURE',
]);

const MAX_HOSTS = 1_000;
const DAY_MS = 24 * 60 * 60_000;
/** A host whose chain could not be completed is left alone for this long. */
const KEPT_MISS_MS = 60_000;

interface Completed {
  /** Undefined when no authority could be found that the chain leads to. */
  readonly context: SecureContext | undefined;
}

/**
 * Finds the certificates that a server should have sent and did not, as browsers do: where the certificates themselves say that they are
 * published. What is found is only offered to OpenSSL, which then verifies the whole chain in a new handshake as strictly as ever.
 */
export class ChainCompleter {
  readonly #authorities: Authorities;
  readonly #published: PublishedCertificates;
  readonly #hosts = new BoundedCache<Completed>({
    maxEntries: MAX_HOSTS,
    keptMs: ({ context }) => (context === undefined ? KEPT_MISS_MS : DAY_MS),
  });

  constructor(authorities: Authorities, guard: Pick<Guard, 'assertUrl' | 'checkName'>) {
    this.#authorities = authorities;
    this.#published = new PublishedCertificates(guard);
  }

  /** The trust for a first handshake: what completed the host's chain before, or else the usual authorities. */
  contextFor(target: DialTarget): SecureContext {
    return this.#hosts.get(keyOf(target))?.context ?? this.#authorities.context;
  }

  /**
   * What to try again with after a handshake has failed; undefined when nothing else can be tried.
   * @param used the trust that the handshake failed with
   */
  async contextAfter(
    error: unknown,
    target: DialTarget,
    used: SecureContext,
    { open, timeoutMs }: { readonly open: OpenSocket; readonly timeoutMs: number },
  ): Promise<SecureContext | undefined> {
    if (!COMPLETABLE.has((error as { readonly code?: unknown }).code)) return undefined;
    const key = keyOf(target);
    // The completed chain has failed too, so the host has other certificates by now.
    if (used !== this.#authorities.context && this.#hosts.get(key)?.context === used) this.#hosts.forget(key);
    const { context } = await this.#hosts.getOr(key, async () => ({
      context: await this.#complete(target, open, timeoutMs).catch(() => undefined),
    }));
    return context;
  }

  /** Notes that the completed chain was verified and something else is wrong with the certificate, such as its name. */
  noteUseless(target: DialTarget): void {
    this.#hosts.set(keyOf(target), { context: undefined });
  }

  async #complete(target: DialTarget, open: OpenSocket, timeoutMs: number): Promise<SecureContext | undefined> {
    const socket = await open(target, timeoutMs);
    const { context: secureContext } = this.#authorities;
    const [own, ...sent] = await presentedChain(socket, { host: target.host, secureContext, timeoutMs });
    if (own === undefined || !isCurrent(own)) return undefined;
    const search = new IssuerSearch(sent, this.#authorities, (address) => this.#published.at(address, open));
    const way = await search.wayUp(own);
    return way && this.#authorities.contextOf(way.root, way.between);
  }
}

const keyOf = ({ host, port }: DialTarget): string => `${host}:${port}`;

/** Trusts the authorities that Node trusts, and completes chains with what these publish on the public internet. */
export const defaultChains = (): ChainCompleter => new ChainCompleter(new Authorities(), createGuard([]));
