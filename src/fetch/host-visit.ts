import type { HostLimiter } from '../scheduling/host-limiter';
import type { AttemptClock } from './attempt-clock';

/**
 * Waits for the turn of one more request at a host whose pace is limited; undefined when there is nothing to wait for.
 * @param isSameVisit the attempt has had a turn there: at a slow pace, that is for all of its requests
 */
export type PassHost = (host: string, signal: AbortSignal, isSameVisit: boolean) => Promise<void> | undefined;

export interface HostVisitDeps {
  readonly limiter: HostLimiter;
  readonly pass: PassHost;
}

/** The turns of one attempt at the hosts that it asks. It begins with a turn at the first one, for which the fetch pool waited. */
export class HostVisit {
  readonly #deps: HostVisitDeps;
  readonly #firstHost: string;
  #host: string;
  /** Whether the turn that the pool waited for can still be used. */
  #hasTurn = true;

  constructor(firstHost: string, deps: HostVisitDeps) {
    this.#firstHost = firstHost;
    this.#host = firstHost;
    this.#deps = deps;
  }

  /** Host of the current hop; redirects change it. */
  get host(): string {
    return this.#host;
  }

  /** The attempt has waited for something else, and meanwhile others had their turns. */
  loseTurn(): void {
    this.#hasTurn = false;
  }

  /** Waits for room and for the turn at the host of the next hop. @returns what makes room again */
  async enter(host: string, clock: AttemptClock): Promise<() => void> {
    const { limiter } = this.#deps;
    this.#host = host;
    const free = limiter.tryAcquire(host);
    const leave = free ?? (await clock.paused(() => limiter.acquire(host, clock.signal)));
    if (free === undefined) this.loseTurn();
    try {
      const turn = this.takeTurn(clock);
      if (turn !== undefined) await turn;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Uses the turn that the attempt has, or waits for one. Undefined when there is nothing to wait for. */
  takeTurn(clock: AttemptClock): Promise<void> | undefined {
    const hasTurn = this.#hasTurn;
    this.#hasTurn = false;
    const turn = hasTurn ? undefined : this.#deps.pass(this.#host, clock.signal, this.#host === this.#firstHost);
    return turn && clock.paused(() => turn);
  }
}
