import { findDueDeliveries, nextDeliveryAt } from '../store/deliveries';
import type { CallRecord, Delivery } from '../store/deliveries';
import { expireDeliveries, stopUrl } from '../store/end-deliveries';
import { GIVE_UP_AFTER_MS } from './retry-schedule';
import { deferDeliveries, urlKeyOf } from '../store/troubled-urls';
import { Wakeup } from '../async/wakeup';
import type { CallPace } from './call-pace';
import type { CallRecorder } from './call-recorder';
import type { CallSlots } from './call-slots';
import { dueCallsOf } from './due-calls';
import type { DueCallsDeps } from './due-calls';
import type { DueCall } from './callback-payload';
import type { MakeCall } from './make-call';
import { ReceiverWatch } from './receiver-watch';
import { UrlWatch } from './url-watch';

export interface DeliveryShiftDeps extends DueCallsDeps {
  readonly makeCall: MakeCall;
  readonly recorder: CallRecorder;
  readonly slots: CallSlots;
  readonly pace: Pick<CallPace, 'take'>;
  /** Calls to one receiver at a time, while it is healthy. */
  readonly callsPerReceiver: number;
  /** How long to stay after the last call. */
  readonly lingerMs: number;
  /** Tells of something new in the outbox of a receiver, until the function that it returns is called. */
  readonly listen: (endpointId: string, onNews: () => void) => () => void;
}

/** Read from the outbox at a time. */
const GROUP = 200;
/** Calls that were made and are not noted yet: after a crash so many are made a second time. */
const MAX_UNRECORDED = 400;
/** What other processes write is looked for so often. */
const LOOK_EVERY_MS = 1_000;
/** So few calls take nothing from fetching, and must not wait behind the many of another receiver. */
const FEW_CALLS = 16;
/** Every so many-th probe is the newest call instead of the oldest, so that calls that fail for a reason of their own hold nobody up for ever. */
const NEWEST_EVERY = 4;

/**
 * The calls of one receiver, as long as there are any. A healthy one gets several at a time. One that cannot be connected to again
 * and again is probed, with one call after growing pauses in which nothing is held for it; when it answers, everything that waited
 * is due at once. The same holds for a URL that refuses, while the other URLs of the receiver go on.
 */
export class DeliveryShift {
  readonly #deps: DeliveryShiftDeps;
  readonly #endpointId: string;
  readonly #signal: AbortSignal;
  readonly #wakeup = new Wakeup();
  readonly #receiver: ReceiverWatch;
  readonly #urls: UrlWatch;
  #queue: DueCall[] = [];
  /** Taken from the queue, to be put off. */
  readonly #refused: Delivery[] = [];
  /** Deliveries in the queue, called, or not noted yet: their rows still say that they are due. */
  readonly #known = new Set<string>();
  /** Noted since the last look began, whose rows may have said before that they are due. */
  #noted = new Set<string>();
  /** URLs that are being stopped. */
  readonly #stopping = new Set<string>();
  #calls = 0;
  #mayHaveMore = true;
  #lookedAt = 0;
  #busyAt = Date.now();
  #isEnding = false;
  #failure: { readonly error: unknown } | undefined;

  /** @param signal cuts the calls in flight */
  constructor(deps: DeliveryShiftDeps, endpointId: string, signal: AbortSignal) {
    this.#deps = deps;
    this.#endpointId = endpointId;
    this.#signal = signal;
    this.#receiver = new ReceiverWatch(deps.database, { endpointId, mostCalls: deps.callsPerReceiver });
    this.#urls = new UrlWatch(deps.database, endpointId);
  }

  /** No call is begun any more; those in flight come to their end. */
  end(): void {
    this.#isEnding = true;
    this.#wakeup.wake();
  }

  /** Resolves with the time of the next call, if any is left. */
  async run(): Promise<Date | undefined> {
    const { database, listen } = this.#deps;
    const stopListening = listen(this.#endpointId, () => {
      this.#mayHaveMore = true;
      this.#wakeup.wake();
    });
    try {
      await expireDeliveries(database, this.#endpointId, GIVE_UP_AFTER_MS);
      await this.#receiver.read({ hasOpenCalls: false });
      await this.#urls.read();
      while (!this.#isEnding && this.#failure === undefined && (await this.#step()));
    } finally {
      stopListening();
      this.#forgetQueue();
      while (this.#known.size > 0) await this.#wakeup.wait(LOOK_EVERY_MS);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    const next = await nextDeliveryAt(database, this.#endpointId);
    const { nextCallAt } = this.#receiver.health;
    return next !== undefined && nextCallAt !== undefined && nextCallAt > next ? nextCallAt : next;
  }

  /** @returns whether there may be more to do */
  async #step(): Promise<boolean> {
    const { lingerMs } = this.#deps;
    if (this.#receiver.isProbed)
      return this.#known.size > this.#queue.length ? this.#news(LOOK_EVERY_MS) : this.#probe();
    if (Date.now() - this.#lookedAt >= LOOK_EVERY_MS) this.#mayHaveMore = true;
    if (this.#mayHaveMore && this.#queue.length < GROUP / 2) await this.#look();
    const pauseMs = this.#startCalls();
    await this.#putOff(this.#refused.splice(0));
    if (this.#known.size > 0) this.#busyAt = Date.now();
    else if (Date.now() - this.#busyAt >= lingerMs) return false;
    return this.#news(pauseMs > 0 ? pauseMs : Math.min(LOOK_EVERY_MS, lingerMs));
  }

  /** @returns how long the next one has to wait for its turn, ms; 0: it is not the pace that it waits for */
  #startCalls(): number {
    for (let next = this.#queue[0]; next !== undefined && this.#mayCall(); next = this.#queue[0]) {
      if (this.#urls.deferredUntil(next.delivery) !== undefined) {
        // Its URL has been found refusing since it was read.
        this.#queue.shift();
        this.#known.delete(next.delivery.id);
        this.#refused.push(next.delivery);
        continue;
      }
      const isFew = this.#queue.length <= FEW_CALLS;
      const pauseMs = isFew ? 0 : this.#deps.pace.take(next.delivery.roundStartedAt);
      if (pauseMs > 0) return pauseMs;
      this.#queue.shift();
      void this.#call(next, { isProbe: false });
    }
    return 0;
  }

  async #news(withinMs: number): Promise<true> {
    await this.#wakeup.wait(withinMs);
    return true;
  }

  #mayCall(): boolean {
    if (this.#calls >= this.#receiver.width || this.#receiver.isProbed) return false;
    if (this.#known.size - this.#queue.length >= MAX_UNRECORDED) return false;
    // The first call of a receiver needs no slot: others that are slow or many do not keep it waiting.
    return this.#calls === 0 || this.#deps.slots.isFree;
  }

  async #look(): Promise<void> {
    this.#lookedAt = Date.now();
    this.#mayHaveMore = false;
    await this.#receiver.read({ hasOpenCalls: this.#known.size > 0 });
    await this.#urls.read();
    this.#noted = new Set();
    const limit = GROUP + this.#known.size;
    // What is put off leaves the front of the outbox, so that the next group holds something else.
    for (let isCrowded = true; isCrowded && !this.#isEnding;) {
      const due = await findDueDeliveries(this.#deps.database, this.#endpointId, { limit });
      const fresh = due.filter(({ id }) => !this.#known.has(id) && !this.#noted.has(id));
      const calls = await this.#admit(fresh);
      isCrowded = due.length === limit && calls.length < fresh.length && this.#queue.length < GROUP / 2;
      if (due.length === limit && !isCrowded) this.#mayHaveMore = true;
      await this.#enqueue(calls);
    }
  }

  /** Puts off what is for URLs that are left alone. @returns the others, of a URL that may be probed one */
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
      const call = newest === undefined || this.#known.has(newest.id) ? delivery : newest;
      this.#urls.begin(call);
      calls.push(call);
    }
    await this.#putOff(others);
    return calls;
  }

  async #putOff(deliveries: readonly Delivery[]): Promise<void> {
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
    for (const { id } of deliveries) this.#known.add(id);
    try {
      const calls = await dueCallsOf(this.#deps, deliveries);
      this.#queue.push(...calls); // not in one: a stop may have put another queue in its place meanwhile
    } catch (error) {
      for (const delivery of deliveries) this.#dismiss(delivery);
      throw error;
    }
  }

  #forgetQueue(): void {
    for (const { delivery } of this.#queue.splice(0)) this.#dismiss(delivery);
  }

  /** A call that was going to be made is not made. */
  #dismiss(delivery: Delivery): void {
    this.#known.delete(delivery.id);
    this.#urls.forget(delivery);
  }

  /** @returns whether the receiver has to be looked at again now */
  async #probe(): Promise<boolean> {
    this.#forgetQueue();
    this.#mayHaveMore = true;
    await this.#receiver.read({ hasOpenCalls: false });
    const { nextCallAt, failures } = this.#receiver.health;
    if (nextCallAt === undefined) return true;
    if (nextCallAt.getTime() > Date.now()) return false;
    await this.#urls.read();
    const newestFirst = failures % NEWEST_EVERY === 0;
    const due = await findDueDeliveries(this.#deps.database, this.#endpointId, { limit: GROUP, newestFirst });
    // A URL that refuses, or stays silent, tells nothing of the receiver: another one is asked where there is one.
    const chosen = due.find((delivery) => this.#urls.probesOf(delivery.url) === undefined) ?? due[0];
    if (chosen !== undefined) this.#urls.begin(chosen);
    await this.#enqueue(chosen === undefined ? [] : [chosen]);
    const only = this.#queue.shift();
    if (only === undefined) return false;
    await this.#call(only, { isProbe: true });
    return true;
  }

  async #call(due: DueCall, { isProbe }: { readonly isProbe: boolean }): Promise<void> {
    const { delivery } = due;
    try {
      const call = await this.#inSlot(() =>
        this.#deps.makeCall(due, { secrets: this.#receiver.secrets, signal: this.#signal }),
      );
      if (call === undefined) return this.#urls.forget(delivery);
      const { change, written } = this.#urls.note(call);
      const [hasRecovered] = await Promise.all([this.#receiver.note(call, { isProbe }), written]);
      await this.#deps.recorder.record(withPause(call.record, this.#urls.deferredUntil(delivery)));
      if (hasRecovered || change === 'recovered') this.#mayHaveMore = true;
      if (call.record.status === 'stopped') await this.#stop(delivery.url);
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#known.delete(delivery.id);
      this.#noted.add(delivery.id);
      this.#wakeup.wake();
    }
  }

  async #inSlot<T>(work: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    this.#deps.slots.take();
    try {
      return await work();
    } finally {
      this.#calls -= 1;
      this.#deps.slots.giveBack();
      this.#wakeup.wake();
    }
  }

  async #stop(url: string): Promise<void> {
    if (this.#stopping.has(url)) return; // several calls were in flight
    this.#stopping.add(url);
    const kept = this.#queue.filter(({ delivery }) => delivery.url !== url);
    for (const { delivery } of this.#queue) if (delivery.url === url) this.#known.delete(delivery.id);
    this.#queue = kept;
    await stopUrl(this.#deps.database, this.#endpointId, url).finally(() => this.#stopping.delete(url));
  }
}

/** A call that is made again is made no sooner than its URL takes calls. */
function withPause(record: CallRecord, until: Date | undefined): CallRecord {
  const { nextAttemptAt } = record;
  return until === undefined || nextAttemptAt === undefined || nextAttemptAt >= until
    ? record
    : { ...record, nextAttemptAt: until };
}
