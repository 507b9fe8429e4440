import { once } from './once';

/** A semaphore: `count` callers may be at work at a time, and the others wait in turn. */
export class Permits {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a permit. @returns the function that gives it back; more calls are harmless */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return once(() => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    });
  }
}
