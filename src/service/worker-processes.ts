import type { WorkerProcessCounts } from '../api/routes/health';
import { SupervisedChild } from '../embedded/supervised-child';
import type { Logger } from '../telemetry/logger';
import type { Addresses } from './open-servers';

/** Set for a worker process that another everfetch has started: its number, from 2 on. */
export const WORKER_NUMBER = 'EVERFETCH_WORKER_NUMBER';
/** What such a process writes to standard output once it takes work. */
export const READY_LINE = 'everfetch: this worker is ready';

export interface WorkerProcessesOptions {
  /** How many there are to be, besides this process. */
  readonly count: number;
  /** The program `everfetch`. */
  readonly everfetchBin: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly addresses: Pick<Addresses, 'databaseUrl' | 'temporalAddress'>;
  readonly logger: Logger;
  /** Takes what they write, line by line. */
  readonly say: (line: string) => void;
}

/**
 * Most that V8 may keep for the objects of a worker (MB); without a bound it would be 2 to 4 GB. With the byte budget of 128 MB, which
 * lies outside of it, and native code, a worker stays below 1 GB, which is what `worker-count` reckons with.
 */
const WORKER_HEAP_MB = 768;
/** A worker has 20 s for what it is fetching, and a little for the rest. */
const STOP_MS = 25_000;
const READY_MS = 60_000;
/** When this process is gone, so are perhaps the servers that it had started, and what is being fetched cannot be kept. */
const ORPHAN_PATIENCE_S = 5;

/**
 * The further workers of a start, each a process of its own, because one process uses little more than one core. The process
 * that starts them is the first worker. One that dies is started again; all end with this process, however that ends.
 */
export class WorkerProcesses {
  readonly #children: readonly WorkerProcess[];

  constructor(options: WorkerProcessesOptions) {
    this.#children = Array.from({ length: options.count }, (_, index) => new WorkerProcess(options, index + 2));
  }

  state(): WorkerProcessCounts {
    return {
      wanted: this.#children.length,
      running: this.#children.filter(({ isReady }) => isReady).length,
      ended: this.#children.reduce((sum, { ends }) => sum + ends, 0),
    };
  }

  /**
   * Resolves when all of them take work.
   * @throws EmbeddedServerError with the last lines of one that did not start; then none is left
   */
  async start(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all(this.#children.map((child) => child.start(signal)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Lets all of them finish what they are fetching; resolves when they have ended. It may be called twice. */
  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }
}

class WorkerProcess {
  readonly #child: SupervisedChild;
  #hasSaidReady = false;

  constructor({ everfetchBin, env, addresses, logger, say }: WorkerProcessesOptions, number: number) {
    const name = `worker ${number}`;
    this.#child = new SupervisedChild({
      name,
      command: process.execPath,
      args: () => [`--max-old-space-size=${WORKER_HEAP_MB}`, ...process.execArgv, everfetchBin, 'worker'],
      env: {
        ...definedIn(env),
        DATABASE_URL: addresses.databaseUrl,
        TEMPORAL_ADDRESS: addresses.temporalAddress,
        // MAX_BROWSER_PAGES is about the machine: the first worker has the browser, whose work is done in processes of its own.
        BROWSER: 'off',
        WORKERS: '1',
        [WORKER_NUMBER]: String(number),
      },
      cwd: process.cwd(),
      beforeStart: () => {
        this.#hasSaidReady = false;
        return Promise.resolve();
      },
      isReady: () => Promise.resolve(this.#hasSaidReady),
      readyTimeoutMs: READY_MS,
      onLine: (line) => {
        if (line === READY_LINE) this.#hasSaidReady = true;
        // A line of the log names the worker itself.
        else say(line.startsWith('{') ? line : `${name}: ${line}`);
      },
      orphanPatienceSeconds: ORPHAN_PATIENCE_S,
      logger,
    });
  }

  get ends(): number {
    return this.#child.unexpectedEnds;
  }

  get isReady(): boolean {
    return this.#hasSaidReady && this.#child.pid !== undefined;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#child.start(signal);
  }

  stop(): Promise<void> {
    return this.#child.stop({ timeoutMs: STOP_MS });
  }
}

const definedIn = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
