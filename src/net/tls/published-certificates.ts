import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { Client } from 'undici';
import { parseUrl } from '../parse-url';
import type { DialTarget } from '../dial/dial-host';
import type { Guard } from '../guard';
import { BoundedCache } from '../bounded-cache';
import { certificatesIn } from './certificates-in';

/** Opens a TCP connection, directly or through a proxy. */
export type OpenSocket = (target: DialTarget, timeoutMs: number) => Promise<Socket>;

/** No more is read of an answer; a certificate has one or two thousand bytes. */
const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 5_000;
const MAX_REDIRECTS = 3;
const MAX_FILES = 500;
const DAY_MS = 24 * 60 * 60_000;
/** A file that could not be fetched is not asked for again for this long. */
const KEPT_MISS_MS = 60_000;

/** Fetches the certificates that authorities publish for clients that were not sent them (`caIssuers`, RFC 5280 §4.2.2.1). */
export class PublishedCertificates {
  readonly #guard: Pick<Guard, 'assertUrl' | 'checkName'>;
  readonly #files = new BoundedCache<readonly X509Certificate[]>({
    maxEntries: MAX_FILES,
    keptMs: (certificates) => (certificates.length === 0 ? KEPT_MISS_MS : DAY_MS),
  });

  constructor(guard: Pick<Guard, 'assertUrl' | 'checkName'>) {
    this.#guard = guard;
  }

  /** Resolves with no certificates when nothing could be fetched, whatever the reason. */
  at(address: string, open: OpenSocket): Promise<readonly X509Certificate[]> {
    const url = parseUrl(address);
    if (url === undefined) return Promise.resolve([]);
    return this.#files.getOr(url.href, async () => {
      try {
        return certificatesIn(await this.#read(url, open));
      } catch {
        return [];
      }
    });
  }

  /** The address stands in a certificate that nobody has vouched for yet, so it is as little trusted as the target's own. */
  async #read(first: URL, open: OpenSocket): Promise<Buffer> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    let url = first;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      // https is left out, because it may need certificates that have to be fetched first (RFC 5280 §8); browsers do not follow such addresses either.
      if (url.protocol !== 'http:') throw new Error(`${url.protocol} is not asked for certificates`);
      this.#guard.assertUrl(url);
      await this.#guard.checkName(url.hostname);
      const answer = await get(url, open, signal);
      if (Buffer.isBuffer(answer)) return answer;
      const next = parseUrl(answer.location, url);
      if (next === undefined) break;
      url = next;
    }
    throw new Error('redirected too often');
  }
}

/** Sends one GET over a connection of its own. */
async function get(
  { origin, pathname, search }: URL,
  open: OpenSocket,
  signal: AbortSignal,
): Promise<Buffer | { readonly location: string }> {
  const client = new Client(origin, {
    maxResponseSize: MAX_BYTES,
    connect: ({ hostname, port }, callback) => {
      open({ host: hostname, port: Number(port || 80) }, TIMEOUT_MS).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error as Error, null),
      );
    },
  });
  try {
    const headers = { 'user-agent': 'everfetch', accept: '*/*' };
    const answer = await client.request({ method: 'GET', path: pathname + search, headers, signal });
    const { location } = answer.headers;
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string') return { location };
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
    return Buffer.from(await answer.body.arrayBuffer());
  } finally {
    await client.destroy();
  }
}
