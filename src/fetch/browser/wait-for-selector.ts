import { AttemptTimeoutError } from '../attempt-clock';
import { textOf } from './load-page';
import type { OpenPage } from './open-page';
import { RenderError } from './render-error';

/** Until an element is in the document, seen or not; as long as the attempt lasts. */
export async function waitForSelector({ page, progress }: OpenPage, selector: string): Promise<void> {
  progress.isWaitingForSelector = true;
  try {
    await page.locator(`css=${selector}`).first().waitFor({ state: 'attached', timeout: 0 });
  } catch (error) {
    if (/not a valid selector|Unexpected token|while parsing/i.test(textOf(error)))
      throw new RenderError('SELECTOR_INVALID', 'wait_for_selector is no CSS selector', { cause: error });
    throw error;
  }
  progress.isWaitingForSelector = false;
}

/** What the end of an attempt means while the selector is waited for; a cancellation stays what it is. */
export function selectorTimeout(reason: unknown): unknown {
  return reason instanceof AttemptTimeoutError
    ? new RenderError('SELECTOR_NOT_FOUND', 'wait_for_selector did not appear', { cause: reason })
    : reason;
}
