import { startAttemptClock } from '../../../src/fetch/attempt-clock';
import { createBrowserEngine } from '../../../src/fetch/browser/create-browser-engine';
import { ByteBudget } from '../../../src/fetch/byte-budget';
import { createSessionCookies, mergeCookies } from '../../../src/fetch/cookie-jar';
import { createGuard } from '../../../src/net/guard';
import { firstRequest } from '../../../src/fetch/next-request';
import { renderPage } from '../../../src/fetch/render-page';
import { startOrigin } from '../../support/origin';
import { waitFor } from '../../support/wait-for';
import { requestOf } from '../request-of';
import { describeWithBrowser, openBrowser } from './browser-fixture';

const render = { isScreenshotWanted: false, instructions: [] };
const budget = new ByteBudget({ capacityBytes: 10_000_000, largestClaimBytes: 1_000_000 });
const maxBodyBytes = 1_000_000;

test('the turn of a page and the start of the browser do not take time from the attempt', async () => {
  // The browser does not come up, so the first page waits for it and the second one for its turn.
  const starting = await startOrigin(() => undefined);
  const browser = createBrowserEngine({
    source: { kind: 'cdp', url: starting.url },
    egress: {
      addressFor: () => ({ server: 'http://127.0.0.1:9', username: '', password: '' }),
      troubleOf: () => undefined,
    },
    guard: createGuard(['127.0.0.1']),
    maxPages: 1,
  });
  const url = 'http://127.0.0.1:1/';
  const first = firstRequest({ method: 'GET', body: undefined, callerHeaders: [] }, url);
  const options = { request: requestOf(url, { render }), first, proxy: undefined, session: undefined };
  const caller = new AbortController().signal;
  const attempts = [1, 2].map(async () => {
    const clock = startAttemptClock(500, caller);
    await renderPage(options, { browser, budget, maxBodyBytes, clock }).finally(() => clock.stop());
  });
  const unavailable = Promise.all(
    attempts.map((attempt) => expect(attempt).rejects.toMatchObject({ code: 'BROWSER_UNAVAILABLE' })),
  );
  await waitFor(() => starting.requests.length > 0);
  const later = startAttemptClock(500, caller);
  await waitFor(() => later.signal.aborted);
  await starting.close();
  await unavailable;
  await browser.close();
});

describeWithBrowser('a session', () => {
  test("does not keep the caller's own cookies, and keeps what the target set", async () => {
    const { engine: browser, close } = await openBrowser();
    try {
      const origin = await startOrigin((_req, res) => {
        res.setHeader('set-cookie', 'given=2; Path=/').setHeader('content-type', 'text/html').end('<p>page</p>');
      });
      const url = `${origin.url}/cart/`;
      const callerHeaders = [['Cookie', 'own=1; more=x=y']] as const;
      const session = createSessionCookies(undefined);
      const clock = startAttemptClock(30_000, new AbortController().signal);
      const first = firstRequest({ method: 'GET', body: undefined, callerHeaders }, url);
      const deps = { browser, budget, maxBodyBytes, clock };
      const outcome = await renderPage({ request: requestOf(url, { render }), first, proxy: undefined, session }, deps);
      clock.stop();
      expect(outcome.kind).toBe('page');
      expect(origin.requests[0]?.headers.cookie).toBe('own=1; more=x=y');
      const next = createSessionCookies(mergeCookies(undefined, session.changes));
      expect(next.forBrowser()).toMatchObject([{ name: 'given', value: '2' }]);
    } finally {
      await close();
    }
  });
});
