import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startOrigin } from '../../support/origin';
import { describeWithBrowser, openBrowser, renderWith, textOf } from './browser-fixture';
import type { BrowserFixture } from './browser-fixture';

const tls = (name: string) => readFileSync(join(__dirname, '../../support/tls', name));

/** Only 127.0.0.1 is opened; the secret listens on 127.0.0.2, over TCP and UDP. */
describeWithBrowser('a page cannot reach what the guard forbids', () => {
  let browser: BrowserFixture;
  beforeAll(async () => {
    browser = await openBrowser({
      resolve: (hostname, _options, callback) =>
        hostname === 'rebound.example'
          ? callback(null, [{ address: '127.0.0.2', family: 4 }])
          : callback(new Error('unknown'), []),
    });
  });
  afterAll(() => browser.close());

  test('by anything that it may load, connect to or resolve', async () => {
    const secret = await startOrigin(
      (_req, res) => res.setHeader('access-control-allow-origin', '*').end('SECRET'),
      '127.0.0.2',
    );
    const udp = createSocket('udp4');
    let datagrams = 0;
    udp.on('message', () => (datagrams += 1));
    udp.bind(0, '127.0.0.2');
    await once(udp, 'listening');
    const host = `127.0.0.2:${secret.port}`;
    const page = `<!DOCTYPE html><html><head>
      <link rel="stylesheet" href="http://${host}/style.css"><link rel="preconnect" href="http://${host}">
      <link rel="dns-prefetch" href="//rebound.example"><link rel="prefetch" href="http://${host}/prefetch">
      <link rel="preload" as="image" href="http://${host}/preload"><link rel="icon" href="http://${host}/icon">
      <script type="speculationrules">{"prefetch":[{"urls":["http://${host}/speculation"]}],"prerender":[{"urls":["http://${host}/prerender"]}]}</script>
      <style>@font-face { font-family: f; src: url(http://${host}/font) } body { font-family: f; background: url(http://${host}/background) }</style>
      </head><body>text<img src="http://${host}/image"><img src="/redirect"><img src="http://rebound.example:${secret.port}/rebound">
      <iframe src="http://${host}/frame"></iframe><iframe src="/redirect?frame"></iframe><iframe src="file:///etc/passwd"></iframe>
      <object data="http://${host}/object"></object><embed src="http://${host}/embed"><video src="http://${host}/video" autoplay></video>
      <script src="http://${host}/script.js"></script>
      <script>
        const seen = [];
        const attempt = async (name, work) => { try { seen.push(name + ':' + await work()) } catch (error) { seen.push(name + ':failed') } };
        const late = (ms) => new Promise((resolve) => setTimeout(resolve, ms, 'nothing'));
        const worker = new Worker(URL.createObjectURL(new Blob(['fetch("http://${host}/worker").catch(() => 0)'])));
        Promise.all([
          attempt('fetch', async () => (await fetch('http://${host}/fetch')).text()),
          attempt('no-cors', async () => (await fetch('http://${host}/no-cors', { mode: 'no-cors' })).type),
          attempt('https', async () => (await fetch('https://${host}/https')).text()),
          attempt('redirect', async () => (await fetch('/redirect?fetch')).text()),
          attempt('rebound', async () => (await fetch('http://rebound.example:${secret.port}/rebound')).text()),
          attempt('localhost', async () => (await fetch('http://localhost:${secret.port}/localhost')).text()),
          attempt('beacon', async () => navigator.sendBeacon('http://${host}/beacon')),
          attempt('socket', () => new Promise((resolve) => { const s = new WebSocket('ws://${host}/socket'); s.onopen = () => resolve('open'); s.onerror = () => resolve('failed') })),
          attempt('secure socket', () => new Promise((resolve) => { const s = new WebSocket('wss://${host}/socket'); s.onopen = () => resolve('open'); s.onerror = () => resolve('failed') })),
          attempt('events', () => new Promise((resolve) => { const s = new EventSource('http://${host}/events'); s.onopen = () => resolve('open'); s.onerror = () => { s.close(); resolve('failed') } })),
          attempt('transport', async () => Promise.race([new WebTransport('https://127.0.0.2:${udp.address().port}/').ready, late(1_500)])),
          attempt('peer', async () => {
            const peer = new RTCPeerConnection({ iceServers: [
              { urls: 'stun:127.0.0.2:${udp.address().port}' },
              { urls: ['turn:127.0.0.2:${udp.address().port}', 'turn:${host}?transport=tcp'], username: 'u', credential: 'c' } ] });
            peer.createDataChannel('x'); await peer.setLocalDescription(await peer.createOffer()); return late(1_500);
          }),
        ]).then(() => { document.title = seen.join(' '); document.body.insertAdjacentHTML('beforeend', '<i id="done">'); });
      </script></body></html>`;
    const origin = await startOrigin((req, res) => {
      if (req.url?.startsWith('/redirect') === true)
        return res.writeHead(302, { location: `http://${host}${req.url}` }).end();
      return res.setHeader('content-type', 'text/html').end(page);
    });
    const rendered = await renderWith(browser.engine, `${origin.url}/`, { waitForSelector: '#done' });
    udp.close();
    const [, title] = /<title>(.*?)<\/title>/.exec(textOf(rendered)) ?? [];
    expect(title).toMatch(/^(?:[\w -]+:(?:failed|opaque|true|nothing) ?)+$/); // The egress proxy's own refusal is opaque.
    expect({ requests: secret.requests.map(({ url }) => url), connections: secret.connections, datagrams }).toEqual({
      requests: [],
      connections: 0,
      datagrams: 0,
    });
  });

  test.each([
    'file:///etc/passwd',
    'chrome://version/',
    'view-source:http://127.0.0.1/',
    'data:text/html,x',
    'ftp://127.0.0.1/',
  ])('by going to %s', async (target) => {
    const origin = await startOrigin((_req, res) =>
      res.setHeader('content-type', 'text/html').end(`<p>stays</p><script>location.href = "${target}"</script>`),
    );
    const page = await renderWith(browser.engine, `${origin.url}/`);
    expect(page.finalUrl).toBe(`${origin.url}/`);
    expect(textOf(page)).toContain('<p>stays</p>');
  });

  test('by being a page of it: that ends the job', async () => {
    const secret = await startOrigin((_req, res) => res.end('SECRET'), '127.0.0.2');
    const origin = await startOrigin((req, res) => {
      if (req.url === '/redirect') return res.writeHead(302, { location: `http://127.0.0.2:${secret.port}/` }).end();
      if (req.url === '/rebound')
        return res.writeHead(302, { location: `http://rebound.example:${secret.port}/` }).end();
      const target =
        req.url === '/script' ? `http://127.0.0.2:${secret.port}/` : `https://rebound.example:${secret.port}/`;
      return res.setHeader('content-type', 'text/html').end(`<script>location.replace("${target}")</script>`);
    });
    const forbidden = (name: string) =>
      expect.objectContaining({ name: 'ForbiddenTargetError', host: name }) as unknown;
    await expect(renderWith(browser.engine, `http://127.0.0.2:${secret.port}/`)).rejects.toEqual(
      forbidden('127.0.0.2'),
    );
    for (const [path, host] of [
      ['/redirect', '127.0.0.2'],
      ['/script', '127.0.0.2'],
      ['/rebound', 'rebound.example'],
      ['/secure', 'rebound.example'],
    ])
      await expect(renderWith(browser.engine, origin.url + path)).rejects.toEqual(forbidden(host ?? ''));
    expect(secret.connections).toBe(0);
  });

  test('and learns the stable code of a target that is not there', async () => {
    const gone = await startOrigin((_req, res) => res.end());
    await gone.close();
    await expect(renderWith(browser.engine, `${gone.url}/`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(renderWith(browser.engine, `https://127.0.0.1:${gone.port}/`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  test('nor a target whose certificate nobody vouches for', async () => {
    let requests = 0;
    const server = createServer({ key: tls('self-signed.key'), cert: tls('self-signed.crt') }, (_req, res) => {
      requests += 1;
      res.end('secret');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      await expect(renderWith(browser.engine, `https://127.0.0.1:${port}/`)).rejects.toMatchObject({
        name: 'RenderError',
        code: 'CERT_UNTRUSTED',
      });
      expect(requests).toBe(0);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
