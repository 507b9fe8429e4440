import type { Logger } from './logger';

/** Place of a page that could not be given out, and what is wrong with it. */
export interface DamagedPage {
  readonly message: string;
  readonly place: {
    readonly jobId: string;
    readonly segment: string;
    readonly offset: number;
    readonly length: number;
  };
}

/** Counts the readings that found a page damaged, and logs each, because somebody has to check that disk. */
export class DamagedPages {
  readonly #logger: Logger;
  #found = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Readings since the process began that found damage. The same page counts each time that it is asked for. */
  get found(): number {
    return this.#found;
  }

  note({ message, place }: DamagedPage): void {
    this.#found += 1;
    const { jobId, segment, offset, length } = place;
    this.#logger.error(
      { job_id: jobId, segment, offset, length, err: message, damaged_pages_found: this.#found },
      'a stored page is damaged and is not given out',
    );
  }
}
