import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ThreadAnswer, ThreadTask } from './thread-task';

interface ThreadLimits {
  /** Time for one task (ms). */
  readonly timeLimitMs: number;
  /** Limit for the thread's heap (MB). */
  readonly memoryMb: number;
  /** How long it waits for another task before it ends (ms). */
  readonly idleMs: number;
}

/** Loading the code takes 50 ms; loading the sources on a busy machine takes some seconds. */
const START_LIMIT_MS = 30_000;
const YOUNG_GENERATION_MB = 16;

/**
 * A thread that is ended when a task takes too long or too much memory, whatever it is doing; the next task gets a new one.
 * It runs one task at a time.
 */
export class LimitedThread {
  readonly #limits: ThreadLimits;
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(limits: ThreadLimits) {
    this.#limits = limits;
  }

  /** @throws when the thread cannot be started */
  async run(task: ThreadTask): Promise<ThreadAnswer> {
    clearTimeout(this.#idleTimer);
    const worker = this.#worker ?? (await this.#start());
    this.#worker = worker;
    if (this.#isClosed) {
      await this.#end();
      return { kind: 'failed', reason: 'the thread ended' };
    }
    worker.ref();
    const answer = await this.#answer(worker, task);
    if (answer.kind !== 'ended') {
      worker.unref(); // An idle thread keeps no process alive.
      this.#idleTimer = setTimeout(() => void this.#end(), this.#limits.idleMs).unref();
      return answer;
    }
    this.#worker = undefined;
    await worker.terminate(); // It ends before another one starts, so that there are never more than wanted.
    return { kind: 'failed', reason: answer.reason };
  }

  /** Ends the thread for good. A task that runs fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #start(): Promise<Worker> {
    const { path, execArgv } = threadFile();
    const { memoryMb } = this.#limits;
    const worker = new Worker(path, {
      execArgv: [...execArgv],
      env: {}, // Code that reads pages needs no secrets.
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    try {
      await once(worker, 'message', { signal: AbortSignal.timeout(START_LIMIT_MS) }); // It rejects with the worker's error.
      worker.on('error', () => undefined); // A worker that fails between two tasks is noticed by its exit.
      worker.on('exit', () => {
        if (this.#worker === worker) this.#worker = undefined;
      });
      return worker;
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  #answer(
    worker: Worker,
    task: ThreadTask,
  ): Promise<ThreadAnswer | { readonly kind: 'ended'; readonly reason: string }> {
    return new Promise((resolve) => {
      const settle = (answer: ThreadAnswer | { readonly kind: 'ended'; readonly reason: string }): void => {
        clearTimeout(timer);
        worker.off('message', settle).off('error', onError).off('exit', onExit);
        resolve(answer);
      };
      const onError = (error: unknown): void =>
        settle({ kind: 'ended', reason: isOutOfMemory(error) ? 'memory limit' : 'the thread failed' });
      const onExit = (): void => settle({ kind: 'ended', reason: 'the thread ended' });
      const timer = setTimeout(() => settle({ kind: 'ended', reason: 'time limit' }), this.#limits.timeLimitMs);
      worker.on('message', settle).on('error', onError).on('exit', onExit);
      worker.postMessage(task, [task.page.body.buffer]);
    });
  }
}

const isOutOfMemory = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

interface ThreadFile {
  readonly path: string;
  readonly execArgv: readonly string[];
}

/** Finds what a conversion thread runs. Where the sources run directly, as under Jest, the thread needs a loader for them. */
function threadFile(): ThreadFile {
  const compiled = join(__dirname, 'thread.js');
  if (existsSync(compiled)) return { path: compiled, execArgv: [] };
  return { path: join(__dirname, 'thread.ts'), execArgv: ['--require', 'tsx/cjs'] };
}
