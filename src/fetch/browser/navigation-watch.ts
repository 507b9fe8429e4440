import type { CDPSession } from 'playwright-core';

/** A page with a refresh after a longer time is meant to be read. */
const MAX_DELAY_SECONDS = 3;

/** Tells whether the page is navigating to another one: by a script, a form, a click, or a refresh that is due soon. */
export class NavigationWatch {
  /** Number of documents that have arrived, and of files that were taken. */
  arrivals = 0;
  #isScheduled = false;
  #isStarted = false;
  readonly #waiting = new Set<() => void>();

  constructor(session: CDPSession, mainFrameId: string) {
    session.on('Page.frameScheduledNavigation', ({ frameId, delay }) => {
      if (frameId === mainFrameId) this.#isScheduled = delay <= MAX_DELAY_SECONDS;
    });
    session.on('Page.frameClearedScheduledNavigation', ({ frameId }) => {
      if (frameId !== mainFrameId) return;
      this.#isScheduled = false;
      this.#wake();
    });
    session.on('Page.frameStartedNavigating', ({ frameId, navigationType }) => {
      if (frameId === mainFrameId && !/sameDocument/i.test(navigationType)) this.#isStarted = true;
    });
    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.id === mainFrameId) this.end();
    });
    session.on('Page.frameStoppedLoading', ({ frameId }) => {
      if (frameId !== mainFrameId) return;
      this.#isStarted = false; // this also comes when the navigation failed
      this.#wake();
    });
  }

  get isUnderWay(): boolean {
    return this.#isScheduled || this.#isStarted;
  }

  /** Notes that the page has arrived, or turned out to be a file. */
  end(): void {
    this.arrivals += 1;
    this.#isScheduled = false;
    this.#isStarted = false;
    this.#wake();
  }

  /** Resolves at the next change, or after `timeoutMs`. */
  changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(), timeoutMs);
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }
}
