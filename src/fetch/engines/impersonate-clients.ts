import type { Impit as ImpitClass } from 'impit';
import type { BrowserOrder, BrowserSettings } from './impersonate-message';

/** Maximum number of sites per client. It bounds the idle connections of the client, too. */
const MAX_SITES = 1_000;
/** A dropped client holds about 0.9 MB outside of the heap, of which the collector knows half (measured, impit 0.14.5). */
const DROPS_PER_COLLECTION = 16;

interface Client {
  readonly impit: ImpitClass;
  readonly sites: Set<string>;
}

/**
 * The clients of one browser, one per outbound route, each with its own connections. Their number is bounded: the least recently used one is
 * dropped. impit has no `close`, so its idle connections end when it is garbage-collected.
 */
export class ImpersonateClients {
  readonly #Impit: typeof ImpitClass;
  readonly #settings: BrowserSettings;
  readonly #collect: (() => void) | undefined;
  /** Clients, the least recently used first. */
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

  /** The client for an order. If the order wants a fresh connection, that client has not been to this site before. */
  for({ proxyUrl, isFresh, url }: Pick<BrowserOrder, 'proxyUrl' | 'isFresh' | 'url'>): ImpitClass {
    const { origin } = new URL(url);
    // Fresh and kept clients are apart, so that fresh requests do not end the connections of the others.
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
