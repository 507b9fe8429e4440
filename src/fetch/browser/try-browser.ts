import type { BrowserSource } from './browser-engine';
import { textOf } from './load-page';
import { RunningBrowser } from './running-browser';

/**
 * Starts or joins a browser, opens an empty page and closes it again: a program that is there may still be none, lack a library, or
 * not be allowed to use its sandbox.
 * @returns why it cannot be used, as the end of a sentence; undefined when it can
 */
export async function tryBrowser(source: BrowserSource): Promise<string | undefined> {
  try {
    const browser = await RunningBrowser.start(source);
    try {
      const context = await browser.newContext({});
      await context.newPage();
      await context.close();
    } finally {
      await browser.close();
    }
    return undefined;
  } catch (error) {
    return reasonIn(textOf(error));
  }
}

/** Playwright's message holds all that the browser has written; these are the parts that tell what to do. */
function reasonIn(message: string): string {
  const library = /error while loading shared libraries: ([^\s:]+)/.exec(message)?.[1];
  if (library !== undefined) return `the library ${library} is missing`;
  if (/no usable sandbox/i.test(message)) return 'this system does not let it use its sandbox';
  const code = /exitCode=(\d+)/.exec(message)?.[1];
  if (code !== undefined) return `it does not start as a browser (exit code ${code})`;
  const signal = /signal=(SIG\w+)/.exec(message)?.[1];
  if (signal !== undefined) return `it does not start as a browser (${signal})`;
  if (/timeout .*exceeded/i.test(message)) return 'it does not answer as a browser';
  const first = message.split('\n', 1)[0] ?? '';
  return first.replace(/^[\w.]+: /, '').slice(0, 200);
}
