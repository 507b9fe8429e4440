import type { Impit as ImpitClass } from 'impit';
import type { BrowserOrder, BrowserSettings } from './impersonate-message';

/** Sites that one client has met; then it has too many connections to remember, too. */
const MAX_SITES = 1_000;
/** A client that nobody uses any more holds about 0.9 MB outside of the heap, of which the collector knows half (measured, impit 0.14.5). */
const DROPS_PER_COLLECTION = 16;

interface Client {
  readonly impit: ImpitClass;
  readonly sites: Set<string>;
}

/**
 * The clients of one browser, by way out; each has connections of its own. Their number is bounded: the longest unused one goes, and with it
 * its idle connections. impit has no `close`: what is dropped is gone once it has been collected.
 */
export class ImpersonateClients {
  readonly #Impit: typeof ImpitClass;
  readonly #settings: BrowserSettings;
  readonly #collect: (() => void) | undefined;
  /** The least recently used first. */
  readonly #clients = new Map<string, Client>();
  #dropped = 0;

  /** @param collect runs the garbage collector */
  constructor(Impit: typeof ImpitClass, settings: BrowserSettings, collect: (() => void) | undefined) {
    this.#Impit = Impit;
    this.#settings = settings;
    this.#collect = collect;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** A client for the order; for a fresh one, a client that has not been to this site before. */
  for({ proxyUrl, isFresh, url }: Pick<BrowserOrder, 'proxyUrl' | 'isFresh' | 'url'>): ImpitClass {
    const { origin } = new URL(url);
    // Apart, so that the connections of ordinary requests stay while others ask for fresh ones.
    const key = `${isFresh ? 'fresh' : 'kept'} ${proxyUrl}`;
    const known = this.#clients.get(key);
    const isUsable = known !== undefined && known.sites.size < MAX_SITES && !(isFresh && known.sites.has(origin));
    const client = isUsable ? known : { impit: this.#open(proxyUrl), sites: new Set<string>() };
    client.sites.add(origin);
    this.#clients.delete(key);
    this.#clients.set(key, client);
    if (known !== undefined && !isUsable) this.#noteDrop();
    if (this.#clients.size > this.#settings.maxClients) this.#dropOldest();
    return client.impit;
  }

  #open(proxyUrl: string): ImpitClass {
    const { browser, timeoutMs, ignoreTlsErrors } = this.#settings;
    return new this.#Impit({ browser, proxyUrl, timeout: timeoutMs, ignoreTlsErrors, followRedirects: false });
  }

  #dropOldest(): void {
    const [oldest] = this.#clients.keys();
    if (oldest !== undefined) this.#clients.delete(oldest);
    this.#noteDrop();
  }

  #noteDrop(): void {
    this.#dropped += 1;
    if (this.#dropped % DROPS_PER_COLLECTION === 0) this.#collect?.();
  }
}
