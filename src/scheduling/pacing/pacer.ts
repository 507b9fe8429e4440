import type { FetchOutcome } from '../../jobs/fetch-outcome';
import { HostBusyError } from './host-gate';
import type { HostDelay, HostGate, HostListener } from './host-gate';
import type { HostRules } from './host-rules';
import { PacedHost } from './paced-host';
import type { PacingStore, SlotWish } from './pacing-store';
import { RestExchange } from './rest-exchange';
import { SlotReserver } from './slot-reserver';

export interface PacerDeps {
  readonly rules: HostRules;
  readonly store: PacingStore;
}

/** Slots that are held and not yet used, of all hosts together: more would go to waste while the pool is busy. */
const MOST_HELD = 1_024;
const MOST_SLOTS_PER_HOST = 100;
/** A redirect that leads to a host with a pace holds its fetch slot while it waits. */
const LONGEST_TURN_MS = 10_000;
/** A longer wait than this is made known, so that what waits may go elsewhere. */
const SHUT_MS = 3_000;
const TICK_MS = 1_000;
const ASK_AGAIN_MS = 1_000;
/** Of a robots.txt: one that asks for more means to be left alone, and has better ways to say so. */
const LONGEST_CRAWL_DELAY_MS = 60_000;
const MOST_CRAWL_DELAYS = 10_000;

/** Outcomes without an answer of the host. */
const UNANSWERED: ReadonlySet<FetchOutcome['kind']> = new Set(['unreachable', 'forbidden', 'disallowed']);

/**
 * When which host may be asked: paces that all workers share, and rests that hosts have asked for. Of hosts with neither it keeps
 * nothing, and a question about them costs a look into a Map or two.
 */
export class Pacer implements HostGate {
  readonly #rules: HostRules;
  readonly #hosts = new Map<string, PacedHost>();
  /** What robots.txt files ask for, ms. */
  readonly #crawlDelays = new Map<string, number>();
  readonly #reserver: SlotReserver;
  readonly #exchange: RestExchange;
  readonly #tick: NodeJS.Timeout;
  readonly #listeners: HostListener[] = [];
  #held = 0;
  #isUsed = false;

  constructor({ rules, store }: PacerDeps) {
    this.#rules = rules;
    this.#reserver = new SlotReserver({
      reserve: (wishes) => store.reserve(wishes),
      room: () => MOST_HELD - this.#held,
      onGrant: (wish, grant) => this.#onGrant(wish, grant),
      onFailure: ({ host }) => this.#onFailure(host),
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

  /** Hosts with something to remember. */
  get knownHosts(): number {
    return this.#hosts.size;
  }

  /** Of one host, by its rule. */
  concurrencyOf(host: string, usual: number): number {
    return this.#rules.isEmpty ? usual : (this.#rules.of(host).concurrency ?? usual);
  }

  ask(host: string, inFlight: number, usual: number, waiting: number): 'start' | 'full' | 'later' {
    this.#isUsed = true;
    const paced = this.#find(host);
    const most = this.concurrencyOf(host, usual);
    if (paced === undefined) return inFlight < most ? 'start' : 'full';
    const nowMs = performance.now();
    if (!paced.isResting(nowMs) && inFlight >= Math.min(most, paced.limit)) return 'full';
    if (paced.turns.length === 0 && this.#isOpen(paced, nowMs)) return 'start';
    paced.isAwaited = true;
    paced.wanted = Math.max(paced.wanted, waiting);
    this.#await(paced, nowMs);
    return 'later';
  }

  start(host: string): void {
    const paced = this.#hosts.get(host);
    if (paced !== undefined) this.#take(paced);
  }

  delayOf(host: string): HostDelay | undefined {
    const paced = this.#find(host);
    return paced?.delay(performance.now());
  }

  /**
   * Waits for the turn of one more request, as after a redirect. Undefined when there is nothing to wait for.
   * Rejects with the signal's reason, or with a HostBusyError when it would take long.
   * @param isSameVisit it belongs to an attempt that has had a turn there. At a slow pace that turn is for all of its requests: it would
   *   wait too long for another one, and never get to the end of a redirect
   */
  pass(host: string, signal: AbortSignal, isSameVisit = false): Promise<void> | undefined {
    const paced = this.#find(host);
    if (paced === undefined) return undefined;
    const nowMs = performance.now();
    if (isSameVisit && paced.intervalMs >= LONGEST_TURN_MS && !paced.isResting(nowMs)) return undefined;
    if (paced.turns.length === 0 && this.#isOpen(paced, nowMs)) {
      this.#take(paced);
      return undefined;
    }
    const delay = paced.delay(nowMs);
    const waitMs = delay.waitMs + paced.turns.length * delay.intervalMs;
    if (waitMs > LONGEST_TURN_MS) return Promise.reject(new HostBusyError(host, { ...delay, waitMs }));
    const turn = paced.waitForTurn(signal);
    this.#await(paced, nowMs);
    return turn;
  }

  /** What came of a request, for every answer of a host. */
  note(
    host: string,
    outcome: Pick<FetchOutcome, 'kind'> & { readonly statusCode?: number; readonly retryAfterMs?: number },
  ): void {
    const { kind, statusCode = 0, retryAfterMs } = outcome;
    const known = this.#hosts.get(host);
    if (kind !== 'throttled' && (known === undefined || !known.hasThrottled || UNANSWERED.has(kind))) return;
    const paced = known ?? this.#keep(host);
    const nowMs = performance.now();
    if (kind !== 'throttled') return paced.noteAnswered(nowMs);
    const restMs = paced.noteThrottled({ statusCode, retryAfterMs }, nowMs);
    if (restMs === 0) return;
    this.#onRests(paced, nowMs);
    this.#exchange.tell({ host, restMs });
  }

  /** What the host's robots.txt asks for. Undefined: nothing (any more). */
  setCrawlDelay(host: string, delayMs: number | undefined): void {
    this.#crawlDelays.delete(host);
    if (delayMs !== undefined && delayMs > 0) {
      this.#crawlDelays.set(host, Math.min(delayMs, LONGEST_CRAWL_DELAY_MS));
      const [oldest] = this.#crawlDelays.keys();
      if (this.#crawlDelays.size > MOST_CRAWL_DELAYS && oldest !== undefined) this.#crawlDelays.delete(oldest);
    }
    const paced = this.#hosts.get(host);
    if (paced !== undefined) paced.intervalMs = this.#intervalOf(host);
  }

  /** Who waits for a turn is sent away. */
  stop(): void {
    clearInterval(this.#tick);
    this.#reserver.clear();
    for (const paced of this.#hosts.values()) paced.stop();
    this.#hosts.clear();
  }

  #intervalOf(host: string): number {
    const asked = this.#crawlDelays.get(host) ?? 0;
    return this.#rules.isEmpty ? asked : Math.max(this.#rules.of(host).intervalMs ?? 0, asked);
  }

  /** Undefined for a host without a pace that has not throttled. */
  #find(host: string): PacedHost | undefined {
    if (this.#hosts.size > 0) {
      const known = this.#hosts.get(host);
      if (known !== undefined) return known;
    }
    if (this.#rules.isEmpty && this.#crawlDelays.size === 0) return undefined;
    return this.#intervalOf(host) > 0 ? this.#keep(host) : undefined;
  }

  #keep(host: string): PacedHost {
    let paced = this.#hosts.get(host);
    if (paced === undefined) this.#hosts.set(host, (paced = new PacedHost(host, this.#intervalOf(host))));
    return paced;
  }

  #isOpen(paced: PacedHost, nowMs: number): boolean {
    const before = paced.permits.size;
    const isOpen = paced.isOpen(nowMs);
    this.#giveUp(before - paced.permits.size);
    return isOpen;
  }

  #take(paced: PacedHost): void {
    if (paced.intervalMs === 0 || paced.permits.size === 0) return;
    paced.permits.take();
    this.#giveUp(1);
  }

  /** So many slots are not held any more. */
  #giveUp(slots: number): void {
    if (slots === 0) return;
    this.#held -= slots;
    this.#reserver.askSoon();
  }

  /** Sees to it that a host somebody waits for is looked at again in time. */
  #await(paced: PacedHost, nowMs: number): void {
    const atMs = paced.nextLookAtMs(nowMs);
    if (atMs !== undefined) return paced.lookAt(atMs, () => this.#look(paced));
    if (paced.isAsking) return;
    paced.isAsking = true;
    const { host, intervalMs } = paced;
    const wanted = Math.max(paced.wanted, paced.turns.length, 1);
    this.#reserver.wish({
      host,
      intervalMs,
      slots: Math.min(wanted, Math.ceil(1_000 / intervalMs), MOST_SLOTS_PER_HOST),
    });
  }

  #look(paced: PacedHost): void {
    let nowMs = performance.now();
    for (let granted = 0; paced.turns.length > 0 && granted < paced.limit && this.#isOpen(paced, nowMs); granted++) {
      this.#take(paced);
      paced.turns.shift()?.();
    }
    if (paced.isAwaited && paced.turns.length === 0 && this.#isOpen(paced, nowMs)) {
      paced.isAwaited = false;
      paced.wanted = 0;
      this.#tellOpen(paced.host);
      nowMs = performance.now();
    }
    if (paced.isAwaited || paced.turns.length > 0) this.#await(paced, nowMs);
  }

  /** Whoever is told first gets the slot; pools take turns. */
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
    paced.isAsking = false;
    paced.slotAtMs = fromMs;
    paced.askAgainAtMs = slots > 0 ? nowMs : Math.max(fromMs - ASK_AGAIN_MS, nowMs + 10);
    paced.permits.add(fromMs, slots, intervalMs);
    this.#held += slots;
    this.#look(paced);
    if (slots === 0) this.#tellOfDelay(paced, nowMs);
  }

  #onFailure(host: string): void {
    const paced = this.#hosts.get(host);
    if (paced === undefined) return;
    paced.isAsking = false;
    paced.askAgainAtMs = performance.now() + ASK_AGAIN_MS;
    this.#look(paced);
  }

  #restHost(host: string, untilMs: number): void {
    const nowMs = performance.now();
    const paced = this.#keep(host);
    if (paced.restUntil(untilMs)) this.#onRests(paced, nowMs);
  }

  #onRests(paced: PacedHost, nowMs: number): void {
    this.#giveUp(paced.permits.size);
    paced.permits.clear();
    if (paced.isAwaited || paced.turns.length > 0) this.#await(paced, nowMs);
    this.#tellOfDelay(paced, nowMs);
  }

  #tellOfDelay(paced: PacedHost, nowMs: number): void {
    const delay = paced.delay(nowMs);
    if (delay.waitMs < SHUT_MS) return;
    if (delay.waitMs > LONGEST_TURN_MS) paced.refuseTurns(delay);
    for (const { onShut } of this.#listeners) onShut(paced.host, delay);
  }

  #onTick(): void {
    const nowMs = performance.now();
    for (const paced of this.#hosts.values()) {
      this.#giveUp(paced.permits.dropMissed(nowMs, paced.intervalMs));
      if (paced.isIdle(nowMs)) this.#hosts.delete(paced.host);
    }
    if (!this.#isUsed) return; // nobody has asked since: this worker has nothing to fetch
    this.#isUsed = false;
    void this.#exchange.look();
  }
}
