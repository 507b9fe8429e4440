import type { BrowserSource } from './browser-engine';
import { RenderError } from './render-error';
import { RunningBrowser } from './running-browser';
import { untilAborted } from '../../async/until-aborted';

export interface BrowserPoolOptions {
  readonly source: BrowserSource;
  /** Number of pages after which a browser is replaced. */
  readonly pagesPerBrowser: number;
  /** Memory of all its processes, in bytes, beyond which a browser is replaced. */
  readonly maxMemoryBytes: number;
  readonly onWarning: (message: string) => void;
}

/** The use of a browser for one page. */
export interface BrowserLease {
  readonly browser: RunningBrowser;
  readonly end: () => void;
}

/** One run of the browser, from start to end. */
interface Life {
  readonly browser: RunningBrowser;
  openPages: number;
  servedPages: number;
  /** True: it takes no new page. */
  isWorn: boolean;
}

/** Memory is checked at this interval only, because reading some twenty processes takes milliseconds. */
const MEMORY_CHECK_EVERY_MS = 1_000;

/**
 * Keeps one browser, started for the first page and again after a crash. A browser that has loaded many pages or uses much memory takes no
 * new page, and is closed when its open pages are done; the next page starts a new one.
 */
export class BrowserPool {
  readonly #options: BrowserPoolOptions;
  #current: Promise<Life> | undefined;
  readonly #lives = new Set<Life>();
  readonly #closing = new Set<Promise<void>>();
  #memoryCheckedAt = 0;
  #isClosed = false;

  constructor(options: BrowserPoolOptions) {
    this.#options = options;
  }

  /** Starts or reuses the browser. Rejects with the signal's reason, or with a {@link RenderError}. */
  async lease(signal: AbortSignal): Promise<BrowserLease> {
    for (;;) {
      if (this.#isClosed) throw new RenderError('FETCHER_CLOSED', 'the browser has been closed');
      const starting = (this.#current ??= this.#start());
      const life = await untilAborted(starting, signal);
      if (!life.isWorn && life.browser.isConnected) {
        life.openPages += 1;
        life.servedPages += 1;
        return { browser: life.browser, end: () => this.#leave(life) };
      }
      if (this.#current === starting) this.#current = undefined;
      life.isWorn = true;
      if (life.openPages === 0) this.#retire(life);
    }
  }

  /** Closes all browsers; open pages fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#current?.catch(() => undefined);
    for (const life of this.#lives) this.#retire(life);
    await Promise.all(this.#closing);
  }

  async #start(): Promise<Life> {
    try {
      const browser = await RunningBrowser.start(this.#options.source);
      const life = { browser, openPages: 0, servedPages: 0, isWorn: false };
      this.#lives.add(life);
      return life;
    } catch (error) {
      this.#current = undefined; // the next page tries again
      this.#options.onWarning('the browser could not be started');
      throw new RenderError('BROWSER_UNAVAILABLE', 'the browser could not be started', { cause: error });
    }
  }

  #leave(life: Life): void {
    life.openPages -= 1;
    life.isWorn ||= this.#hasWorn(life);
    if (life.isWorn && life.openPages === 0) this.#retire(life);
  }

  #hasWorn({ browser, servedPages }: Life): boolean {
    if (!browser.isConnected || servedPages >= this.#options.pagesPerBrowser) return true;
    const now = performance.now();
    if (now - this.#memoryCheckedAt < MEMORY_CHECK_EVERY_MS) return false;
    this.#memoryCheckedAt = now;
    const bytes = browser.memoryBytes() ?? 0;
    if (bytes <= this.#options.maxMemoryBytes) return false;
    this.#options.onWarning(`the browser has grown to ${Math.round(bytes / 2 ** 20)} MB and is replaced`);
    return true;
  }

  #retire(life: Life): void {
    if (!this.#lives.delete(life)) return;
    const closing = life.browser.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
