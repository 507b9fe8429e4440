import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startSocketOrigin } from './socket-origin';
import { startOrigin } from '../../support/origin';
import { describeWithBrowser, openBrowser, renderWith, textOf } from './browser-fixture';
import type { BrowserFixture } from './browser-fixture';

type Handler = Parameters<typeof startOrigin>[0];

/** Answers by path. An answer that is only a text is HTML. */
function site(pages: Readonly<Record<string, string | Handler>>): RequestListener {
  return (req, res) => {
    const page = pages[req.url ?? ''];
    if (typeof page === 'function') return page(req, res);
    res.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' }).end(page ?? 'none');
  };
}

describeWithBrowser('a page', () => {
  let browser: BrowserFixture;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser.close());

  test('comes as its scripts have built it, as UTF-8 whatever it was sent in', async () => {
    const origin = await startOrigin((_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/html; charset=windows-1252', 'x-own': '1' });
      res.end(
        Buffer.from(
          '<!DOCTYPE html><body><p id="sent">gr\xfcn</p><script>document.body.append("built")</script>',
          'latin1',
        ),
      );
    });
    const page = await renderWith(browser.engine, `${origin.url}/start`);
    expect(page).toMatchObject({
      statusCode: 200,
      statusText: 'OK',
      finalUrl: `${origin.url}/start`,
      screenshot: undefined,
    });
    expect(textOf(page)).toMatch(/^<!DOCTYPE html>\n<html>.*<p id="sent">grün<\/p>.*built<\/body><\/html>$/s);
    expect(page.headers).toContainEqual(['Content-Type', 'text/html; charset=utf-8']);
    expect(page.headers).toContainEqual(['x-own', '1']);
  });

  test('is unpacked, and its headers no longer say that it is packed', async () => {
    const origin = await startOrigin((_req, res) => {
      const body = gzipSync('<p>packed</p>');
      const headers = { 'content-type': 'text/html', 'content-encoding': 'gzip', 'content-length': body.length };
      res.writeHead(200, headers).end(body);
    });
    const page = await renderWith(browser.engine, origin.url);
    expect(textOf(page)).toContain('<p>packed</p>');
    const names = page.headers.map(([name]) => name.toLowerCase());
    expect(names).not.toContain('content-encoding');
    expect(names).not.toContain('content-length');
  });

  test('has the data that its scripts fetch once it has loaded', async () => {
    const origin = await startOrigin(
      site({
        '/': '<script>addEventListener("load", () => setTimeout(async () => { document.body.append(await (await fetch("/data")).text()) }, 50))</script>',
        '/data': 'from the data',
      }),
    );
    expect(textOf(await renderWith(browser.engine, `${origin.url}/`))).toContain('from the data');
  });

  test('is waited for until the selector is there', async () => {
    const origin = await startOrigin(
      site({
        '/': '<script>setTimeout(() => { document.body.innerHTML = "<i class=late>there</i>" }, 1_500)</script>',
      }),
    );
    const page = await renderWith(browser.engine, `${origin.url}/`, { waitForSelector: 'i.late' });
    expect(textOf(page)).toContain('<i class="late">there</i>');
  });

  test('that answers 404 comes with its status', async () => {
    const origin = await startOrigin(site({}));
    const page = await renderWith(browser.engine, `${origin.url}/gone`);
    expect(page).toMatchObject({ statusCode: 404, statusText: 'Not Found' });
    expect(textOf(page)).toContain('none');
  });

  test.each([404, 500, 503])('that answers %i without a body is empty, and not what Chromium shows', async (status) => {
    const origin = await startOrigin((_req, res) => res.writeHead(status, { 'retry-after': '7' }).end());
    const page = await renderWith(browser.engine, `${origin.url}/`);
    expect(page).toMatchObject({ statusCode: status, finalUrl: `${origin.url}/`, body: Buffer.alloc(0) });
    expect(page.headers).toContainEqual(['retry-after', '7']);
  });

  test.each([
    ['a script', '<script>location.replace("/end")</script>'],
    ['a script after a while', '<script>setTimeout(() => location.assign("/end"), 100)</script>'],
    ['a refresh', '<meta http-equiv="refresh" content="1; url=/end">'],
    ['a form', '<form action="/end"></form><script>document.forms[0].submit()</script>'],
  ])('to which %s leads is the one that comes', async (_how, start) => {
    const origin = await startOrigin(site({ '/': start, '/end': '<p>the end', '/end?': '<p>the end' }));
    const page = await renderWith(browser.engine, `${origin.url}/`);
    expect(textOf(page)).toContain('<p>the end');
    expect(page.finalUrl).toMatch(/\/end\??$/);
  });

  test('whose script goes where nothing listens fails as that address does', async () => {
    const gone = await startOrigin(site({}));
    await gone.close();
    const origin = await startOrigin(site({ '/': `<script>location.replace("${gone.url}/")</script>` }));
    await expect(renderWith(browser.engine, `${origin.url}/`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('whose picture never comes is taken without it', async () => {
    const origin = await startOrigin(site({ '/': '<p>text</p><img src="/hang">', '/hang': () => undefined }));
    const { engine, close } = await openBrowser({ navigationTimeoutMs: 2_000 });
    try {
      expect(textOf(await renderWith(engine, `${origin.url}/`))).toContain('<p>text</p>');
    } finally {
      await close();
    }
  });

  test('that never answers, or whose document never ends, is an attempt that took too long', async () => {
    const origin = await startOrigin(
      site({
        '/silent': () => undefined,
        '/endless': (_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).write('<p>half'),
      }),
    );
    const { engine, close } = await openBrowser({ navigationTimeoutMs: 1_000 });
    try {
      for (const path of ['/silent', '/endless'])
        await expect(renderWith(engine, origin.url + path)).rejects.toMatchObject({
          name: 'RenderError',
          code: 'ATTEMPT_TIMEOUT',
        });
    } finally {
      await close();
    }
  });

  test('goes on when it opens dialogs', async () => {
    const origin = await startOrigin(
      site({ '/': '<script>alert(1); document.title = String(confirm("?")) + prompt("name")</script>' }),
    );
    expect(textOf(await renderWith(browser.engine, `${origin.url}/`))).toContain('<title>falsenull</title>');
  });

  test('opens no windows', async () => {
    const origin = await startOrigin(
      site({
        '/': '<a href="/popup" target="_blank">x</a><script>for (let i = 0; i < 5; i += 1) open("/popup?" + i)</script>',
      }),
    );
    await renderWith(browser.engine, `${origin.url}/`);
    expect(origin.requests.map(({ url }) => url)).not.toContain('/popup?0');
  });

  test('that loads too much gets nothing more, and comes as it is', async () => {
    const many =
      '<script>(async () => { for (let i = 0; i < 60; i += 1) await fetch("/part?" + i).catch(() => 0); document.title = "done" })()</script>';
    const origin = await startOrigin((req, res) => {
      res.setHeader('content-type', 'text/html');
      res.end(req.url === '/' ? many : 'x'.repeat(10_000));
    });
    const parts = () => origin.requests.filter(({ url }) => url.startsWith('/part')).length;
    const few = await openBrowser({ maxPageRequests: 20 });
    const small = await openBrowser({ maxPageBytes: 200_000 });
    try {
      expect(textOf(await renderWith(few.engine, `${origin.url}/`))).toContain('<title>done</title>');
      expect(parts()).toBeLessThan(40);
      const before = parts();
      expect(textOf(await renderWith(small.engine, `${origin.url}/`))).toContain('<title>done</title>');
      expect(parts() - before).toBeLessThan(40);
    } finally {
      await Promise.all([few.close(), small.close()]);
    }
  });

  test.each([
    ['text', 1],
    ['binary', 2],
  ])('that gets too much through a WebSocket, as %s, gets nothing more', async (_what, opcode) => {
    const page = `<script>
      const end = (how) => { document.title ||= how; document.body.innerHTML = '<i id="end"></i>' };
      addEventListener('offline', () => end('cut'));
      const socket = new WebSocket('ws://' + location.host + '/');
      let messages = 0;
      socket.onopen = () => socket.send('more');
      socket.onmessage = () => { messages += 1; if (messages < 300) socket.send('more'); else end('all') };
    </script>`;
    const origin = await startSocketOrigin(page, opcode, Buffer.alloc(10_000, 'x'));
    const small = await openBrowser({ maxPageBytes: 200_000 });
    try {
      const rendered = await renderWith(small.engine, `${origin.url}/`, { waitForSelector: '#end' });
      expect(textOf(rendered)).toContain('<title>cut</title>');
      const rest = await renderWith(browser.engine, `${origin.url}/`, { waitForSelector: '#end' });
      expect(textOf(rest)).toContain('<title>all</title>');
    } finally {
      await small.close();
      await origin.close();
    }
  });

  test('that is too large, as sent or as built, is too large', async () => {
    const origin = await startOrigin(
      site({
        '/sent': 'x'.repeat(400_000),
        '/built': '<body><script>document.body.append("ü".repeat(150_000))</script>',
        '/file': (_req, res) => res.writeHead(200, { 'content-type': 'application/pdf' }).end('x'.repeat(400_000)),
        '/fits': 'x'.repeat(100_000),
      }),
    );
    const { engine, close } = await openBrowser({ maxBodyBytes: 200_000 });
    try {
      for (const path of ['/sent', '/built', '/file'])
        await expect(renderWith(engine, origin.url + path)).rejects.toMatchObject({
          name: 'BodyTooLargeError',
          limitBytes: 200_000,
        });
      await expect(renderWith(engine, `${origin.url}/fits`)).resolves.toMatchObject({ statusCode: 200 });
    } finally {
      await close();
    }
  });
});

describeWithBrowser('a screenshot', () => {
  let browser: BrowserFixture;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser.close());

  /** Reads width and height from the header of a PNG (RFC 2083 §4.1.1). */
  const sizeOf = (png: Buffer | undefined) => {
    expect(png?.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    return [png?.readUInt32BE(16), png?.readUInt32BE(20)];
  };

  test.each([
    ['desktop' as const, 3_000, [1_440, 3_000]],
    ['mobile' as const, 3_000, [412, 3_000]],
    ['desktop' as const, 40_000, [1_440, 16_384]],
    ['desktop' as const, 10, [1_440, 789]],
  ])('of a page on %s that is %i high has the size %j', async (deviceType, height, size) => {
    const origin = await startOrigin(
      site({
        '/': `<meta name="viewport" content="width=device-width"><body style="margin:0"><div style="height:${height}px">`,
      }),
    );
    const page = await renderWith(browser.engine, `${origin.url}/`, { deviceType, isScreenshotWanted: true });
    expect(sizeOf(page.screenshot)).toEqual(size);
  });
});
