import type { IncomingMessage, ServerResponse } from 'node:http';
import { startLoopbackServer } from './loopback';
import { breaksBeforeAnswer, type ShopFault, shopBehaviour } from './shop-behaviour';
import { challengePage, productPage } from './shop-pages';
import { serveSingle } from './shop-singles';

export interface Shop {
  readonly origin: string;
  /** Number of faults so far, by kind. */
  readonly faults: ReadonlyMap<ShopFault, number>;
  productUrl(productNumber: number): string;
  close(): Promise<void>;
}

/** A small shop on loopback whose product pages fail in realistic ways before they are served. */
export async function startShop(): Promise<Shop> {
  const visits = new Map<number, number>();
  const faults = new Map<ShopFault, number>();

  const serveProduct = (productNumber: number, request: IncomingMessage, response: ServerResponse): void => {
    const visit = (visits.get(productNumber) ?? 0) + 1;
    visits.set(productNumber, visit);
    const behaviour = shopBehaviour(productNumber, visit);
    if (behaviour.kind !== 'page') faults.set(behaviour.kind, (faults.get(behaviour.kind) ?? 0) + 1);
    switch (behaviour.kind) {
      case 'page':
        setTimeout(() => sendPage(productNumber, request, response), behaviour.delayMs);
        return;
      case 'unavailable':
        response.writeHead(503, { 'retry-after': String(behaviour.retryAfterSeconds), 'content-type': 'text/plain' });
        response.end('Too many visitors, please come back in a moment.\n');
        return;
      case 'server-error':
        response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error\n');
        return;
      case 'challenge':
        response.writeHead(200, { 'content-type': 'text/html; charset=UTF-8' }).end(challengePage);
        return;
      case 'dropped':
        dropConnection(productNumber, response);
        return;
      case 'stalled':
        return; // the visitor has to give up
    }
  };

  const server = await startLoopbackServer((request, response) => {
    const productNumber = Number(/^\/products\/([1-9]\d{0,5})$/.exec(request.url ?? '')?.[1] ?? 0);
    if (productNumber > 0) serveProduct(productNumber, request, response);
    else serveSingle(request, response).catch(() => response.destroy()); // the visitor disconnected in the middle of a body
  });
  return {
    origin: server.origin,
    faults,
    productUrl: (productNumber) => `${server.origin}/products/${productNumber}`,
    close: () => server.close(),
  };
}

function sendPage(productNumber: number, request: IncomingMessage, response: ServerResponse): void {
  const acceptsGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const { headers, bytes } = productPage(productNumber, acceptsGzip);
  response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
}

function dropConnection(productNumber: number, response: ServerResponse): void {
  if (breaksBeforeAnswer(productNumber)) {
    response.destroy();
    return;
  }
  const { headers, bytes } = productPage(productNumber, false);
  response.writeHead(200, { ...headers, 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}
