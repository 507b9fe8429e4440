import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startShop } from '../../src/demo/shop';
import type { Shop } from '../../src/demo/shop';

/** The sites and the receiver that the tests of the dashboard need. Every site is a host of its own. */
export interface World {
  readonly shop: Shop;
  /** Refuses every page for good, until it is told not to. */
  readonly toll: { readonly url: string; isOpen: boolean };
  /** Refuses every page, so that its jobs run on and on. */
  readonly wall: { readonly url: string };
  /** Wants to be left alone for ten minutes. */
  readonly tired: { readonly url: string };
  /** A page that would run scripts and load from everywhere, and everything that was asked of its site. */
  readonly trap: { readonly url: string; readonly asked: readonly string[] };
  readonly receiver: { readonly url: string; readonly ids: readonly string[]; isUp: boolean };
  close(): Promise<void>;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

async function listen(host: string, handler: Handler): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const sendPage = (res: ServerResponse, body: string): void =>
  void res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body);

const trapPage = (elsewhere: string): string => `<!doctype html><html><head><title>Trap</title>
<script>document.title = 'it ran'; fetch('/stolen');</script><script src="${elsewhere}/script.js"></script>
<link rel="stylesheet" href="${elsewhere}/style.css"><style>@import url("${elsewhere}/import.css");
p { background: url(${elsewhere}/background.png); width: 123px }</style>
<meta http-equiv="refresh" content="0; url=${elsewhere}/refresh"><base href="${elsewhere}/"></head>
<body onload="fetch('/onload')"><h1>Very ordinary page</h1><p style="height: 45px" onclick="x()">Some text</p>
<img src="${elsewhere}/picture.png" alt="A picture" onerror="fetch('/onerror')"><iframe src="${elsewhere}/frame"></iframe>
<a href="${elsewhere}/link">A link</a><form action="${elsewhere}/form"><button>Send</button></form></body></html>`;

export async function openWorld(): Promise<World> {
  const toll = { url: '', isOpen: false };
  const receiver = { url: '', ids: [] as string[], isUp: true };
  const trap = { url: '', asked: [] as string[] };
  const shop = await startShop();
  const servers = await Promise.all([
    listen('127.0.0.2', (_req, res) => {
      if (toll.isOpen) sendPage(res, '<title>Paid</title><p>Welcome.</p>');
      else res.writeHead(402).end('pay first');
    }),
    listen('127.0.0.3', (_req, res) => void res.writeHead(403).end('no')),
    listen('127.0.0.4', (_req, res) => void res.writeHead(429, { 'retry-after': '600' }).end('later')),
    listen('127.0.0.5', (req, res) => {
      trap.asked.push(req.url ?? '');
      sendPage(res, trapPage(`http://${req.headers.host ?? ''}`));
    }),
    listen('127.0.0.1', (req, res) => {
      void text(req).then(() => {
        receiver.ids.push(String(req.headers['webhook-id']));
        res.writeHead(receiver.isUp ? 204 : 503).end(receiver.isUp ? undefined : 'closed for today');
      });
    }),
  ]);
  const [tollServer, wall, tired, trapServer, receiverServer] = servers;
  toll.url = tollServer.url;
  trap.url = trapServer.url;
  receiver.url = receiverServer.url;
  return {
    ...{ shop, toll, wall, tired, trap, receiver },
    async close() {
      await Promise.all([shop.close(), ...servers.map((server) => server.close())]);
    },
  };
}
