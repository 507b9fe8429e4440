import { HostBusyError } from './host-gate';
import type { HostDelay } from './host-gate';
import type { SlotWish } from './pacing-store';
import { SendTimes } from './send-times';
import { ThrottleRecord } from './throttle-record';
import type { ThrottledAnswer } from './throttle-record';
import { TurnQueue } from './turn-queue';

export interface PacedHostOptions {
  readonly host: string;
  /** Time between two requests (ms); 0 for no pace. */
  readonly intervalMs: number;
  /** Called with the change in the number of held slots. */
  readonly onHeld: (change: number) => void;
}

/** Time without an answer after which the record of a host is dropped (ms). */
const FORGOTTEN_AFTER_MS = 10 * 60_000;
/** Time between the first requests after a rest (ms). */
const AFTER_REST_MS = 250;
const ASK_AGAIN_MS = 1_000;
const MAX_SLOTS_ASKED = 100;

/** State of a host that has a pace, or has throttled. Times are of the monotonic clock. */
export class PacedHost {
  readonly host: string;
  readonly #onHeld: PacedHostOptions['onHeld'];
  #intervalMs: number;
  readonly #slots = new SendTimes();
  /** Requests of attempts that have begun; they go before those of the pool. */
  readonly #turns = new TurnQueue();
  /** Whether the pool waits for the host, with the number of its fetches. */
  #isAwaited = false;
  #wanted = 0;
  /** Whether a reservation is being made. */
  #isAsking = false;
  #askAgainAtMs = -Infinity;
  /** Time of the next slot, from the last reservation. */
  #slotAtMs = -Infinity;
  #throttle: ThrottleRecord | undefined;
  #heardOfAtMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #looksAtMs = Infinity;

  constructor({ host, intervalMs, onHeld }: PacedHostOptions) {
    this.host = host;
    this.#intervalMs = intervalMs;
    this.#onHeld = onHeld;
  }

  get intervalMs(): number {
    return this.#intervalMs;
  }

  get hasThrottled(): boolean {
    return this.#throttle !== undefined;
  }

  /** Whether the pool waits for the host, or a request for its turn. */
  get isWanted(): boolean {
    return this.#isAwaited || this.#turns.size > 0;
  }

  isResting(nowMs: number): boolean {
    return (this.#throttle?.restsUntilMs ?? -Infinity) > nowMs;
  }

  /** Whether it has as many requests in flight as it may have. A resting host is not full: ending requests would not open it. */
  isFull(inFlight: number, usual: number, nowMs: number): boolean {
    return !this.isResting(nowMs) && inFlight >= Math.min(usual, this.#limit);
  }

  /** Whether a request that has just come may be sent: there is a slot, and no other request waits for one. */
  isFree(nowMs: number): boolean {
    return this.#turns.size === 0 && this.#isOpen(nowMs);
  }

  /** Uses up the slot that is due, if the host has a pace. */
  takeSlot(): void {
    if (this.#intervalMs === 0 || this.#slots.size === 0) return;
    this.#slots.take();
    this.#onHeld(-1);
  }

  delay(nowMs: number): HostDelay {
    const intervalMs = this.#intervalMs;
    const restMs = (this.#throttle?.restsUntilMs ?? -Infinity) - nowMs;
    if (restMs > 0) return { waitMs: restMs, reason: 'resting', intervalMs };
    const slotAtMs = this.#slots.nextAtMs ?? (this.#askAgainAtMs > nowMs ? this.#slotAtMs : nowMs);
    return { waitMs: Math.max(slotAtMs - nowMs, 0), reason: 'paced', intervalMs };
  }

  /** Time for which one more request would wait for its turn. */
  delayOfNextTurn(nowMs: number): HostDelay {
    const delay = this.delay(nowMs);
    return { ...delay, waitMs: delay.waitMs + this.#turns.size * delay.intervalMs };
  }

  /** Waits for the turn of one more request. Rejects with the signal's reason, or when turns are refused. */
  waitForTurn(signal: AbortSignal): Promise<void> {
    return this.#turns.wait(signal);
  }

  /** Gives a turn to the requests that may be sent now. */
  grantTurns(nowMs: number): void {
    for (let granted = 0; this.#turns.size > 0 && granted < this.#limit && this.#isOpen(nowMs); granted++) {
      this.takeSlot();
      this.#turns.grantNext();
    }
  }

  refuseTurns(delay: HostDelay): void {
    this.#turns.refuseAll(() => new HostBusyError(this.host, delay));
  }

  /** Notes that the pool waits for the host, with so many fetches. */
  noteAwaited(fetches: number): void {
    this.#isAwaited = true;
    this.#wanted = Math.max(this.#wanted, fetches);
  }

  /** Ends the wait of the pool if it may send now. @returns whether it had waited and may send */
  endWait(nowMs: number): boolean {
    if (!this.#isAwaited || !this.isFree(nowMs)) return false;
    this.#isAwaited = false;
    this.#wanted = 0;
    return true;
  }

  /** @returns time of the next check; undefined when a slot must be reserved first, or is being reserved */
  nextLookAtMs(nowMs: number): number | undefined {
    if (this.isResting(nowMs)) return this.#throttle?.restsUntilMs;
    if (this.#intervalMs === 0) return nowMs + AFTER_REST_MS;
    const atMs = this.#slots.nextAtMs;
    if (atMs !== undefined) return atMs;
    return this.#askAgainAtMs > nowMs && !this.#isAsking ? this.#askAgainAtMs : undefined;
  }

  /** Calls `look` at that time, unless an earlier call is scheduled. */
  lookAt(atMs: number, look: () => void): void {
    if (this.#timer !== undefined && this.#looksAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#looksAtMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        look();
      },
      Math.max(Math.ceil(atMs - performance.now()), 1),
    );
    this.#timer.unref();
  }

  /** Slots to reserve, enough for a second at most; undefined while a reservation is being made. */
  askSlots(): SlotWish | undefined {
    if (this.#isAsking) return undefined;
    this.#isAsking = true;
    const intervalMs = this.#intervalMs;
    const wanted = Math.max(this.#wanted, this.#turns.size, 1);
    return { host: this.host, intervalMs, slots: Math.min(wanted, Math.ceil(1_000 / intervalMs), MAX_SLOTS_ASKED) };
  }

  /** Notes the result of a reservation. @param grant slots `intervalMs` apart; none when the first one, at `fromMs`, is too far off */
  noteGranted(grant: { readonly fromMs: number; readonly slots: number; readonly intervalMs: number }): void {
    const { fromMs, slots, intervalMs } = grant;
    const nowMs = performance.now();
    this.#isAsking = false;
    this.#slotAtMs = fromMs;
    this.#askAgainAtMs = slots > 0 ? nowMs : Math.max(fromMs - ASK_AGAIN_MS, nowMs + 10);
    this.#slots.add(fromMs, slots, intervalMs);
    this.#onHeld(slots);
  }

  noteNotGranted(): void {
    this.#isAsking = false;
    this.#askAgainAtMs = performance.now() + ASK_AGAIN_MS;
  }

  changePace(intervalMs: number): void {
    this.#intervalMs = intervalMs;
  }

  noteAnswered(nowMs: number): void {
    this.#heardOfAtMs = nowMs;
    this.#throttle?.noteAnswered(nowMs);
    if (this.#throttle?.isOver(nowMs) === true) this.#throttle = undefined;
  }

  /** Notes a throttling answer. @returns time for which the host rests from now on (ms); 0 when that was known */
  noteThrottled(answer: ThrottledAnswer, nowMs: number): number {
    this.#heardOfAtMs = nowMs;
    this.#throttle ??= new ThrottleRecord();
    const restMs = this.#throttle.noteThrottled(answer, nowMs);
    if (restMs > 0) this.#dropSlots();
    return restMs;
  }

  /** Lets the host rest. @returns whether that is longer than it would have rested anyway */
  restUntil(untilMs: number): boolean {
    this.#heardOfAtMs = performance.now();
    this.#throttle ??= new ThrottleRecord();
    const isNews = this.#throttle.restUntil(untilMs);
    if (isNews) this.#dropSlots();
    return isNews;
  }

  dropMissedSlots(nowMs: number): void {
    this.#noteDropped(this.#slots.dropMissed(nowMs, this.#intervalMs));
  }

  /** Whether there is nothing to remember and nothing waits. */
  isIdle(nowMs: number): boolean {
    if (this.isWanted || this.#isAsking || this.#slots.size > 0) return false;
    if (this.isResting(nowMs) || this.#askAgainAtMs > nowMs) return false;
    return this.#throttle === undefined || this.#heardOfAtMs < nowMs - FORGOTTEN_AFTER_MS;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.refuseTurns({ waitMs: 0, reason: 'paced', intervalMs: this.#intervalMs });
  }

  /** Requests in flight that a host may have after a rest. */
  get #limit(): number {
    return this.#throttle?.limit ?? Infinity;
  }

  /** Whether a request may be sent now. */
  #isOpen(nowMs: number): boolean {
    if (this.isResting(nowMs)) return false;
    if (this.#intervalMs === 0) return true;
    const held = this.#slots.size;
    const isDue = this.#slots.isDue(nowMs, this.#intervalMs);
    this.#noteDropped(held - this.#slots.size);
    return isDue;
  }

  #dropSlots(): void {
    const dropped = this.#slots.size;
    this.#slots.clear();
    this.#noteDropped(dropped);
  }

  #noteDropped(slots: number): void {
    if (slots > 0) this.#onHeld(-slots);
  }
}
