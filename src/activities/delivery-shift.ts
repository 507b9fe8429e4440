import { findDueDeliveries, nextDeliveryAt } from '../store/deliveries';
import type { Delivery } from '../store/deliveries';
import { expireDeliveries, stopUrl } from '../store/end-deliveries';
import { GIVE_UP_AFTER_MS } from '../webhooks/retry-schedule';
import { Bell } from './bell';
import type { CallPace } from './call-pace';
import type { CallRecorder } from './call-recorder';
import type { CallSlots } from './call-slots';
import { dueCallsOf } from './due-calls';
import type { DueCall, DueCallsDeps } from './due-calls';
import type { MakeCall } from './make-call';
import { ReceiverWatch } from './receiver-watch';

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
 * The calls of one receiver, as long as there are any. A healthy one gets several at a time. One that fails again and again is
 * probed, with one call after growing pauses in which nothing is held for it; when it answers, everything that waited is due
 * at once.
 */
export class DeliveryShift {
  readonly #deps: DeliveryShiftDeps;
  readonly #endpointId: string;
  readonly #signal: AbortSignal;
  readonly #bell = new Bell();
  readonly #receiver: ReceiverWatch;
  #queue: DueCall[] = [];
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
  }

  /** No call is begun any more; those in flight come to their end. */
  end(): void {
    this.#isEnding = true;
    this.#bell.ring();
  }

  /** Resolves with the time of the next call, if any is left. */
  async run(): Promise<Date | undefined> {
    const { database, listen } = this.#deps;
    const stopListening = listen(this.#endpointId, () => {
      this.#mayHaveMore = true;
      this.#bell.ring();
    });
    try {
      await expireDeliveries(database, this.#endpointId, GIVE_UP_AFTER_MS);
      await this.#receiver.read({ hasOpenCalls: false });
      while (!this.#isEnding && this.#failure === undefined && (await this.#step()));
    } finally {
      stopListening();
      this.#forgetQueue();
      while (this.#known.size > 0) await this.#bell.wait(LOOK_EVERY_MS);
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
    if (this.#known.size > 0) this.#busyAt = Date.now();
    else if (Date.now() - this.#busyAt >= lingerMs) return false;
    return this.#news(pauseMs > 0 ? pauseMs : Math.min(LOOK_EVERY_MS, lingerMs));
  }

  /** @returns how long the next one has to wait for its turn, ms; 0: it is not the pace that it waits for */
  #startCalls(): number {
    for (let next = this.#queue[0]; next !== undefined && this.#mayCall(); next = this.#queue[0]) {
      const isFew = this.#queue.length <= FEW_CALLS;
      const pauseMs = isFew ? 0 : this.#deps.pace.take(next.delivery.roundStartedAt);
      if (pauseMs > 0) return pauseMs;
      this.#queue.shift();
      void this.#call(next, { isProbe: false });
    }
    return 0;
  }

  async #news(withinMs: number): Promise<true> {
    await this.#bell.wait(withinMs);
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
    this.#noted = new Set();
    const limit = GROUP + this.#known.size;
    const due = await findDueDeliveries(this.#deps.database, this.#endpointId, { limit });
    if (due.length === limit) this.#mayHaveMore = true;
    await this.#enqueue(due.filter(({ id }) => !this.#known.has(id) && !this.#noted.has(id)));
  }

  async #enqueue(deliveries: readonly Delivery[]): Promise<void> {
    for (const { id } of deliveries) this.#known.add(id);
    try {
      const calls = await dueCallsOf(this.#deps, deliveries);
      this.#queue.push(...calls); // not in one: a stop may have put another queue in its place meanwhile
    } catch (error) {
      for (const { id } of deliveries) this.#known.delete(id);
      throw error;
    }
  }

  #forgetQueue(): void {
    for (const { delivery } of this.#queue.splice(0)) this.#known.delete(delivery.id);
  }

  /** @returns whether the receiver has to be looked at again now */
  async #probe(): Promise<boolean> {
    this.#forgetQueue();
    this.#mayHaveMore = true;
    await this.#receiver.read({ hasOpenCalls: false });
    const { nextCallAt, failures } = this.#receiver.health;
    if (nextCallAt === undefined) return true;
    if (nextCallAt.getTime() > Date.now()) return false;
    const newestFirst = failures % NEWEST_EVERY === 0;
    await this.#enqueue(await findDueDeliveries(this.#deps.database, this.#endpointId, { limit: 1, newestFirst }));
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
      if (call === undefined) return;
      if (await this.#receiver.note(call, { isProbe })) this.#mayHaveMore = true;
      await this.#deps.recorder.record(call.record);
      if (call.record.status === 'stopped') await this.#stop(delivery.url);
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#known.delete(delivery.id);
      this.#noted.add(delivery.id);
      this.#bell.ring();
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
      this.#bell.ring();
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
