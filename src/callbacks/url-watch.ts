import type { Queryable } from '../store/database';
import type { CallRecord, Delivery } from '../store/deliveries';
import { stopUrl } from '../store/end-deliveries';
import { MAX_TROUBLED_URLS, findTroubledUrls, recoverUrl, saveTroubledUrl, urlKeyOf } from '../store/troubled-urls';
import { HEALTHY, afterFailure, isProbed } from './receiver-health';
import type { ReceiverHealth } from '../store/receivers';
import type { MadeCall } from './make-call';

/** Change that a call makes for the other calls of its URL. */
export interface NotedUrl {
  readonly change: 'recovered' | 'troubled' | undefined;
  /** Resolves when the change is in the rows. */
  readonly written: Promise<void>;
}

const NOTHING_NEW: NotedUrl = { change: undefined, written: Promise.resolve() };

/**
 * Watches how the URLs of one receiver do. A status that is not 2xx says something of its URL (without the query) and nothing of
 * the others: from its third refusal in a row, a URL gets one call at a time, after growing pauses, while the others go on.
 * Single failures are kept in memory, of 1,000 URLs at most; a URL that is left alone is a row.
 */
export class UrlWatch {
  readonly #db: Queryable;
  readonly #endpointId: string;
  readonly #recorded: () => Promise<void>;
  /** Health by key of the URL, in the order of the last change. */
  readonly #health = new Map<string, ReceiverHealth>();
  /** Probes under way: the key of a URL that is left alone, and the id of its one delivery in flight. */
  readonly #probing = new Map<string, string>();
  /** Keys whose row is being written, each with its last write. */
  readonly #writing = new Map<string, Promise<void>>();
  /** URLs that are being stopped. */
  readonly #stopping = new Set<string>();
  /** Keys that have changed since the last reading began; what it brings of them is old. */
  #changed = new Set<string>();

  /** @param recorded resolves when the calls that were handed over for recording by now are in their rows */
  constructor(db: Queryable, endpointId: string, recorded: () => Promise<void>) {
    this.#db = db;
    this.#endpointId = endpointId;
    this.#recorded = recorded;
  }

  /** Takes over what the rows say, because a replay may have released URLs. URLs that change meanwhile keep their newer state. */
  async read(): Promise<void> {
    const changed = (this.#changed = new Set([...this.#writing.keys(), ...this.#probing.keys()]));
    const rows = new Map((await findTroubledUrls(this.#db, this.#endpointId)).map(({ key, health }) => [key, health]));
    for (const [key, health] of this.#health)
      if (isProbed(health) && !rows.has(key) && !changed.has(key)) this.#health.delete(key);
    for (const [key, health] of rows) if (!changed.has(key)) this.#health.set(key, health);
  }

  /** @returns the time until which a call is put off; undefined when it may be made now */
  deferredUntil({ id, event, url }: Pick<Delivery, 'id' | 'event' | 'url'>): Date | undefined {
    if (this.#health.size === 0) return undefined; // This is the usual case, and it saves the hash.
    if (event === 'test') return undefined; // Somebody waits to see a test call.
    const key = urlKeyOf(url);
    const { nextCallAt } = this.#health.get(key) ?? HEALTHY;
    if (nextCallAt === undefined) return undefined;
    const probe = this.#probing.get(key);
    if (probe !== undefined) return probe === id ? undefined : nextCallAt;
    return nextCallAt.getTime() > Date.now() ? nextCallAt : undefined;
  }

  /** Moves the next call of a delivery to the time from which its URL takes calls. */
  postpone(record: CallRecord): CallRecord {
    const until = this.deferredUntil(record.delivery);
    const { nextAttemptAt } = record;
    return until === undefined || nextAttemptAt === undefined || nextAttemptAt >= until
      ? record
      : { ...record, nextAttemptAt: until, isDeferred: true };
  }

  /** Stops a URL that answered 410. When several calls in flight got that answer, the first one writes it. */
  async stop(url: string): Promise<void> {
    if (this.#stopping.has(url)) return;
    this.#stopping.add(url);
    await stopUrl(this.#db, this.#endpointId, url).finally(() => this.#stopping.delete(url));
  }

  /** @returns the refusals in a row of a URL that is left alone; undefined for any other URL */
  probesOf(url: string): number | undefined {
    const health = this.#health.get(urlKeyOf(url));
    return health !== undefined && isProbed(health) ? health.failures : undefined;
  }

  /** Notes that a call is going to be made. If its URL is left alone, its other calls wait for the outcome. */
  begin({ id, event, url }: Pick<Delivery, 'id' | 'event' | 'url'>): void {
    const key = urlKeyOf(url);
    const health = this.#health.get(key);
    if (event === 'test' || health === undefined || !isProbed(health) || this.#probing.has(key)) return;
    this.#probing.set(key, id);
    this.#changed.add(key);
    // Until the outcome is known, the others wait as if the probe had failed.
    const now = new Date();
    const ifItFails = afterFailure(health, { at: now, now, random: Math.random() });
    this.#health.set(key, { ...ifItFails, failures: health.failures });
  }

  /** Notes that a call that was begun is not made after all, so that another one may be. */
  forget({ id, url }: Pick<Delivery, 'id' | 'url'>): void {
    const key = urlKeyOf(url);
    const health = this.#health.get(key);
    if (this.#probing.get(key) !== id || health === undefined) return;
    this.#probing.delete(key);
    this.#health.set(key, { ...health, nextCallAt: new Date() });
  }

  /** Takes in what a call says at once, so that no further call of a URL in trouble is begun. */
  note({ receiver: sign, record, retryAfterMs }: MadeCall): NotedUrl {
    const { id, event, url } = record.delivery;
    if (event === 'test') return NOTHING_NEW;
    const key = urlKeyOf(url);
    const before = this.#health.get(key) ?? HEALTHY;
    const wasProbing = this.#probing.get(key) === id;
    if (wasProbing) this.#probing.delete(key);
    this.#changed.add(key);
    if (sign === 'delivers') {
      this.#health.delete(key);
      const { failingSince } = before;
      if (!isProbed(before) || failingSince === undefined) return NOTHING_NEW;
      return this.#write('recovered', key, async () => {
        await this.#recorded(); // Otherwise a call that was put off could be written afterwards, and would stay put off.
        await recoverUrl(this.#db, this.#endpointId, key, failingSince);
      });
    }
    if (sign !== 'refuses' && sign !== 'stays-silent') {
      if (wasProbing) this.#health.set(key, { ...before, nextCallAt: new Date() }); // The probe said nothing of the URL.
      return NOTHING_NEW;
    }
    // Calls that were in flight when the URL was found refusing say nothing new.
    if (isProbed(before) && !wasProbing) return NOTHING_NEW;
    const failure = { at: record.at, now: new Date(), random: Math.random() };
    const health = afterFailure(before, { ...failure, ...(retryAfterMs !== undefined && { retryAfterMs }) });
    this.#remember(key, health);
    const { failures, failingSince, nextCallAt } = health;
    if (failingSince === undefined || nextCallAt === undefined) return NOTHING_NEW;
    const troubled = { failures, failingSince, nextCallAt };
    return this.#write('troubled', key, () => saveTroubledUrl(this.#db, this.#endpointId, url, troubled));
  }

  /** Writes the changes of a URL one after another, so that its row says the newest. */
  #write(change: 'recovered' | 'troubled', key: string, write: () => Promise<void>): NotedUrl {
    const before = this.#writing.get(key)?.catch(() => undefined) ?? Promise.resolve();
    const written = before.then(write).finally(() => {
      if (this.#writing.get(key) === written) this.#writing.delete(key);
    });
    this.#writing.set(key, written);
    return { change, written };
  }

  #remember(key: string, health: ReceiverHealth): void {
    this.#health.delete(key);
    this.#health.set(key, health);
    if (this.#health.size <= MAX_TROUBLED_URLS) return;
    for (const oldest of this.#health.keys()) {
      if (this.#probing.has(oldest)) continue;
      this.#health.delete(oldest);
      return;
    }
  }
}
