import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import type { Logger } from '../telemetry/logger';
import { ChildOutput, guardedSpawn } from './child-process';
import type { GuardedChild, GuardedSpawnOptions } from './child-process';
import { EmbeddedServerError } from './embedded-server-error';

/** One run of the child, from its start to its end. */
interface Run {
  readonly child: GuardedChild;
  /** Resolves with a phrase about how it ended, once its output has been read too. */
  readonly died: Promise<string>;
}

export interface SupervisedChildOptions extends Omit<GuardedSpawnOptions, 'args' | 'orphanPatienceSeconds'> {
  /** Name of the server for people, such as "PostgreSQL". */
  readonly name: string;
  /** Called before every start, so that a restart may use another free port. */
  readonly args: () => readonly string[] | Promise<readonly string[]>;
  /** Runs before every start, restarts included. */
  readonly beforeStart?: () => Promise<void>;
  readonly onSpawn?: (pid: number) => void;
  /** Called every 25 ms during each start. False means "not yet"; a throw means that waiting is useless. */
  readonly isReady: () => Promise<boolean>;
  /** @default 30_000 */
  readonly readyTimeoutMs?: number;
  readonly onLine?: (line: string) => void;
  readonly logger: Logger;
  /** Time between SIGINT and SIGKILL when this process is gone. @default 10 */
  readonly orphanPatienceSeconds?: number;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 10_000;
/** Time after which a child counts as healthy, so that its next restart is quick again. */
const HEALTHY_AFTER_MS = 60_000;

/**
 * Runs a server as a child process: waits until it is ready, restarts it when it dies, stops it with SIGINT, and never leaves it behind.
 */
export class SupervisedChild {
  readonly #options: SupervisedChildOptions;
  readonly #output: ChildOutput;
  readonly #stopping = new AbortController();
  #run: Run | undefined;
  #started: Promise<void> | undefined;
  #restarting: Promise<void> = Promise.resolve();
  #backoffMs = FIRST_BACKOFF_MS;
  #ends = 0;

  constructor(options: SupervisedChildOptions) {
    this.#options = options;
    this.#output = new ChildOutput((line) => options.onLine?.(line));
  }

  /** Process id; undefined while the child is not running. */
  get pid(): number | undefined {
    return this.#run?.child.pid;
  }

  /** How often it ended unexpectedly after it had been ready. */
  get unexpectedEnds(): number {
    return this.#ends;
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** The last lines that the child wrote, oldest first. */
  lastOutput(): string {
    return this.#output.lastLines;
  }

  /**
   * Resolves once `isReady`. Otherwise rejects with an `EmbeddedServerError` that holds the last output, and leaves nothing running.
   * @param signal aborts the start, which then rejects with its reason
   */
  start(signal?: AbortSignal): Promise<void> {
    return (this.#started ??= this.#startUnless(signal));
  }

  /** Sends SIGINT, then SIGKILL after `timeoutMs`. Resolves when the child has ended; may be called twice and at any time. */
  async stop({ timeoutMs = 8_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#stopping.abort(new Error(`${this.#options.name} is being stopped`));
    await this.#end(timeoutMs);
    await this.#started?.catch(() => undefined);
    await this.#restarting;
  }

  async #startUnless(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const onAbort = (): void => void this.stop().catch(() => undefined);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#supervise(await this.#runOnce());
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Starts it and waits until it is ready. */
  async #runOnce(): Promise<Run> {
    const { name, beforeStart, onSpawn, isReady, readyTimeoutMs = 30_000 } = this.#options;
    this.#output.clear();
    await beforeStart?.();
    const args = await this.#options.args();
    this.#stopping.signal.throwIfAborted();
    const child = guardedSpawn({ orphanPatienceSeconds: 10, ...this.#options, args });
    const run: Run = { child, died: waitForEnd(child) };
    this.#run = run;
    let end: string | undefined;
    const died = run.died.then((how) => {
      end = how;
      if (this.#run === run) this.#run = undefined;
      return false;
    });
    this.#output.read(child.stdout);
    this.#output.read(child.stderr);
    try {
      if (child.pid !== undefined) onSpawn?.(child.pid);
      const deadline = Date.now() + readyTimeoutMs;
      for (;;) {
        const ready = await Promise.race([isReady(), died]);
        this.#stopping.signal.throwIfAborted();
        // This is checked first, because another process may have answered on its port.
        if (end !== undefined) throw this.#failure(`${name} ended before it was ready: ${end}`);
        if (ready) return run;
        if (Date.now() > deadline) throw this.#failure(`${name} was not ready within ${readyTimeoutMs / 1_000} s`);
        await Promise.race([sleep(25), died]);
      }
    } catch (error) {
      await this.#end(2_000);
      throw error;
    }
  }

  #supervise(run: Run): void {
    const readyAt = Date.now();
    const { name, logger } = this.#options;
    void run.died.then((how) => {
      if (this.isStopping) return;
      this.#ends += 1;
      logger.error({ child: name, how, output: this.lastOutput() }, 'a child process ended unexpectedly');
      if (Date.now() - readyAt > HEALTHY_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
      this.#restarting = this.#restart();
    });
  }

  async #restart(): Promise<void> {
    const { name, logger } = this.#options;
    while (!this.isStopping) {
      const waitMs = this.#backoffMs;
      this.#backoffMs = Math.min(waitMs * 2, MAX_BACKOFF_MS);
      await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.isStopping) return;
      try {
        const run = await this.#runOnce();
        logger.warn({ child: name, pid: run.child.pid, waited_ms: waitMs }, 'a child process was started again');
        this.#supervise(run);
        return;
      } catch (error) {
        const err = isNativeError(error) ? error.message : String(error);
        if (!this.isStopping) logger.error({ child: name, err }, 'a child process could not be started again');
      }
    }
  }

  async #end(timeoutMs: number): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    run.child.kill('SIGINT');
    const patience = new AbortController();
    const late = sleep(timeoutMs, 'late', { signal: patience.signal }).catch(() => 'in time');
    if ((await Promise.race([run.died, late])) === 'late') {
      this.#options.logger.warn({ child: this.#options.name }, 'a child process did not stop in time and was killed');
      run.child.kill('SIGKILL');
    }
    patience.abort();
    await run.died;
    if (this.#run === run) this.#run = undefined;
  }

  #failure(summary: string): EmbeddedServerError {
    const output = this.lastOutput();
    return new EmbeddedServerError(output === '' ? `${summary}.` : `${summary}. Its last lines:\n${output}`);
  }
}

async function waitForEnd(child: GuardedChild): Promise<string> {
  try {
    await once(child, 'exit');
  } catch (error) {
    return `it could not be run (${String(error)})`;
  }
  const open = [child.stdout, child.stderr].filter((stream) => !stream.readableEnded && !stream.destroyed);
  const read = open.map((stream) => once(stream, 'end').catch(() => undefined));
  await Promise.race([Promise.all(read), sleep(300)]); // a grandchild may hold the pipes open for ever
  return child.signalCode === null ? `exit code ${child.exitCode}` : `signal ${child.signalCode}`;
}
