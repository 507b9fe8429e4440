import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { threadFile } from './thread-file';
import type { ThreadAnswer, ThreadTask } from './thread-task';

export interface ThreadLimits {
  /** Of one task. */
  readonly timeLimitMs: number;
  /** Of the thread's heap. */
  readonly memoryMb: number;
  /** How long it waits for another task before it ends. */
  readonly idleMs: number;
}

/** Loading the code takes 50 ms, of the sources under load some seconds. */
const START_LIMIT_MS = 30_000;
const YOUNG_GENERATION_MB = 16;

/**
 * A thread that is ended when a task takes too long or too much memory, whatever it is doing; the next task gets a new one.
 * One task at a time.
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
      worker.unref(); // an idle thread keeps no process alive
      this.#idleTimer = setTimeout(() => void this.#end(), this.#limits.idleMs).unref();
      return answer;
    }
    this.#worker = undefined;
    await worker.terminate(); // before there is another one, so that there are never more than wanted
    return { kind: 'failed', reason: answer.reason };
  }

  /** For good. What is running fails. */
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
      env: {}, // what pages are read by needs to know no secret
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    try {
      await once(worker, 'message', { signal: AbortSignal.timeout(START_LIMIT_MS) }); // rejects with what it fails with
      worker.on('error', () => undefined); // one that fails between two tasks is noticed by its end
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
