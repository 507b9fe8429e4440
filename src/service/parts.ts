import type { Logger } from '../telemetry/logger';

/** Ends one part of the process. */
export type Close = () => unknown;

/** The parts of a process that have been opened so far. They are closed in reverse order, also when a later one fails to open. */
export class Parts {
  readonly #logger: Logger;
  readonly #open: { readonly name: string; readonly close: Close }[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Notes a part as opened. */
  push(name: string, close: Close): void {
    this.#open.push({ name, close });
  }

  /** Closes every part, the last opened first. One that fails to close is logged, and keeps none of the others open. */
  async close(): Promise<void> {
    for (let part = this.#open.pop(); part !== undefined; part = this.#open.pop()) {
      try {
        await part.close();
      } catch (error) {
        this.#logger.error({ err: String(error), part: part.name }, 'a part did not stop cleanly');
      }
    }
  }
}
