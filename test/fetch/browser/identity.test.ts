import { startOrigin } from '../../support/origin';
import type { OriginRequest } from '../../support/origin';
import { describeWithBrowser, openBrowser, renderWith, textOf } from './browser-fixture';
import type { BrowserFixture } from './browser-fixture';

/** What the page itself sees, and what a frame of another site, a worker and a shared worker send. */
const PAGE = (port: number) => `<iframe src="http://localhost:${port}/frame"></iframe>
  <script>
    new Worker('/worker.js'); new SharedWorker('/worker.js?shared'); fetch('/fetch');
    const { webdriver, languages, platform, maxTouchPoints, userAgent } = navigator;
    document.title = btoa(JSON.stringify({ webdriver, languages, platform, maxTouchPoints, userAgent, width: innerWidth, chrome: typeof chrome }));
  </script>`;

describeWithBrowser('what a target sees', () => {
  let browser: BrowserFixture;
  beforeAll(async () => void (browser = await openBrowser({ allow: ['127.0.0.1', 'localhost'] })));
  afterAll(() => browser.close());

  test.each([
    [
      'desktop' as const,
      'Windows NT 10.0; Win64; x64',
      '"Windows"',
      '?0',
      { platform: 'Win32', maxTouchPoints: 0, width: 1_440 },
    ],
    ['mobile' as const, 'Linux; Android 10; K', '"Android"', '?1', { platform: 'Linux armv81', width: 412 }],
  ])('is Chrome on %s, in every request and to every script', async (deviceType, system, platform, mobile, seen) => {
    const origin = await startOrigin((req, res) => {
      const isScript = req.url?.startsWith('/worker.js') === true;
      res.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      if (isScript) res.end('fetch("/from-worker")');
      else
        res.end(
          req.url === '/'
            ? PAGE(origin.port)
            : '<meta name="viewport" content="width=device-width"><script>fetch("/from-frame")</script>',
        );
    });
    const page = await renderWith(browser.engine, `${origin.url}/`, { deviceType });
    const [, title = ''] = /<title>(.*?)<\/title>/.exec(textOf(page)) ?? [];
    const view = JSON.parse(Buffer.from(title, 'base64').toString()) as Record<string, unknown>;
    const agent = view['userAgent'] as string;
    const [, major] = /Chrome\/(\d+)\.0\.0\.0 /.exec(agent) ?? [];
    expect(agent).toContain(system);
    expect(view).toMatchObject({
      webdriver: false,
      languages: ['en-US', 'en'],
      chrome: 'object',
      ...(deviceType === 'desktop' ? seen : { platform: seen.platform }),
    });

    const sent = new Map(origin.requests.map((request) => [request.url, request.headers]));
    for (const path of ['/', '/fetch', '/frame', '/from-frame']) {
      expect(sent.get(path)).toMatchObject({
        'user-agent': agent,
        'accept-language': 'en-US,en;q=0.9',
        'sec-ch-ua': expect.stringMatching(new RegExp(`"Google Chrome";v="${major}"`)) as unknown,
        'sec-ch-ua-mobile': mobile,
        'sec-ch-ua-platform': platform,
      });
    }
    const all = (requests: readonly OriginRequest[]) => requests.map(({ rawHeaders }) => rawHeaders.join()).join();
    expect(all(origin.requests)).not.toMatch(/headless/i);
    expect(all(origin.requests)).not.toMatch(/proxy-/i);
  });
});

describeWithBrowser('two jobs', () => {
  let browser: BrowserFixture;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser.close());

  const STORE = `<script>
    document.title = [document.cookie, localStorage.getItem('who')].join('|');
    document.cookie = 'script=1'; localStorage.setItem('who', 'the job before');
  </script>`;

  test('share no cookie, storage or cache', async () => {
    const origin = await startOrigin((req, res) => {
      if (req.url === '/cached.js')
        return res.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'max-age=600' }).end();
      return res
        .writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'sent=1' })
        .end(`${STORE}<script src="/cached.js"></script>`);
    });
    const pages = [
      await renderWith(browser.engine, `${origin.url}/`),
      await renderWith(browser.engine, `${origin.url}/`),
    ];
    for (const page of pages) expect(textOf(page)).toContain('<title>sent=1|</title>');
    expect(
      origin.requests.filter(({ headers }) => headers.cookie !== undefined && !/sent|script/.test(headers.cookie)),
    ).toEqual([]);
    expect(origin.requests.filter(({ url }) => url === '/cached.js')).toHaveLength(2);
  });

  test('of one session hand their cookies on', async () => {
    const origin = await startOrigin((_req, res) => {
      res
        .writeHead(200, { 'content-type': 'text/html', 'set-cookie': ['sent=1; HttpOnly', 'kept=2; Max-Age=600'] })
        .end(STORE);
    });
    const first = await renderWith(browser.engine, `${origin.url}/`);
    expect(first.cookies).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'sent',
          value: '1',
          domain: '127.0.0.1',
          path: '/',
          httpOnly: true,
          expires: -1,
        }),
        expect.objectContaining({ name: 'kept', value: '2' }),
        expect.objectContaining({ name: 'script', value: '1' }),
      ]),
    );
    expect(first.headers.filter(([name]) => name === 'set-cookie')).toHaveLength(2);
    await renderWith(browser.engine, `${origin.url}/again`, { cookies: first.cookies });
    const again = origin.requests.find(({ url }) => url === '/again');
    expect(again?.headers.cookie?.split('; ').sort()).toEqual(['kept=2', 'script=1', 'sent=1']);
  });

  test('are not disturbed by a cookie that the browser does not take', async () => {
    const origin = await startOrigin((_req, res) => res.setHeader('content-type', 'text/html').end('<p>ok'));
    const cookie = {
      domain: '127.0.0.1',
      path: '/',
      expires: -1,
      httpOnly: false,
      secure: false,
      sameSite: 'Lax' as const,
    };
    const cookies = [
      { ...cookie, name: '__Secure-x', value: '1' },
      { ...cookie, name: 'good', value: '1' },
    ];
    await renderWith(browser.engine, `${origin.url}/`, { cookies });
    expect(origin.requests[0]?.headers.cookie).toBe('good=1');
  });
});
