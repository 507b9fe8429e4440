import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** A page that is fetched as a single job, with the request and the expected result. */
export interface SinglePage {
  readonly name: string;
  readonly path: string;
  readonly request?: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly expected: {
    readonly statusCode: number;
    readonly body?: string;
    readonly base64EncodedBody?: string;
    readonly finalPath: string;
  };
}

const stock = JSON.stringify({
  sku: 'DEMO-1',
  name: 'Gießkanne grün',
  price: { amount: '19.90', currency: '€' },
  inStock: 12,
});
const logo = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const retired =
  '<!doctype html><html><head><title>Nicht mehr im Sortiment</title></head><body>Ausverkauft.</body></html>\n';
const basket = '<!doctype html><html><head><title>Ihr Körbchen</title></head><body>Willkommen zurück!</body></html>\n';
const order = JSON.stringify({ product: 7, note: 'Bitte als Geschenk – für Jürgen' });
const echoed = JSON.stringify({ method: 'POST', contentType: 'application/json', body: order });

export const singlePages: readonly SinglePage[] = [
  { name: 'JSON', path: '/api/stock/1', expected: { statusCode: 200, body: stock, finalPath: '/api/stock/1' } },
  { name: 'image', path: '/logo.png', expected: { statusCode: 200, base64EncodedBody: logo, finalPath: '/logo.png' } },
  { name: '404 is final', path: '/retired', expected: { statusCode: 404, body: retired, finalPath: '/retired' } },
  { name: 'redirects, cookie', path: '/sign-in', expected: { statusCode: 200, body: basket, finalPath: '/basket' } },
  {
    name: 'POST',
    path: '/orders',
    request: { method: 'POST', headers: { 'content-type': 'application/json' }, body: order },
    expected: { statusCode: 200, body: echoed, finalPath: '/orders' },
  },
];

type Serve = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const html = 'text/html; charset=utf-8';

const routes: Readonly<Record<string, Serve>> = {
  '/api/stock/1': (_request, response) => answer(response, 200, 'application/json', stock),
  '/logo.png': (_request, response) => answer(response, 200, 'image/png', Buffer.from(logo, 'base64')),
  '/sign-in': (_request, response) => redirect(response, '/sign-in/checked', 'visitor=demo; Path=/; HttpOnly'),
  '/sign-in/checked': (_request, response) => redirect(response, '/basket'),
  // Without the cookie the redirects form a circle, as in real shops.
  '/basket': (request, response) =>
    (request.headers.cookie ?? '').includes('visitor=demo')
      ? answer(response, 200, html, basket)
      : redirect(response, '/sign-in'),
  '/orders': async (request, response) => {
    const contentType = request.headers['content-type'];
    const body = await text(request);
    answer(response, 200, 'application/json', JSON.stringify({ method: request.method, contentType, body }));
  },
};

/** Serves all URLs but product pages; unknown ones get 404. */
export async function serveSingle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const serve = routes[request.url ?? ''];
  if (serve === undefined) return answer(response, 404, html, retired);
  await serve(request, response);
}

function answer(response: ServerResponse, statusCode: number, contentType: string, body: string | Buffer): void {
  response.writeHead(statusCode, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
}

function redirect(response: ServerResponse, location: string, cookie?: string): void {
  response.writeHead(302, { location, ...(cookie === undefined ? {} : { 'set-cookie': cookie }) }).end();
}
