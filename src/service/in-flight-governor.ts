import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Poller } from '../async/poller';
import type { FetchOutcome } from '../jobs/fetch-outcome';
import type { FetchPool } from '../scheduling/fetch-pool';
import { InFlightLimit } from '../scheduling/in-flight-limit';
import type { Logger } from '../telemetry/logger';

export interface InFlightGovernorDeps {
  readonly pool: Pick<FetchPool, 'active' | 'isFull' | 'resize' | 'discountSlow'>;
  /** Highest limit that the owner and the number of open files allow. */
  readonly max: number;
  readonly isBacklogged: () => boolean;
  /** Whether responses wait for memory. */
  readonly isShortOfMemory: () => boolean;
  readonly logger: Logger;
}

const EVERY_MS = 250;
/** Interval of the timer that measures the event loop (ms). */
const RESOLUTION_MS = 10;
/** With fewer fetches in flight the event loop is not measured, because the timer would wake an idle machine a hundred times a second. */
const FEW = 32;
const LOG_EVERY_MS = 60_000;
/** Codes of connections that failed because files, ports, buffers or memory of this machine ran out, whatever the target is like. */
const SHORTAGE = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** Measures the load of the worker four times a second, and sets how many fetches its pool may have in flight. */
export class InFlightGovernor {
  readonly #deps: InFlightGovernorDeps;
  readonly #limit: InFlightLimit;
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #poller: Poller;
  #utilization = performance.eventLoopUtilization();
  #isShortOfSockets = false;
  #loggedAtMs = -Infinity;

  constructor(deps: InFlightGovernorDeps) {
    this.#deps = deps;
    this.#limit = new InFlightLimit(deps.max);
    deps.pool.resize(this.#limit.current);
    this.#poller = new Poller({
      run: async () => this.#observe(),
      everyMs: EVERY_MS,
      onError: (error) => deps.logger.error({ err: String(error) }, 'the load cannot be measured'),
    });
  }

  run(): void {
    this.#poller.start();
  }

  async stop(): Promise<void> {
    await this.#poller.stop();
    this.#delay.disable();
  }

  /** Counts a fetch that failed for lack of files, ports or memory. */
  note(outcome: FetchOutcome): void {
    if (outcome.kind === 'unreachable' && SHORTAGE.has(outcome.code)) this.#isShortOfSockets = true;
  }

  #observe(): void {
    this.#deps.pool.discountSlow();
    const utilization = performance.eventLoopUtilization();
    const sample = {
      isFull: this.#deps.pool.isFull,
      loopUtilization: performance.eventLoopUtilization(utilization, this.#utilization).utilization,
      loopDelayMs: Math.max(0, this.#delay.mean / 1e6 - RESOLUTION_MS) || 0, // NaN while nothing has been measured
      isBacklogged: this.#deps.isBacklogged(),
      isShortOfMemory: this.#deps.isShortOfMemory(),
      isShortOfSockets: this.#isShortOfSockets,
    };
    this.#utilization = utilization;
    this.#delay.reset();
    if (this.#deps.pool.active < FEW) this.#delay.disable();
    else this.#delay.enable();
    this.#isShortOfSockets = false;
    if (sample.isShortOfSockets) this.#warn();
    this.#deps.pool.resize(this.#limit.observe(sample));
  }

  #warn(): void {
    if (performance.now() - this.#loggedAtMs < LOG_EVERY_MS) return;
    this.#loggedAtMs = performance.now();
    this.#deps.logger.warn(
      { fetches_in_flight_limit: this.#limit.current },
      'this machine has no more files, ports or buffers for connections (ulimit -n, net.ipv4.ip_local_port_range); fewer pages are fetched at once',
    );
  }
}

/** Open files other than connections to targets: databases, segments, the API's clients, callbacks, programs, libraries. */
const OTHER_FILES = 1_024;
/** Besides the connection in use, a fetch leaves others open for a few seconds, in case that their hosts are asked again. */
const FILES_PER_FETCH = 4;
const MIN = 16;

/**
 * Most fetches that a worker may have in flight: the configured number, or fewer if the process may not open enough files.
 * @param maxOpenFiles undefined when it is not known, as outside of Linux
 */
export function maxInFlight(configured: number, maxOpenFiles: number | undefined): number {
  if (maxOpenFiles === undefined) return configured;
  return Math.min(configured, Math.max(MIN, Math.floor((maxOpenFiles - OTHER_FILES) / FILES_PER_FETCH)));
}

/** Reads how many files this process may open: the soft limit, which Node raises to the hard one at its start; proc_pid_limits(5). */
export function readMaxOpenFiles(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined || soft === 'unlimited' ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
