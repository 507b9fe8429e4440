import { readTogether } from '../pages/segments/read-together';
import type { SegmentStore } from '../pages/segments/segment-store';
import type { Queryable } from '../store/database';
import { findDueDeliveries } from '../store/deliveries';
import type { Delivery } from '../store/deliveries';
import { findJobs } from '../store/jobs';
import { deferDeliveries, urlKeyOf } from '../store/troubled-urls';
import { isSmall } from './callback-payload';
import type { DueCall } from './callback-payload';
import type { UrlWatch } from './url-watch';

export interface DueQueueDeps {
  readonly database: Queryable;
  readonly segments: SegmentStore;
}

/** Deliveries that are read from the outbox at a time. */
const GROUP = 200;
/** Every fourth probe is the newest call instead of the oldest, so that calls that fail for a reason of their own hold nobody up for ever. */
const NEWEST_EVERY = 4;

/** Holds the calls of one receiver that are due. It reads them from the outbox in groups, without those that are called already or wait for their URL. */
export class DueQueue {
  readonly #deps: DueQueueDeps;
  readonly #endpointId: string;
  readonly #urls: UrlWatch;
  #waiting: DueCall[] = [];
  /** Deliveries that were taken from the queue because their URL refuses; `deferRefused` puts them off. */
  readonly #refused: Delivery[] = [];
  /** Deliveries that wait, are called, or are not recorded yet: their rows still say that they are due. */
  readonly #open = new Set<string>();
  /** Deliveries that were recorded since the last reading began: what it brings of them may be old. */
  #recorded = new Set<string>();

  constructor(deps: DueQueueDeps, endpointId: string, urls: UrlWatch) {
    this.#deps = deps;
    this.#endpointId = endpointId;
    this.#urls = urls;
  }

  get first(): DueCall | undefined {
    return this.#waiting[0];
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Calls that were begun and are not recorded yet. */
  get begun(): number {
    return this.#open.size - this.#waiting.length;
  }

  /** Whether nothing waits and every call that was begun is recorded. */
  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** Whether so few calls wait that the next group is worth its query. */
  get isShort(): boolean {
    return this.#waiting.length < GROUP / 2;
  }

  /** Takes the first call out; the queue counts it as begun until `settle`. */
  begin(): void {
    this.#waiting.shift();
  }

  settle({ id }: Delivery): void {
    this.#open.delete(id);
    this.#recorded.add(id);
  }

  /** Takes out the first calls whose URL was found refusing after they were read. */
  skipRefused(): void {
    for (let next = this.first; next !== undefined; next = this.first) {
      if (this.#urls.deferredUntil(next.delivery) === undefined) return;
      this.#waiting.shift();
      this.#open.delete(next.delivery.id);
      this.#refused.push(next.delivery);
    }
  }

  async deferRefused(): Promise<void> {
    await this.#defer(this.#refused.splice(0));
  }

  /**
   * Reads what is due until the queue is filled.
   * @param isOpen is asked before each query whether calls are wanted at all
   * @returns whether the outbox holds more
   */
  async fill(isOpen: () => boolean): Promise<boolean> {
    this.#recorded = new Set();
    const limit = GROUP + this.#open.size;
    let hasMore = false;
    // Deliveries that are put off leave the front of the outbox, so the next group holds others.
    for (let isCrowded = true; isCrowded && isOpen();) {
      const due = await findDueDeliveries(this.#deps.database, this.#endpointId, { limit });
      const fresh = due.filter(({ id }) => !this.#open.has(id) && !this.#recorded.has(id));
      const calls = await this.#admit(fresh);
      isCrowded = due.length === limit && calls.length < fresh.length && this.isShort;
      hasMore ||= due.length === limit && !isCrowded;
      await this.#enqueue(calls);
    }
    return hasMore;
  }

  /** Reads the one call that a receiver in trouble is probed with, and begins it. The queue must be empty. */
  async beginProbe(failures: number): Promise<DueCall | undefined> {
    const newestFirst = failures % NEWEST_EVERY === 0;
    const due = await findDueDeliveries(this.#deps.database, this.#endpointId, { limit: GROUP, newestFirst });
    // A URL that refuses or stays silent tells nothing of the receiver, so another URL is called where there is one.
    const chosen = due.find((delivery) => this.#urls.probesOf(delivery.url) === undefined) ?? due[0];
    if (chosen === undefined) return undefined;
    this.#urls.begin(chosen);
    await this.#enqueue([chosen]);
    return this.#waiting.shift();
  }

  /** Drops what waits for a URL that is being stopped. */
  dropUrl(url: string): void {
    for (const { delivery } of this.#waiting) if (delivery.url === url) this.#open.delete(delivery.id);
    this.#waiting = this.#waiting.filter(({ delivery }) => delivery.url !== url);
  }

  /** Drops everything that waits; calls that were begun stay open. */
  clear(): void {
    for (const { delivery } of this.#waiting.splice(0)) this.#dismiss(delivery);
  }

  /** Puts off deliveries whose URL is left alone. @returns the others, and for a URL that is due to be probed its probe */
  async #admit(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const calls: Delivery[] = [];
    const others: Delivery[] = [];
    for (const delivery of deliveries) {
      if (this.#urls.deferredUntil(delivery) !== undefined) {
        others.push(delivery);
        continue;
      }
      const probes = delivery.event === 'test' ? undefined : this.#urls.probesOf(delivery.url);
      const newest =
        probes !== undefined && probes % NEWEST_EVERY === 0 ? await this.#newestOf(delivery.url) : undefined;
      const call = newest === undefined || this.#open.has(newest.id) ? delivery : newest;
      this.#urls.begin(call);
      calls.push(call);
    }
    await this.#defer(others);
    return calls;
  }

  async #defer(deliveries: readonly Delivery[]): Promise<void> {
    const deferred = deliveries.flatMap((delivery) => {
      const until = this.#urls.deferredUntil(delivery);
      return until === undefined ? [] : [{ id: delivery.id, until }];
    });
    if (deferred.length > 0) await deferDeliveries(this.#deps.database, deferred);
  }

  async #newestOf(url: string): Promise<Delivery | undefined> {
    const options = { limit: 1, newestFirst: true, urlKey: urlKeyOf(url) };
    const [newest] = await findDueDeliveries(this.#deps.database, this.#endpointId, options);
    return newest;
  }

  async #enqueue(deliveries: readonly Delivery[]): Promise<void> {
    for (const { id } of deliveries) this.#open.add(id);
    try {
      const calls = await dueCallsOf(this.#deps, deliveries);
      this.#waiting.push(...calls); // The field is read after the await: `dropUrl` may have replaced the array meanwhile.
    } catch (error) {
      for (const delivery of deliveries) this.#dismiss(delivery);
      throw error;
    }
  }

  /** Forgets a call that is not made after all, so that its URL may get another one. */
  #dismiss(delivery: Delivery): void {
    this.#open.delete(delivery.id);
    this.#urls.forget(delivery);
  }
}

/** Looks up what a group of callbacks reports: the jobs in one query, the pages when they are needed. */
async function dueCallsOf(deps: DueQueueDeps, deliveries: readonly Delivery[]): Promise<DueCall[]> {
  const ids = deliveries.flatMap(({ jobId }) => jobId ?? []);
  const found = ids.length > 0 ? await findJobs(deps.database, ids) : undefined;
  const jobs = deliveries.map(({ jobId }) => (jobId === undefined ? undefined : found?.get(jobId)));
  const records = readTogether(
    deps.segments,
    jobs.map((job) => (job !== undefined && isSmall(job) ? job.page : undefined)),
  );
  return deliveries.map((delivery, index) => ({ delivery, job: jobs[index], record: records[index] }));
}
