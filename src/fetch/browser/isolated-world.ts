import type { CDPSession } from 'playwright-core';
import { RenderError } from './render-error';

/** Number of times that a script is started, when navigations of the page end it. */
const MAX_TRIES = 25;

/**
 * Runs our scripts where those of the page cannot interfere: in the same document, but with separate prototypes and globals.
 */
export class IsolatedWorld {
  readonly #session: CDPSession;
  readonly #frameId: string;

  constructor(session: CDPSession, frameId: string) {
    this.#session = session;
    this.#frameId = frameId;
  }

  /** Evaluates an expression. @param expression may yield a promise; its value is handed over as JSON */
  async evaluate(expression: string): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(expression);
      } catch (error) {
        if (error instanceof RenderError || tries === MAX_TRIES || !isOfNavigation(error)) throw error;
      }
    }
  }

  async #once(expression: string): Promise<unknown> {
    const { executionContextId } = await this.#session.send('Page.createIsolatedWorld', {
      frameId: this.#frameId,
      worldName: 'w',
    });
    const { result, exceptionDetails } = await this.#session.send('Runtime.evaluate', {
      expression,
      contextId: executionContextId,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new RenderError('NOT_A_DOCUMENT', 'the page could not be read');
    return result.value as unknown;
  }
}

/** Tells whether a navigation ended the script. CDP has no code for that, so the message has to do. */
function isOfNavigation(error: unknown): boolean {
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  return /context|navigated|frame|destroyed/i.test(message) && !/has been closed/i.test(message);
}
