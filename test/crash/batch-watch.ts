import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../support/test-service';

export interface Counts {
  readonly total: number;
  readonly queued: number;
  readonly running: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface Sample {
  /** When it was asked for, on the clock of `performance.now()`. */
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  readonly status: string;
  readonly counts: Counts;
}

export interface BatchWatchDeps {
  /** One `GET /batches/:id`. */
  readonly poll: () => Promise<Answer>;
  /** True while the API itself has been killed: then, and only then, its connections may break. */
  readonly mayBeGone: () => boolean;
}

const POLL_EVERY_MS = 20;

/** Polls a batch all the time. Every reply has to be right, whatever is dead at the moment. */
export class BatchWatch {
  readonly samples: Sample[] = [];
  readonly #problems = new Set<string>();
  readonly #deps: BatchWatchDeps;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;

  constructor(deps: BatchWatchDeps) {
    this.#deps = deps;
    this.#running = this.#run();
  }

  get problems(): readonly string[] {
    return [...this.#problems];
  }

  get latest(): Sample | undefined {
    return this.samples.at(-1);
  }

  /** Resolves with the first sample for which `isIt` holds. @throws after `timeoutMs` */
  async until(what: string, timeoutMs: number, isIt: (sample: Sample) => boolean): Promise<Sample> {
    const deadline = performance.now() + timeoutMs;
    for (let seen = 0; ;) {
      for (; seen < this.samples.length; seen++) {
        const sample = this.samples[seen];
        if (sample !== undefined && isIt(sample)) return sample;
      }
      if (performance.now() > deadline)
        throw new Error(`not ${what} within ${timeoutMs / 1_000} s; last seen: ${JSON.stringify(this.latest)}`);
      await sleep(POLL_EVERY_MS / 2);
    }
  }

  /**
   * From `sinceMs` until more was finished than at the first reply after it. Undefined when nothing was left to finish, or
   * nothing came.
   */
  recoveryMs(sinceMs: number): number | undefined {
    const later = this.samples.filter(({ askedAtMs }) => askedAtMs >= sinceMs);
    const before = later[0]?.counts.finished ?? 0;
    const first = later.find(({ counts }) => counts.finished > before);
    return first === undefined ? undefined : first.answeredAtMs - sinceMs;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const askedAtMs = performance.now();
      const wasGone = this.#deps.mayBeGone();
      try {
        const { status, body } = await this.#deps.poll();
        if (status === 200) this.#take({ askedAtMs, answeredAtMs: performance.now(), ...body });
        else if (status !== 503) this.#problems.add(`a poll was answered with ${status}`);
      } catch (error) {
        if (!wasGone && !this.#deps.mayBeGone()) this.#problems.add(`a poll failed: ${describe(error)}`);
      }
      await sleep(POLL_EVERY_MS);
    }
  }

  #take({ askedAtMs, answeredAtMs, status, counts }: Sample): void {
    const { total, queued, running, finished, failed, cancelled } = counts;
    const parts = [queued, running, finished, failed, cancelled];
    if (parts.some((part) => part < 0) || parts.reduce((sum, part) => sum + part, 0) !== total)
      this.#problems.add(`counts that do not sum to the total: ${JSON.stringify(counts)}`);
    const before = this.latest?.counts.finished ?? 0;
    if (finished < before) this.#problems.add(`finished went from ${before} back to ${finished}`);
    this.samples.push({ askedAtMs, answeredAtMs, status, counts });
  }
}

function describe(error: unknown): string {
  const { message, cause } = error as { message: string; cause?: { message?: string } };
  return cause?.message === undefined ? message : `${message} (${cause.message})`;
}
