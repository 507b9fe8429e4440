import type { BrowserSettings } from './impersonate-message';
import { startBrowserProcess } from './impersonate-process';
import type { BrowserProcess, ProcessSettings } from './impersonate-process';

type Browser = BrowserSettings['browser'];

/** After a failed start, so long nobody waits for another one. */
const PAUSE_MS = 60_000;

interface Start {
  readonly process: Promise<BrowserProcess | undefined>;
  /** Of a failed one. */
  failedAt: number | undefined;
}

/** One process per browser: started when it is first asked for, and again when it has ended by itself. */
export class BrowserProcesses {
  readonly #settings: Omit<ProcessSettings, 'browser'>;
  readonly #onStartFailure: ((error: unknown) => void) | undefined;
  readonly #open: typeof startBrowserProcess;
  readonly #starts = new Map<Browser, Start>();
  #isStopped = false;

  constructor(
    settings: Omit<ProcessSettings, 'browser'>,
    onStartFailure?: (error: unknown) => void,
    open = startBrowserProcess,
  ) {
    this.#settings = settings;
    this.#onStartFailure = onStartFailure;
    this.#open = open;
  }

  /** Undefined when it cannot be started. */
  async of(browser: Browser): Promise<BrowserProcess | undefined> {
    const start = this.#starts.get(browser) ?? this.#start(browser);
    const process = await start.process;
    const isOver = process === undefined ? performance.now() - (start.failedAt ?? 0) > PAUSE_MS : !process.isAlive;
    if (!isOver || this.#isStopped) return process;
    if (this.#starts.get(browser) === start) this.#starts.delete(browser); // else somebody else has started it again already
    return this.of(browser);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#starts.values()].map(async (start) => (await start.process)?.stop()));
  }

  #start(browser: Browser): Start {
    const starting = this.#isStopped ? Promise.resolve(undefined) : this.#open({ ...this.#settings, browser });
    const start: Start = {
      failedAt: undefined,
      process: starting.catch((error: unknown) => {
        start.failedAt = performance.now();
        this.#onStartFailure?.(error);
        return undefined;
      }),
    };
    this.#starts.set(browser, start);
    return start;
  }
}
