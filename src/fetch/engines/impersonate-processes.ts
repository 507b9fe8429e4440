import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { extname, join } from 'node:path';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { MAX_MESSAGE_HEADER_BYTES, TOKEN_HEADER } from './impersonate-message';
import type { BrowserSettings, BrowserOrder } from './impersonate-message';

type Browser = BrowserSettings['browser'];
export type ProcessSettings = Omit<BrowserSettings, 'token'>;

/** A browser process that listens, and the connections to it. */
export interface BrowserProcess {
  readonly pid: number | undefined;
  readonly isAlive: boolean;
  send(order: BrowserOrder, handler: Dispatcher.DispatchHandler): void;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 2_000;
const MAX_CONNECTIONS = 256;
/** Time after a failed start in which no other is tried. */
const PAUSE_MS = 60_000;

interface Start {
  readonly process: Promise<BrowserProcess | undefined>;
  /** Time of the failure, by `performance.now()`; undefined unless it failed. */
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

  /** Resolves with the process of a browser, or undefined when it cannot be started. */
  async of(browser: Browser): Promise<BrowserProcess | undefined> {
    const start = this.#starts.get(browser) ?? this.#start(browser);
    const process = await start.process;
    const isOver = process === undefined ? performance.now() - (start.failedAt ?? 0) > PAUSE_MS : !process.isAlive;
    if (!isOver || this.#isStopped) return process;
    if (this.#starts.get(browser) === start) this.#starts.delete(browser); // otherwise a concurrent call has started it again already
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

/** Starts a browser process. Rejects when it does not come up, and leaves nothing running then. */
async function startBrowserProcess(settings: ProcessSettings): Promise<BrowserProcess> {
  const token = randomBytes(24).toString('base64url');
  // The program lies beside this file. Under test it is TypeScript, which tsx loads.
  const extension = extname(__filename);
  const child = fork(join(__dirname, `impersonate-main${extension}`), [], {
    execArgv: ['--expose-gc', ...(extension === '.ts' ? ['--import', 'tsx'] : [])],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('error', () => undefined); // The event means that a message cannot be sent; the exit of the process is handled elsewhere.
  try {
    child.send({ ...settings, token } satisfies BrowserSettings);
    const port = await portOf(child, gone);
    child.unref();
    child.channel?.unref();
    return running(child, gone, { port, token });
  } catch (error) {
    await stop(child, gone);
    throw error;
  }
}

function running(
  child: ChildProcess,
  gone: Promise<void>,
  { port, token }: { readonly port: number; readonly token: string },
): BrowserProcess {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    headersTimeout: 0, // the attempt's clock ends the request
    bodyTimeout: 0,
    maxHeaderSize: MAX_MESSAGE_HEADER_BYTES,
  });
  void gone.then(() => pool.destroy());
  return {
    pid: child.pid,
    get isAlive() {
      return child.exitCode === null && child.signalCode === null;
    },
    send(order, handler) {
      const headers = { [TOKEN_HEADER]: token };
      pool.dispatch({ path: '/', method: 'POST', headers, body: JSON.stringify(order) }, handler);
    },
    async stop() {
      await pool.destroy();
      await stop(child, gone);
    },
  };
}

function portOf(child: ChildProcess, gone: Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the browser process did not start in time')), START_TIMEOUT_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as { readonly port: number }).port); // as: sent by our own program
    });
    void gone.then(() => {
      clearTimeout(timer);
      reject(new Error('the browser process ended while it started'));
    });
  });
}

/** Ends the process: it exits when its IPC channel closes, and is killed when it does not. */
async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.ref();
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(timer);
}
