import type { BrowserContext } from 'playwright-core';
import { parseUrl } from '../../net/parse-url';
import { BodyTooLargeError } from '../../http/body-errors';
import { ForbiddenTargetError } from '../../net/guard';
import type { BrowserEngineOptions, RenderOrder, RenderedPage } from './browser-engine';
import { endsWithin } from './browser-process';
import { deviceProfile } from './device-profile';
import type { DeviceProfile } from './device-profile';
import { IsolatedWorld } from './isolated-world';
import { textOf, selectorTimeout } from './load-page';
import type { BrowserPage } from './load-page';
import { MainDocument } from './main-document';
import { NetworkActivity } from './network-activity';
import type { NetworkLimits } from './network-activity';
import { netErrorIn, networkErrorOf, RenderError } from './render-error';
import { addCookies } from './page-cookies';
import { renderOrder } from './render-order';
import type { RenderLimits } from './render-order';
import type { RunningBrowser } from './running-browser';
import { untilAborted } from '../../async/until-aborted';

export interface RenderSessionDeps extends Pick<BrowserEngineOptions, 'egress' | 'guard'> {
  readonly browser: RunningBrowser;
  readonly limits: RenderLimits & NetworkLimits;
  readonly onWarning: (message: string) => void;
}

/** Time for a context to close. After that, the browser hangs and is killed. */
const CLOSE_TIMEOUT_MS = 5_000;
/** Number of windows that one page may try to open; each is closed at once. */
const MAX_POPUPS = 20;

/** Renders one order in its own context, which shares no cookie, cache or storage with another. */
export class RenderSession {
  readonly #deps: RenderSessionDeps;
  readonly #order: RenderOrder;
  readonly #signal: AbortSignal;
  readonly #progress = { isWaitingForSelector: false };
  #main: MainDocument | undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** Rejects when the page or the browser crashes. */
  readonly #broken: Promise<never>;

  constructor(deps: RenderSessionDeps, order: RenderOrder, signal: AbortSignal) {
    this.#deps = deps;
    this.#order = order;
    this.#signal = signal;
    this.#broken = new Promise<never>((_resolve, reject) => (this.#fail = reject));
    this.#broken.catch(() => undefined);
  }

  /** Renders the order. Rejects with the signal's reason, a `ForbiddenTargetError`, a `BodyTooLargeError`, an error of the egress proxy, or a {@link RenderError}. */
  async run(): Promise<RenderedPage> {
    const { browser } = this.#deps;
    const offDisconnected = browser.onDisconnected(() => this.#fail(this.#browserGone()));
    const profile = deviceProfile(this.#order.deviceType, browser.version);
    let opening: Promise<BrowserContext> | undefined;
    try {
      const { server } = this.#deps.egress.addressFor(this.#order.proxy);
      opening = browser.newContext({
        ...profile.context,
        // MainDocument provides the credentials, because Playwright would pause every request to do so.
        proxy: { server },
        serviceWorkers: 'block',
        acceptDownloads: false,
      });
      const opened = await this.#unlessBroken(this.#open(await this.#unlessBroken(opening), profile));
      const { limits } = this.#deps;
      const rendering = renderOrder(this.#order, opened, limits, this.#signal);
      rendering.catch(() => undefined);
      return await this.#unlessBroken(Promise.race([rendering, opened.main.failed]));
    } catch (error) {
      throw this.#meaningOf(error);
    } finally {
      offDisconnected();
      if (opening !== undefined) await this.#close(opening);
    }
  }

  async #close(opening: Promise<BrowserContext>): Promise<void> {
    const closing = opening.then((context) => context.close());
    if (await endsWithin(CLOSE_TIMEOUT_MS, closing)) return;
    this.#deps.onWarning('the browser does not answer and is killed');
    this.#deps.browser.kill();
  }

  #unlessBroken<T>(work: Promise<T>): Promise<T> {
    return untilAborted(Promise.race([work, this.#broken]), this.#signal);
  }

  async #open(context: BrowserContext, profile: DeviceProfile): Promise<BrowserPage> {
    const { egress, guard, limits } = this.#deps;
    const [page] = await Promise.all([context.newPage(), addCookies(context, this.#order)]);
    const session = await context.newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const { username, password } = egress.addressFor(this.#order.proxy);
    const main = new MainDocument({
      session,
      mainFrameId: frameTree.frame.id,
      order: this.#order,
      assertUrl: guard.assertUrl,
      credentials: { username, password },
      maxBodyBytes: limits.maxBodyBytes,
    });
    this.#main = main;
    const network = new NetworkActivity(context, session, limits, {
      // The page keeps what it has loaded, and is offline from now on.
      onTooMuch: () => {
        context.setOffline(true).catch(() => undefined);
        session.send('Page.stopLoading').catch(() => undefined);
      },
      onBytes: (requestId, bytes) => main.count(requestId, bytes),
    });
    page.on('crash', () => this.#fail(new RenderError('PAGE_CRASHED', 'the page took the memory or broke the engine')));
    let popups = 0;
    context.on('page', (popup) => {
      popups += 1;
      popup.close().catch(() => undefined);
      if (popups > MAX_POPUPS)
        this.#fail(new RenderError('TOO_MANY_POPUPS', 'the page opens one window after another'));
    });
    await Promise.all([main.watch(), session.send('Emulation.setUserAgentOverride', profile.userAgent)]);
    const progress = this.#progress;
    return { context, page, session, main, network, progress, world: new IsolatedWorld(session, frameTree.frame.id) };
  }

  /** Translates errors of the browser into ours. */
  #meaningOf(error: unknown): unknown {
    const isOrderedByCaller = this.#signal.aborted && error === this.#signal.reason;
    if (isOrderedByCaller) return this.#progress.isWaitingForSelector ? selectorTimeout(error) : error;
    if (error instanceof RenderError || error instanceof ForbiddenTargetError || error instanceof BodyTooLargeError)
      return error;
    const netError = netErrorIn(textOf(error)) ?? this.#main?.netError;
    if (netError !== undefined) {
      const url = parseUrl(this.#main?.url ?? '');
      const trouble =
        url === undefined || !netError.isOfProxy ? undefined : this.#deps.egress.troubleOf(this.#order.proxy, url);
      return trouble ?? networkErrorOf(netError);
    }
    if (!this.#deps.browser.isConnected) return this.#browserGone();
    return new RenderError('NAVIGATION_FAILED', 'the browser could not render the page', { cause: error });
  }

  #browserGone(): RenderError {
    return this.#deps.browser.isClosing
      ? new RenderError('FETCHER_CLOSED', 'the browser has been closed')
      : new RenderError('BROWSER_CRASHED', 'the browser has ended');
  }
}
