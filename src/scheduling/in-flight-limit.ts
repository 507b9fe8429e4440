/** Load of a worker since the last sample. */
export interface LoadSample {
  /** Whether all slots are taken and more could be used. */
  readonly isFull: boolean;
  /** Share of the time in which the event loop was at work, 0 to 1. */
  readonly loopUtilization: number;
  /** Average delay of timers (ms). */
  readonly loopDelayMs: number;
  /** Whether commits do not keep up. */
  readonly isBacklogged: boolean;
  /** Whether responses wait for memory. */
  readonly isShortOfMemory: boolean;
  /** Whether connections failed for lack of files, ports or buffers of this machine. */
  readonly isShortOfSockets: boolean;
}

const INITIAL = 128;
const MIN = 16;
const GROWTH = 1.5;
/** Delay of timers at which everything waits, including submissions and answers (ms). */
const HIGH_DELAY_MS = 100;
const LOW_DELAY_MS = 25;
const BUSY_LOOP = 0.97;
/** Samples without growth after the limit has shrunk, because the effect shows only when the excess fetches have ended. */
const HOLD_SAMPLES = 8;

/**
 * Decides how many fetches a worker may have in flight: as many as the machine can handle. The limit grows by half while every slot is
 * used and the event loop has time. It shrinks when timers fire late, or memory or sockets run out. It stays while the delay is between
 * two bounds, and for a while after it has shrunk, so that it does not oscillate.
 */
export class InFlightLimit {
  readonly #max: number;
  #current: number;
  #hold = 0;

  constructor(max: number) {
    this.#max = max;
    this.#current = Math.min(INITIAL, max);
  }

  get current(): number {
    return this.#current;
  }

  /** Takes one sample; they must come at equal intervals. @returns the limit from now on */
  observe(sample: LoadSample): number {
    if (sample.isShortOfSockets) this.#shrink(0.7);
    else if (sample.isShortOfMemory || sample.loopDelayMs > HIGH_DELAY_MS) this.#shrink(0.85);
    else if (this.#hold > 0) this.#hold -= 1;
    else if (sample.isFull && hasRoom(sample)) this.#current = Math.min(this.#max, Math.ceil(this.#current * GROWTH));
    return this.#current;
  }

  #shrink(factor: number): void {
    // It does not shrink again before the last step can have had an effect.
    if (this.#hold > HOLD_SAMPLES / 2) {
      this.#hold -= 1;
      return;
    }
    this.#current = Math.max(Math.min(MIN, this.#max), Math.floor(this.#current * factor));
    this.#hold = HOLD_SAMPLES;
  }
}

const hasRoom = ({ loopUtilization, loopDelayMs, isBacklogged }: LoadSample): boolean =>
  !isBacklogged && loopUtilization < BUSY_LOOP && loopDelayMs < LOW_DELAY_MS;
