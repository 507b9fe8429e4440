import { startOrigin } from '../../support/origin';
import { describeWithBrowser, openBrowser, renderWith, textOf } from './browser-fixture';
import type { BrowserFixture } from './browser-fixture';

describeWithBrowser('a navigation', () => {
  let browser: BrowserFixture;
  beforeAll(async () => void (browser = await openBrowser({ allow: ['127.0.0.1', '127.0.0.3'] })));
  afterAll(() => browser.close());

  test('sends method and body', async () => {
    const origin = await startOrigin((_req, res) => res.setHeader('content-type', 'text/html').end('<p>ok'));
    const headers = [['content-type', 'application/json']] as const;
    await renderWith(browser.engine, `${origin.url}/`, { method: 'POST', body: '{"ü":1}', headers });
    expect(origin.requests[0]).toMatchObject({ method: 'POST', body: '{"ü":1}' });
    expect(origin.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
  });

  test("sends the caller's headers itself, and what the page loads goes without them", async () => {
    const origin = await startOrigin((_req, res) =>
      res.setHeader('content-type', 'text/html').end('<script src="/part"></script>'),
    );
    const headers = [
      ['X-Own', 'mine'],
      ['accept-language', 'de'],
      ['cookie', 'a=1; b=2'],
    ] as const;
    await renderWith(browser.engine, `${origin.url}/`, { headers });
    const [document, part] = origin.requests;
    expect(document?.headers).toMatchObject({ 'x-own': 'mine', 'accept-language': 'de', cookie: 'a=1; b=2' });
    expect(part?.url).toBe('/part');
    expect(part?.headers['x-own']).toBeUndefined();
    expect(part?.headers.cookie).toBe('a=1; b=2');
  });

  test.each([
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'x=1'],
    [308, 'POST', 'x=1'],
  ])('that is answered by %i goes on as %s', async (status, method, body) => {
    const origin = await startOrigin((req, res) => {
      if (req.url === '/') return res.writeHead(status, { location: '/next', 'set-cookie': 'way=1' }).end();
      return res.setHeader('content-type', 'text/html').end('<p>ok');
    });
    const headers = [
      ['content-type', 'application/x-www-form-urlencoded'],
      ['x-own', 'mine'],
    ] as const;
    const page = await renderWith(browser.engine, `${origin.url}/`, { method: 'POST', body: 'x=1', headers });
    expect(page.finalUrl).toBe(`${origin.url}/next`);
    expect(origin.requests[1]).toMatchObject({ url: '/next', method, body });
    expect(origin.requests[1]?.headers).toMatchObject({ 'x-own': 'mine', cookie: 'way=1' });
  });

  test('drops credentials when a redirect leads to another host', async () => {
    const other = await startOrigin(
      (_req, res) => res.setHeader('content-type', 'text/html').end('<p>ok'),
      '127.0.0.3',
    );
    const origin = await startOrigin((_req, res) =>
      res.writeHead(302, { location: `http://127.0.0.3:${other.port}/` }).end(),
    );
    const headers = [
      ['authorization', 'Basic secret'],
      ['cookie', 'secret=1'],
      ['x-own', 'mine'],
    ] as const;
    await renderWith(browser.engine, `${origin.url}/`, { headers });
    expect(origin.requests[0]?.headers).toMatchObject({ authorization: 'Basic secret', cookie: 'secret=1' });
    expect(other.requests[0]?.headers).toMatchObject({ 'x-own': 'mine' });
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect(other.requests[0]?.headers.cookie).toBeUndefined();
  });

  test('does not follow a redirect when it is not to', async () => {
    const origin = await startOrigin((_req, res) => res.writeHead(301, { location: '/next' }).end('moved'));
    const page = await renderWith(browser.engine, `${origin.url}/`, { followRedirects: false });
    expect(page).toMatchObject({ statusCode: 301, finalUrl: `${origin.url}/` });
    expect(page.headers).toContainEqual(['location', '/next']);
    expect(origin.requests).toHaveLength(1);
  });

  test('that is redirected for ever ends', async () => {
    const origin = await startOrigin((req, res) => res.writeHead(302, { location: `${req.url}x` }).end());
    await expect(renderWith(browser.engine, `${origin.url}/`)).rejects.toMatchObject({ code: 'TOO_MANY_REDIRECTS' });
  });
});

describeWithBrowser('a file', () => {
  let browser: BrowserFixture;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser.close());

  const binary = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x00, 0xff, 0xfe, 0x80, 0xc3, 0x28]);

  test.each([
    ['application/json', '{"a":"ü"}', {}],
    ['application/pdf', binary, {}],
    ['image/png', binary, {}],
    ['text/plain', 'plain <b>text</b>', {}],
    ['application/zip', binary, {}],
    ['application/rss+xml', '<rss/>', {}],
    ['text/html', '<p>to be saved</p>', { 'content-disposition': 'attachment; filename=x.html' }],
  ])('of type %s comes byte by byte', async (type, body, headers) => {
    const origin = await startOrigin((_req, res) => res.writeHead(200, { 'content-type': type, ...headers }).end(body));
    const page = await renderWith(browser.engine, `${origin.url}/file`);
    expect(page).toMatchObject({ statusCode: 200, finalUrl: `${origin.url}/file`, body: Buffer.from(body) });
    expect(page.headers).toContainEqual(['content-type', type]);
  });

  test('of many megabytes comes whole', async () => {
    const body = Buffer.alloc(6 * 1024 * 1024 + 17, 'äbc');
    const origin = await startOrigin((_req, res) =>
      res.writeHead(200, { 'content-type': 'application/octet-stream' }).end(body),
    );
    const page = await renderWith(browser.engine, `${origin.url}/file`);
    expect(page.body.equals(body)).toBe(true);
  });

  test('without a type comes byte by byte too', async () => {
    const origin = await startOrigin((_req, res) => res.writeHead(200).end('just <text'));
    expect((await renderWith(browser.engine, `${origin.url}/`)).body.toString()).toBe('just <text');
  });

  test.each([204, 304])('is empty for status %i, which has no body', async (status) => {
    const origin = await startOrigin((_req, res) => res.writeHead(status).end());
    expect(await renderWith(browser.engine, `${origin.url}/`)).toMatchObject({
      statusCode: status,
      body: Buffer.alloc(0),
    });
  });

  test('to which a page leads is what comes', async () => {
    const origin = await startOrigin((req, res) => {
      if (req.url === '/') res.setHeader('content-type', 'text/html').end('<script>location.href = "/file"</script>');
      else res.setHeader('content-type', 'application/pdf').end(binary);
    });
    expect(await renderWith(browser.engine, `${origin.url}/`)).toMatchObject({
      finalUrl: `${origin.url}/file`,
      body: binary,
    });
  });

  test('that a part of the page would save is not saved, and the page comes', async () => {
    const origin = await startOrigin((req, res) => {
      if (req.url === '/') res.setHeader('content-type', 'text/html').end('<p>page</p><iframe src="/file"></iframe>');
      else res.writeHead(200, { 'content-type': 'application/zip' }).end(binary);
    });
    expect(textOf(await renderWith(browser.engine, `${origin.url}/`))).toContain('<p>page</p>');
  });
});
