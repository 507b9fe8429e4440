import type { Config } from '../../config/config';
import { tryRendering } from '../../service/try-rendering';
import { fail, ok, warn } from './finding';
import type { Finding } from './finding';

const check = 'browser';

/** Checks that pages can be rendered, by starting the browser once. */
export async function checkBrowser({ outbound }: Config): Promise<readonly Finding[]> {
  const { state, line } = await tryRendering(outbound.browser, () => undefined);
  const message = `pages can be rendered: ${line}`;
  switch (state) {
    case 'works':
    case 'off':
      return [ok(check, message)];
    case 'missing':
      return [warn(check, message, 'install Chromium or Chrome, or set BROWSER to off if none is wanted')];
    case 'away':
      return [fail(check, message, 'start that browser, or correct BROWSER')];
    case 'broken':
      return [fail(check, message, 'set BROWSER to a Chromium or Chrome that works, or to off (docs/rendering.md)')];
  }
}
