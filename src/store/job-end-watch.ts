import { Poller } from '../async/poller';
import type { Queryable } from './database';

export interface JobEndWatchOptions {
  /** Which of these jobs are still running. */
  readonly findRunning: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Callers that may wait at the same time. @default 1000 */
  readonly maxWaiting?: number;
  /** Time between two questions (ms). @default 100 */
  readonly everyMs?: number;
}

/** The right of one caller to wait. It has to be given back. */
export interface WaitingPlace {
  /**
   * Resolves with true once the job has ended, or its row is gone, and with false when the signal aborts before. It never rejects: while
   * the database is away, nobody has ended.
   */
  ended(id: string, signal: AbortSignal): Promise<boolean>;
  giveBack(): void;
}

/** Waits for the ends of jobs, for many callers with one query every 100 ms. Nothing is asked while nobody waits. */
export class JobEndWatch {
  readonly #options: JobEndWatchOptions;
  readonly #poller: Poller;
  readonly #waiting = new Map<string, Set<() => void>>();
  #places = 0;

  constructor(options: JobEndWatchOptions) {
    this.#options = options;
    const { everyMs = 100 } = options;
    this.#poller = new Poller({ run: () => this.#look(), everyMs, onError: () => undefined });
  }

  /** Undefined when as many callers wait as may. */
  takePlace(): WaitingPlace | undefined {
    if (this.#places >= (this.#options.maxWaiting ?? 1_000)) return undefined;
    this.#places += 1;
    let isTaken = true;
    return {
      ended: (id, signal) => this.#ended(id, signal),
      giveBack: () => {
        if (isTaken) this.#places -= 1;
        isTaken = false;
      },
    };
  }

  #ended(id: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const leave = (hasEnded: boolean) => {
        signal.removeEventListener('abort', onAbort);
        this.#forget(id, onEnd);
        resolve(hasEnded);
      };
      const onAbort = () => leave(false);
      const onEnd = () => leave(true);
      signal.addEventListener('abort', onAbort, { once: true });
      const known = this.#waiting.get(id);
      if (known === undefined) this.#waiting.set(id, new Set([onEnd]));
      else known.add(onEnd);
      this.#poller.start();
    });
  }

  #forget(id: string, onEnd: () => void): void {
    const known = this.#waiting.get(id);
    known?.delete(onEnd);
    if (known?.size === 0) this.#waiting.delete(id);
    if (this.#waiting.size === 0) void this.#poller.stop();
  }

  async #look(): Promise<void> {
    const asked = [...this.#waiting.keys()];
    if (asked.length === 0) return;
    const running = await this.#options.findRunning(asked);
    for (const id of asked) if (!running.has(id)) for (const onEnd of [...(this.#waiting.get(id) ?? [])]) onEnd();
  }
}

/** Which of these jobs have a row that has not ended. */
export async function findRunning(db: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const sql = `select id from jobs where id = any($1::uuid[]) and status = 'running'`;
  return new Set((await db.query<{ id: string }>(sql, [ids], 'find-running')).map(({ id }) => id));
}
