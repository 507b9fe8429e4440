import type { JudgeHost } from './fetch-lane';
import type { HostDelay, HostGate } from './pacing/host-gate';
import { SleepingLanes } from './sleeping-lanes';
import { Tally } from './tally';

/** Decides whether a fetch to a host may start, by the pool's fetches in flight there, and by the gate, if there is one. */
export class HostTurns {
  readonly perHost: number;
  readonly #gate: HostGate | undefined;
  readonly #load = new Tally();
  /** Lanes with fetches for a host that is full, or whose time has not come. */
  readonly #asleep = new SleepingLanes();

  constructor(perHost: number, gate: HostGate | undefined) {
    this.perHost = perHost;
    this.#gate = gate;
  }

  get busyHosts(): number {
    return this.#load.size;
  }

  /** Hosts with fetches in flight, and their number. */
  entries(): Iterable<readonly [host: string, count: number]> {
    return this.#load.entries();
  }

  delayOf(host: string): HostDelay | undefined {
    return this.#gate?.delayOf(host);
  }

  /** Judges a host for a lane, which is woken when the host may have room, or its time may have come. */
  readonly judge: JudgeHost = (host, waiting, lane) => {
    const inFlight = this.#load.of(host);
    const mayStart = this.#gate?.mayStart(host, inFlight, this.perHost, waiting) ?? inFlight < this.perHost;
    if (!mayStart) this.#asleep.add(host, lane);
    return mayStart;
  };

  /** Wakes the lanes that wait for a host. @returns whether there were any */
  wake(host: string): boolean {
    return this.#asleep.wake(host);
  }

  noteStart(host: string): void {
    this.#load.add(host);
    this.#gate?.start(host);
  }

  /** Notes that a fetch has ended. Others that wait for the host are judged again. */
  noteEnd(host: string): void {
    this.#load.remove(host);
    this.wake(host);
  }
}
