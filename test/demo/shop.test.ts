import { gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { shopBehaviour, type ShopBehaviour } from '../../src/demo/shop-behaviour';
import { expectedBody, productPage } from '../../src/demo/shop-pages';
import { singlePages } from '../../src/demo/shop-singles';
import { type Shop, startShop } from '../../src/demo/shop';

let shop: Shop;
let dispatcher: Agent;
beforeEach(async () => {
  shop = await startShop();
  dispatcher = new Agent({ headersTimeout: 300, bodyTimeout: 300 });
});
afterEach(async () => {
  await dispatcher.destroy();
  await shop.close();
});

/** The first product whose first visit ends so. */
function productWith(isWanted: (behaviour: ShopBehaviour, product: number) => boolean): number {
  for (let product = 1; product <= 300; product += 1) if (isWanted(shopBehaviour(product, 1), product)) return product;
  throw new Error('no such product');
}

async function get(url: string, headers: Record<string, string> = {}) {
  const answer = await request(url, { dispatcher, headers });
  return {
    statusCode: answer.statusCode,
    headers: answer.headers,
    bytes: Buffer.from(await answer.body.arrayBuffer()),
  };
}

/** `stream`, because without it Node 20 takes a short cut that decodes 0x80 to 0x9f as Latin-1. */
const decodeWindows1252 = (bytes: Buffer): string => new TextDecoder('windows-1252').decode(bytes, { stream: true });

test('a healthy product is served as expectedBody says', async () => {
  const product = productWith((behaviour, n) => behaviour.kind === 'page' && behaviour.delayMs === 0 && n % 20 === 2);
  const { statusCode, bytes } = await get(shop.productUrl(product));
  expect([statusCode, bytes.toString()]).toEqual([200, expectedBody(product)]);
});

test('an overloaded product answers 503 with Retry-After, then the page', async () => {
  const product = productWith((behaviour) => behaviour.kind === 'unavailable');
  const first = await get(shop.productUrl(product));
  expect([first.statusCode, first.headers['retry-after']]).toEqual([503, '1']);
  await get(shop.productUrl(product));
  expect((await get(shop.productUrl(product))).statusCode).toBe(200);
  expect(shop.faults.get('unavailable')).toBeGreaterThanOrEqual(1);
});

test.each([
  ['before the answer', 0],
  ['in the middle of the page', 1],
])('a connection is dropped %s', async (_where, parity) => {
  const product = productWith((behaviour, n) => behaviour.kind === 'dropped' && n % 2 === parity);
  await expect(get(shop.productUrl(product))).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
  expect((await get(shop.productUrl(product))).statusCode).toBe(200);
});

test('a stalled visit never answers', async () => {
  const product = productWith((behaviour) => behaviour.kind === 'stalled');
  await expect(get(shop.productUrl(product))).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
});

test('a challenge comes with status 200 and the marks of a bot protection', async () => {
  const product = productWith((behaviour) => behaviour.kind === 'challenge');
  const { statusCode, bytes } = await get(shop.productUrl(product));
  expect(statusCode).toBe(200);
  expect(bytes.toString()).toContain('<title>Just a moment...</title>');
  expect(bytes.toString()).toContain('/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1');
});

test('pages are compressed only for those who ask for it', () => {
  const zipped = productPage(3, true);
  expect(zipped.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(zipped.bytes).toString()).toBe(expectedBody(3));
  expect(productPage(3, false).bytes.toString()).toBe(expectedBody(3));
});

test.each([
  [7, 'text/html; charset=windows-1252'],
  [17, 'text/html'],
])('product %i is windows-1252, with content type %s', (product, contentType) => {
  const { headers, bytes } = productPage(product, false);
  expect(headers['content-type']).toBe(contentType);
  expect(decodeWindows1252(bytes)).toBe(expectedBody(product));
  expect(bytes.toString()).not.toBe(expectedBody(product));
});

test('every windows-1252 page survives its encoding', () => {
  for (let product = 1; product <= 5_000; product += 1) {
    if (product % 20 !== 7 && product % 20 !== 17) continue;
    expect(decodeWindows1252(productPage(product, false).bytes)).toBe(expectedBody(product));
  }
});

test('pages have 2 to 20 kB, a title of their own, valid JSON-LD and words beyond ASCII', () => {
  const titles = new Set<string>();
  for (let product = 1; product <= 300; product += 1) {
    const body = expectedBody(product);
    expect(Buffer.byteLength(body)).toBeGreaterThan(2_000);
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    expect(body).toMatch(/[äöüß].*€/s);
    const data: unknown = JSON.parse(/ld\+json">(.*)<\/script>/.exec(body)?.[1] ?? '');
    expect(data).toMatchObject({ '@type': 'Product', sku: `DEMO-${product}` });
    titles.add(/<title>(.*)<\/title>/.exec(body)?.[1] ?? '');
  }
  expect(titles.size).toBe(300);
});

test.each(singlePages.filter(({ path }) => path !== '/sign-in').map((page) => [page.name, page] as const))(
  'the page for single jobs "%s" is served as expected',
  async (_name, page) => {
    const answer = await request(`${shop.origin}${page.path}`, { dispatcher, ...page.request });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    expect(answer.statusCode).toBe(page.expected.statusCode);
    if (page.expected.body === undefined) expect(bytes.toString('base64')).toBe(page.expected.base64EncodedBody);
    else expect(bytes.toString()).toBe(page.expected.body);
  },
);

test('the basket is shown only to those who bring the cookie of the sign-in', async () => {
  const signIn = await get(`${shop.origin}/sign-in`);
  expect(signIn.headers).toMatchObject({
    location: '/sign-in/checked',
    'set-cookie': 'visitor=demo; Path=/; HttpOnly',
  });
  expect((await get(`${shop.origin}/sign-in/checked`)).headers.location).toBe('/basket');
  expect((await get(`${shop.origin}/basket`)).headers.location).toBe('/sign-in');
  expect((await get(`${shop.origin}/basket`, { cookie: 'visitor=demo' })).statusCode).toBe(200);
});
