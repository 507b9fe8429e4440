import type { FetchOutcome } from '../../jobs/fetch-outcome';
import { HostBusyError } from './host-gate';
import type { HostDelay, HostGate, HostListener } from './host-gate';
import { HostPaces } from './host-paces';
import type { HostRules } from './host-rules';
import { PacedHost } from './paced-host';
import type { PacingStore, SlotWish } from './pacing-store';
import { RestExchange } from './rest-exchange';
import type { SharedLimits } from '../shares/shared-limits';
import { SlotReserver } from './slot-reserver';

export interface PacerDeps {
  readonly rules: HostRules;
  readonly store: PacingStore;
  /** Limits that all workers share, of which this worker has a part. @default the limits are this worker's alone */
  readonly shares?: Pick<SharedLimits, 'most' | 'want' | 'listen'> | undefined;
}

/** Most unused slots that are held for all hosts together, because more would be wasted while the pool is busy. */
const MAX_HELD = 1_024;
/** Longest wait for the turn of a redirect, which holds its fetch slot meanwhile. */
const MAX_TURN_MS = 10_000;
/** Wait from which on listeners are told (ms), so that they can send away what waits. */
const SHUT_MS = 3_000;
const TICK_MS = 1_000;

/** Outcomes without an answer of the host. */
const UNANSWERED: ReadonlySet<FetchOutcome['kind']> = new Set(['unreachable', 'forbidden', 'disallowed']);

/**
 * Decides when each host may be asked, by paces that all workers share and by rests that hosts have asked for. It keeps no state about
 * hosts with neither, and deciding about such a host takes only one or two look-ups in a Map.
 */
export class Pacer implements HostGate {
  readonly #paces: HostPaces;
  readonly #shares: PacerDeps['shares'];
  readonly #hosts = new Map<string, PacedHost>();
  readonly #reserver: SlotReserver;
  readonly #exchange: RestExchange;
  readonly #tick: NodeJS.Timeout;
  readonly #listeners: HostListener[] = [];
  #held = 0;
  #isUsed = false;

  constructor({ rules, store, shares }: PacerDeps) {
    this.#shares = shares;
    shares?.listen((host) => this.#tellOpen(host));
    this.#paces = new HostPaces(rules);
    this.#reserver = new SlotReserver({
      reserve: (wishes) => store.reserve(wishes),
      room: () => MAX_HELD - this.#held,
      onGrant: (wish, grant) => this.#onGrant(wish, grant),
      onFailure: ({ host }) => this.#onNoGrant(host),
    });
    this.#exchange = new RestExchange({
      store,
      onRest: ({ host, restMs }) => this.#restHost(host, performance.now() + restMs),
    });
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    this.#tick.unref();
  }

  listen(listener: HostListener): void {
    this.#listeners.push(listener);
  }

  /** Number of hosts with state. */
  get knownHosts(): number {
    return this.#hosts.size;
  }

  /** Most requests in flight that the host may have from all workers together, by its rule. */
  concurrencyOf(host: string, usual: number): number {
    return this.#paces.concurrencyOf(host, usual);
  }

  mayStart(host: string, inFlight: number, usual: number, waiting: number): boolean {
    this.#isUsed = true;
    const paced = this.#find(host);
    const limit = this.concurrencyOf(host, usual);
    const most = this.#shares === undefined ? limit : this.#shares.most(host, limit);
    // Ending requests would not open a resting host.
    if (inFlight >= most && paced?.isResting(performance.now()) !== true) {
      if (most < limit) this.#shares?.want(host, limit, waiting); // Other workers may have room.
      return false;
    }
    if (paced === undefined) return true;
    const nowMs = performance.now();
    if (paced.isFull(inFlight, most, nowMs)) return false;
    if (paced.isFree(nowMs)) return true;
    paced.noteAwaited(waiting);
    this.#await(paced, nowMs);
    return false;
  }

  start(host: string): void {
    this.#hosts.get(host)?.takeSlot();
  }

  delayOf(host: string): HostDelay | undefined {
    return this.#find(host)?.delay(performance.now());
  }

  /**
   * Waits for the turn of one more request, as after a redirect. Undefined when there is nothing to wait for.
   * Rejects with the signal's reason, or with a HostBusyError when it would take long.
   * @param isSameVisit whether the request belongs to an attempt that has had a turn there. At a slow pace that turn is for all of its
   *   requests: it would wait too long for another one, and never get to the end of a redirect
   */
  pass(host: string, signal: AbortSignal, isSameVisit = false): Promise<void> | undefined {
    const paced = this.#find(host);
    if (paced === undefined) return undefined;
    const nowMs = performance.now();
    if (isSameVisit && paced.intervalMs >= MAX_TURN_MS && !paced.isResting(nowMs)) return undefined;
    if (paced.isFree(nowMs)) {
      paced.takeSlot();
      return undefined;
    }
    const delay = paced.delayOfNextTurn(nowMs);
    if (delay.waitMs > MAX_TURN_MS) return Promise.reject(new HostBusyError(host, delay));
    const turn = paced.waitForTurn(signal);
    this.#await(paced, nowMs);
    return turn;
  }

  /**
   * Notes the outcome of a request. It must be called for every answer of a host.
   * @param wasThrottledBefore whether the attempt before at the same page had been throttled
   */
  note(
    host: string,
    outcome: Pick<FetchOutcome, 'kind'> & { readonly statusCode?: number; readonly retryAfterMs?: number },
    wasThrottledBefore = false,
  ): void {
    const { kind, statusCode = 0, retryAfterMs } = outcome;
    const known = this.#hosts.get(host);
    if (kind !== 'throttled' && (known === undefined || !known.hasThrottled || UNANSWERED.has(kind))) return;
    const paced = known ?? this.#keep(host);
    const nowMs = performance.now();
    if (kind !== 'throttled') return paced.noteAnswered(nowMs);
    const restMs = paced.noteThrottled({ statusCode, retryAfterMs, wasThrottledBefore }, nowMs);
    if (restMs === 0) return;
    this.#onRests(paced, nowMs);
    this.#exchange.tell({ host, restMs });
  }

  /** Sets the pace that the host's robots.txt asks for. @param delayMs undefined when it asks for none (any more) */
  setCrawlDelay(host: string, delayMs: number | undefined): void {
    this.#paces.setCrawlDelay(host, delayMs);
    this.#hosts.get(host)?.changePace(this.#paces.intervalOf(host));
  }

  /** Refuses all requests that wait for a turn. */
  stop(): void {
    clearInterval(this.#tick);
    this.#reserver.clear();
    for (const paced of this.#hosts.values()) paced.stop();
    this.#hosts.clear();
  }

  /** The host's record; undefined when it has no pace and has not throttled. */
  #find(host: string): PacedHost | undefined {
    if (this.#hosts.size > 0) {
      const known = this.#hosts.get(host);
      if (known !== undefined) return known;
    }
    return this.#paces.intervalOf(host) > 0 ? this.#keep(host) : undefined;
  }

  #keep(host: string): PacedHost {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const intervalMs = this.#paces.intervalOf(host);
    const paced = new PacedHost({ host, intervalMs, onHeld: (change) => this.#onHeld(change) });
    this.#hosts.set(host, paced);
    return paced;
  }

  #onHeld(change: number): void {
    this.#held += change;
    if (change < 0) this.#reserver.askSoon();
  }

  /** Makes sure that a host for which something waits is checked again in time. */
  #await(paced: PacedHost, nowMs: number): void {
    const atMs = paced.nextLookAtMs(nowMs);
    if (atMs !== undefined) return paced.lookAt(atMs, () => this.#look(paced));
    const wish = paced.askSlots();
    if (wish !== undefined) this.#reserver.wish(wish);
  }

  #look(paced: PacedHost): void {
    let nowMs = performance.now();
    paced.grantTurns(nowMs);
    if (paced.endWait(nowMs)) {
      this.#tellOpen(paced.host);
      nowMs = performance.now();
    }
    if (paced.isWanted) this.#await(paced, nowMs);
  }

  /** Tells the listeners that a host is open. They take turns, because the first to be told gets the slot. */
  #tellOpen(host: string): void {
    const listeners = [...this.#listeners];
    const [first] = this.#listeners.splice(0, 1);
    if (first !== undefined) this.#listeners.push(first);
    for (const { onOpen } of listeners) onOpen(host);
  }

  #onGrant(
    { host, intervalMs }: SlotWish,
    { fromMs, slots }: { readonly fromMs: number; readonly slots: number },
  ): void {
    const paced = this.#hosts.get(host);
    if (paced === undefined) return;
    const nowMs = performance.now();
    paced.noteGranted({ fromMs, slots, intervalMs });
    this.#look(paced);
    if (slots === 0) this.#tellOfDelay(paced, nowMs);
  }

  #onNoGrant(host: string): void {
    const paced = this.#hosts.get(host);
    if (paced === undefined) return;
    paced.noteNotGranted();
    this.#look(paced);
  }

  #restHost(host: string, untilMs: number): void {
    const nowMs = performance.now();
    const paced = this.#keep(host);
    if (paced.restUntil(untilMs)) this.#onRests(paced, nowMs);
  }

  #onRests(paced: PacedHost, nowMs: number): void {
    if (paced.isWanted) this.#await(paced, nowMs);
    this.#tellOfDelay(paced, nowMs);
  }

  #tellOfDelay(paced: PacedHost, nowMs: number): void {
    const delay = paced.delay(nowMs);
    if (delay.waitMs < SHUT_MS) return;
    if (delay.waitMs > MAX_TURN_MS) paced.refuseTurns(delay);
    for (const { onShut } of this.#listeners) onShut(paced.host, delay);
  }

  #onTick(): void {
    const nowMs = performance.now();
    for (const paced of this.#hosts.values()) {
      paced.dropMissedSlots(nowMs);
      if (paced.isIdle(nowMs)) this.#hosts.delete(paced.host);
    }
    if (!this.#isUsed) return; // without questions since the last round, this worker has nothing to fetch
    this.#isUsed = false;
    void this.#exchange.look();
  }
}
