import { Wakeup } from '../async/wakeup';
import { nextDeliveryAt } from '../store/deliveries';
import { expireDeliveries } from '../store/end-deliveries';
import type { CallPace, CallSlots } from './call-pace';
import type { CallRecorder } from './call-recorder';
import type { DueCall } from './callback-payload';
import { DueQueue } from './due-queue';
import type { DueQueueDeps } from './due-queue';
import type { MakeCall } from './make-call';
import { ReceiverWatch } from './receiver-watch';
import { GIVE_UP_AFTER_MS } from './retry-schedule';
import { UrlWatch } from './url-watch';

export interface DeliveryShiftDeps extends DueQueueDeps {
  readonly makeCall: MakeCall;
  readonly recorder: CallRecorder;
  readonly slots: CallSlots;
  readonly pace: Pick<CallPace, 'take'>;
  /** Calls to one receiver at a time, while it is healthy. */
  readonly callsPerReceiver: number;
  /** Time that a shift stays after its last call, in case something new comes (ms). */
  readonly lingerMs: number;
  /** Calls `onNews` when the outbox of a receiver has something new, until the function that it returns is called. */
  readonly listen: (endpointId: string, onNews: () => void) => () => void;
}

/** Calls that were made and are not recorded yet: after a crash as many are made a second time. */
const MAX_UNRECORDED = 400;
/** Deliveries that other processes write are looked for at this interval. */
const LOOK_EVERY_MS = 1_000;
/** A receiver with no more calls than this skips the pace: they take nothing from fetching, and must not wait behind the many of another. */
const FEW_CALLS = 16;

/** Reason that ends a shift before its work is done; a failure wins over `end()`. */
type Ending = { readonly kind: 'stopped' } | { readonly kind: 'failed'; readonly error: unknown };

/**
 * Mode of a shift, which decides its next step:
 * - `draining`: the receiver is healthy, and several calls are made at a time;
 * - `settling`: the receiver was found failing, and the calls in flight come to their end before it is probed;
 * - `probing`: one call is made when the pause of the receiver is over;
 * - `stopping`: no further step is taken.
 */
type Mode = 'draining' | 'settling' | 'probing' | 'stopping';

/**
 * Makes the calls of one receiver, as long as there are any. A healthy receiver gets several at a time. One that cannot be
 * connected to again and again is probed, with one call after growing pauses in which nothing is held for it; when it answers,
 * everything that waited is due at once. The same holds for a URL that refuses, while the other URLs of the receiver go on.
 */
export class DeliveryShift {
  readonly #deps: DeliveryShiftDeps;
  readonly #endpointId: string;
  readonly #signal: AbortSignal;
  readonly #wakeup = new Wakeup();
  readonly #receiver: ReceiverWatch;
  readonly #urls: UrlWatch;
  readonly #queue: DueQueue;
  #calls = 0;
  /** Time at which the outbox is read again (ms since the epoch); 0 means at once. */
  #lookAt = 0;
  #busyAt = Date.now();
  #ending: Ending | undefined;

  /** @param signal cuts the calls in flight */
  constructor(deps: DeliveryShiftDeps, endpointId: string, signal: AbortSignal) {
    this.#deps = deps;
    this.#endpointId = endpointId;
    this.#signal = signal;
    this.#receiver = new ReceiverWatch(deps.database, { endpointId, maxCalls: deps.callsPerReceiver });
    this.#urls = new UrlWatch(deps.database, endpointId, () => deps.recorder.recorded());
    this.#queue = new DueQueue(deps, endpointId, this.#urls);
  }

  get #mode(): Mode {
    if (this.#ending !== undefined) return 'stopping';
    if (!this.#receiver.isProbed) return 'draining';
    return this.#queue.begun > 0 ? 'settling' : 'probing';
  }

  /** Takes no further step; calls in flight come to their end. */
  end(): void {
    this.#ending ??= { kind: 'stopped' };
    this.#wakeup.wake();
  }

  /** Resolves with the time of the next call, if any is left. */
  async run(): Promise<Date | undefined> {
    const { database, listen } = this.#deps;
    const stopListening = listen(this.#endpointId, () => {
      this.#lookAt = 0;
      this.#wakeup.wake();
    });
    try {
      await expireDeliveries(database, this.#endpointId, GIVE_UP_AFTER_MS);
      await this.#receiver.read({ hasOpenCalls: false });
      await this.#urls.read();
      while (await this.#step());
    } finally {
      stopListening();
      this.#queue.clear();
      while (!this.#queue.isEmpty) await this.#wakeup.wait(LOOK_EVERY_MS);
    }
    if (this.#ending?.kind === 'failed') throw this.#ending.error;
    const next = await nextDeliveryAt(database, this.#endpointId);
    const { nextCallAt } = this.#receiver.health;
    return next !== undefined && nextCallAt !== undefined && nextCallAt > next ? nextCallAt : next;
  }

  /** @returns whether there may be more to do */
  async #step(): Promise<boolean> {
    switch (this.#mode) {
      case 'draining':
        return this.#drain();
      case 'settling':
        return this.#news(LOOK_EVERY_MS);
      case 'probing':
        return this.#probe();
      case 'stopping':
        return false;
    }
  }

  /** @returns whether there may be more to do: false after a while without a call */
  async #drain(): Promise<boolean> {
    const { lingerMs } = this.#deps;
    if (Date.now() >= this.#lookAt && this.#queue.isShort) await this.#look();
    const pauseMs = this.#startCalls();
    await this.#queue.deferRefused();
    if (!this.#queue.isEmpty) this.#busyAt = Date.now();
    else if (Date.now() - this.#busyAt >= lingerMs) return false;
    return this.#news(pauseMs > 0 ? pauseMs : Math.min(LOOK_EVERY_MS, lingerMs));
  }

  async #look(): Promise<void> {
    this.#lookAt = Date.now() + LOOK_EVERY_MS;
    await this.#receiver.read({ hasOpenCalls: !this.#queue.isEmpty });
    await this.#urls.read();
    if (await this.#queue.fill(() => this.#mode !== 'stopping')) this.#lookAt = 0;
  }

  /** @returns how long the next call has to wait for the pace (ms); 0 when it waits for something else */
  #startCalls(): number {
    while (this.#mayCall()) {
      this.#queue.skipRefused();
      const next = this.#queue.first;
      if (next === undefined) return 0;
      const isFew = this.#queue.waiting <= FEW_CALLS;
      const pauseMs = isFew ? 0 : this.#deps.pace.take(next.delivery.roundStartedAt);
      if (pauseMs > 0) return pauseMs;
      this.#queue.begin();
      void this.#call(next, { isProbe: false });
    }
    return 0;
  }

  #mayCall(): boolean {
    if (this.#calls >= this.#receiver.width || this.#receiver.isProbed) return false;
    if (this.#queue.begun >= MAX_UNRECORDED) return false;
    // The first call of a receiver needs no slot, so that slow or busy receivers do not keep it waiting.
    return this.#calls === 0 || this.#deps.slots.isFree;
  }

  async #news(withinMs: number): Promise<true> {
    await this.#wakeup.wait(withinMs);
    return true;
  }

  /** @returns whether the receiver has to be looked at again now */
  async #probe(): Promise<boolean> {
    this.#queue.clear();
    this.#lookAt = 0;
    await this.#receiver.read({ hasOpenCalls: false });
    const { nextCallAt, failures } = this.#receiver.health;
    if (nextCallAt === undefined) return true;
    if (nextCallAt.getTime() > Date.now()) return false;
    await this.#urls.read();
    const probe = await this.#queue.beginProbe(failures);
    if (probe === undefined) return false;
    await this.#call(probe, { isProbe: true });
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
      await this.#deps.recorder.record(this.#urls.postpone(call.record));
      if (hasRecovered || change === 'recovered') this.#lookAt = 0;
      if (call.record.status === 'stopped') {
        this.#queue.dropUrl(delivery.url);
        await this.#urls.stop(delivery.url);
      }
    } catch (error) {
      if (this.#ending?.kind !== 'failed') this.#ending = { kind: 'failed', error };
    } finally {
      this.#queue.settle(delivery);
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
}
