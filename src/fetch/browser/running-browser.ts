import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, BrowserType } from 'playwright-core';
import type { BrowserSource } from './browser-engine';
import {
  browserEnvironment,
  endsWithin,
  makeBrowserHome,
  processTreeMemory,
  removeBrowserHome,
} from './browser-process';
import { UNWANTED_DEFAULT_SWITCHES, chromiumSwitches } from './chromium-switches';
import { userAgentOf } from './device-profile';

const LAUNCH_TIMEOUT_MS = 30_000;
/** A browser that does not close in this time is killed. */
const CLOSE_TIMEOUT_MS = 5_000;
/** Version in the fallback user agent; pages get the real one. */
const FALLBACK_MAJOR = 151;

/** A browser process that runs, or a browser that was joined. */
export class RunningBrowser {
  readonly version: string;
  /** Process id; undefined for a browser that was joined. */
  readonly pid: number | undefined;
  readonly #browser: Browser;
  readonly #home: string | undefined;
  #closed: Promise<void> | undefined;

  private constructor(browser: Browser, pid: number | undefined, home: string | undefined) {
    this.#browser = browser;
    this.version = browser.version();
    this.pid = pid;
    this.#home = home;
  }

  static async start(source: BrowserSource): Promise<RunningBrowser> {
    const { chromium } = await import('playwright-core');
    return source.kind === 'cdp' ? this.#join(chromium, source.url) : this.#launch(chromium, source.path);
  }

  static async #join(chromium: BrowserType, url: string): Promise<RunningBrowser> {
    return new RunningBrowser(await chromium.connectOverCDP(url, { timeout: LAUNCH_TIMEOUT_MS }), undefined, undefined);
  }

  static async #launch(chromium: BrowserType, executablePath: string): Promise<RunningBrowser> {
    const home = await makeBrowserHome();
    try {
      // Only a persistent context accepts our own profile folder; pages never use this context.
      const own = await chromium.launchPersistentContext(join(home, 'profile'), {
        executablePath,
        headless: true,
        // Chromium's sandbox needs a user that is not root; see docs/rendering.md.
        chromiumSandbox: process.getuid?.() !== 0,
        args: [...chromiumSwitches(userAgentOf('desktop', FALLBACK_MAJOR))],
        ignoreDefaultArgs: [...UNWANTED_DEFAULT_SWITCHES],
        artifactsDir: join(home, 'artifacts'),
        env: browserEnvironment(home),
        // The pool closes the browser, once the jobs in flight have ended.
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
        timeout: LAUNCH_TIMEOUT_MS,
      });
      const browser = own.browser();
      if (browser === null) throw new Error('the browser has no handle');
      return new RunningBrowser(browser, await pidOf(browser), home);
    } catch (error) {
      await removeBrowserHome(home);
      throw error;
    }
  }

  get isConnected(): boolean {
    return this.#closed === undefined && this.#browser.isConnected();
  }

  /** True once {@link close} has been called. */
  get isClosing(): boolean {
    return this.#closed !== undefined;
  }

  newContext(options: BrowserContextOptions): Promise<BrowserContext> {
    return this.#browser.newContext(options);
  }

  onDisconnected(listener: () => void): () => void {
    this.#browser.once('disconnected', listener);
    return () => void this.#browser.off('disconnected', listener);
  }

  /** Memory of all its processes in bytes; undefined where it cannot be determined. */
  memoryBytes(): number | undefined {
    return this.pid === undefined ? undefined : processTreeMemory(this.pid);
  }

  /** Closes the browser, by force when it does not respond. Open contexts fail. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    const isClosed = await endsWithin(CLOSE_TIMEOUT_MS, this.#browser.close());
    if (!isClosed) this.kill();
    if (this.#home !== undefined) await removeBrowserHome(this.#home);
  }

  /** Kills a browser that does not respond any more. */
  kill(): void {
    if (this.pid === undefined || !this.#browser.isConnected()) return;
    try {
      process.kill(process.platform === 'win32' ? this.pid : -this.pid, 'SIGKILL'); // the browser leads its own process group
    } catch {
      // it has ended already
    }
  }
}

async function pidOf(browser: Browser): Promise<number | undefined> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.find(({ type }) => type === 'browser')?.id;
}
