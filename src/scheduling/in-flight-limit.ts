/** How a worker has fared since the last sample. */
export interface LoadSample {
  /** Every slot is taken, and more could be used. */
  readonly isFull: boolean;
  /** Share of the time in which the event loop was at work, 0 to 1. */
  readonly loopUtilization: number;
  /** How much later than planned timers fired, on average (ms). */
  readonly loopDelayMs: number;
  /** Commits do not keep up. */
  readonly isBacklogged: boolean;
  /** Responses wait for memory. */
  readonly isShortOfMemory: boolean;
  /** Connections failed for want of files, ports or buffers of this machine. */
  readonly isShortOfSockets: boolean;
}

const INITIAL = 128;
const MIN = 16;
const GROWTH = 1.5;
/** Timers that fire later than this mean that everything waits, also submissions and answers. */
const HIGH_DELAY_MS = 100;
const LOW_DELAY_MS = 25;
const BUSY_LOOP = 0.97;
/** Samples without growth after it has shrunk: what was in flight has to go before the effect can be seen. */
const HOLD_SAMPLES = 8;

/**
 * How many fetches a worker should have in flight: as many as the machine bears. It grows by half while every slot is used and
 * the event loop has time; it shrinks when timers fire late, memory or sockets run out. Between the two bounds of the delay it
 * stays, and for a while after it has shrunk, so that it does not swing.
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

  /** Takes one sample; they are to come at equal distances. @returns the limit from now on */
  observe(sample: LoadSample): number {
    if (sample.isShortOfSockets) this.#shrink(0.7);
    else if (sample.isShortOfMemory || sample.loopDelayMs > HIGH_DELAY_MS) this.#shrink(0.85);
    else if (this.#hold > 0) this.#hold -= 1;
    else if (sample.isFull && hasRoom(sample)) this.#current = Math.min(this.#max, Math.ceil(this.#current * GROWTH));
    return this.#current;
  }

  #shrink(factor: number): void {
    // It does not shrink again before the last step can have worked.
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
