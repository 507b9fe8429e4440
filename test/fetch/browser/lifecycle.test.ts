import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { AttemptTimeoutError } from '../../../src/fetch/attempt-clock';
import { createBrowserEngine } from '../../../src/fetch/browser/create-browser-engine';
import { createGuard } from '../../../src/net/guard';
import { startOrigin } from '../../support/origin';
import { waitFor } from '../../support/wait-for';
import { describeWithBrowser, openBrowser, renderWith, textOf } from './browser-fixture';

/** Lists main processes of browsers whose profile is a folder of this test process. */
function browserPids(): number[] {
  const ours = `-${process.pid}-`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return command.includes('--user-data-dir=') && command.includes(ours) && !command.includes('--type=');
      } catch {
        return false;
      }
    })
    .map(Number);
}
const homes = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('everfetch-browser-') && name.includes(`-${process.pid}-`));
const plain = () => startOrigin((_req, res) => res.setHeader('content-type', 'text/html').end('<p>page</p>'));
const ofLinux = process.platform === 'linux' ? test : test.skip;

describeWithBrowser('the browser', () => {
  ofLinux('starts with the first page, and leaves neither processes nor files when it is closed', async () => {
    const origin = await plain();
    const { engine, close } = await openBrowser();
    expect(browserPids()).toEqual([]);
    await renderWith(engine, `${origin.url}/`);
    expect(browserPids()).toHaveLength(1);
    expect(homes()).toHaveLength(1);
    await close();
    await waitFor(() => browserPids().length === 0);
    expect(homes()).toEqual([]);
    await expect(renderWith(engine, `${origin.url}/`)).rejects.toMatchObject({ code: 'FETCHER_CLOSED' });
  });

  ofLinux('that is killed fails the pages it had, and the next page gets another', async () => {
    const hang = await startOrigin(() => undefined);
    const origin = await plain();
    const { engine, close } = await openBrowser();
    try {
      const lost = renderWith(engine, `${hang.url}/`);
      const failure = expect(lost).rejects.toMatchObject({ name: 'RenderError', code: 'BROWSER_CRASHED' });
      await waitFor(() => hang.requests.length === 1);
      const [pid] = browserPids();
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await failure;
      expect(textOf(await renderWith(engine, `${origin.url}/`))).toContain('<p>page</p>');
      expect(browserPids()).not.toContain(pid);
    } finally {
      await close();
    }
  });

  ofLinux('is replaced after so many pages, or when it has grown, and then ends', async () => {
    const origin = await plain();
    const counted = await openBrowser({ pagesPerBrowser: 2, maxPages: 2 });
    const seen = new Set<number>();
    for (let page = 0; page < 4; page += 1) {
      await renderWith(counted.engine, `${origin.url}/`);
      browserPids().forEach((pid) => seen.add(pid));
    }
    expect(seen.size).toBeGreaterThanOrEqual(2);
    await counted.close();
    const grown = await openBrowser({ maxMemoryBytes: 1 });
    await renderWith(grown.engine, `${origin.url}/`);
    expect(grown.warnings).toEqual([expect.stringMatching(/^the browser has grown to \d+ MB and is replaced$/)]);
    await waitFor(() => browserPids().length === 0);
    await grown.close();
  });

  test('ends what is aborted, with the reason, and a script without end keeps nobody waiting', async () => {
    const origin = await startOrigin((req, res) => {
      res.setHeader('content-type', 'text/html');
      res.end(req.url === '/endless' ? '<p>x</p><script>while (true);</script>' : '<p>page</p>');
    });
    const { engine, close } = await openBrowser({ maxPages: 2 });
    try {
      const stop = new AbortController();
      const endless = renderWith(engine, `${origin.url}/endless`, { signal: stop.signal });
      const failure = expect(endless).rejects.toBe('enough');
      await waitFor(() => origin.requests.some(({ url }) => url === '/endless'));
      expect(textOf(await renderWith(engine, `${origin.url}/`))).toContain('<p>page</p>');
      stop.abort('enough');
      await failure;
      expect(textOf(await renderWith(engine, `${origin.url}/`))).toContain('<p>page</p>');
    } finally {
      await close();
    }
  });

  test('gives up a page that waits for its turn when that is aborted', async () => {
    const hang = await startOrigin(() => undefined);
    const { engine, close } = await openBrowser({ maxPages: 1 });
    const first = new AbortController();
    const busy = expect(renderWith(engine, `${hang.url}/`, { signal: first.signal })).rejects.toBe('first');
    await waitFor(() => hang.requests.length === 1);
    const second = new AbortController();
    const waiting = expect(renderWith(engine, `${hang.url}/`, { signal: second.signal })).rejects.toBe('second');
    second.abort('second');
    await waiting;
    first.abort('first');
    await busy;
    expect(hang.requests).toHaveLength(1);
    await close();
  });

  test('says that a selector did not appear when the attempt ends meanwhile', async () => {
    const origin = await plain();
    const { engine, close } = await openBrowser();
    try {
      const attempt = new AbortController();
      const failure = expect(
        renderWith(engine, `${origin.url}/`, { waitForSelector: '#never', signal: attempt.signal }),
      ).rejects.toMatchObject({ name: 'RenderError', code: 'SELECTOR_NOT_FOUND' });
      await renderWith(engine, `${origin.url}/`);
      setTimeout(() => attempt.abort(new AttemptTimeoutError(1)), 500);
      await failure;
      await expect(renderWith(engine, `${origin.url}/`, { waitForSelector: 'p[' })).rejects.toMatchObject({
        code: 'SELECTOR_INVALID',
      });
    } finally {
      await close();
    }
  });
});

test('a program that is no browser makes it unavailable', async () => {
  const engine = createBrowserEngine({
    source: { kind: 'executable', path: '/bin/false' },
    egress: {
      addressFor: () => ({ server: 'http://127.0.0.1:9', username: '', password: '' }),
      troubleOf: () => undefined,
    },
    guard: createGuard(['127.0.0.1']),
  });
  await expect(renderWith(engine, 'http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'BROWSER_UNAVAILABLE' });
  await engine.close();
});
