import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadPriceList } from '../../src/service/setting-files';
import type { ApiParams } from '../../src/jobs/api-params';
import { defaultPriceTable } from '../../src/jobs/price-table';
import { PriceTableError, createPriceList, parsePriceTable } from '../../src/jobs/prices';

const { priceOf } = createPriceList();

const tableRows: [string, ApiParams, number, number, number, number][] = [
  ['none', {}, 1, 5, 25, 30],
  ['render', { render: true }, 10, 15, 35, 40],
  ['screenshot', { screenshot: true }, 10, 15, 35, 40],
  ['render and screenshot', { render: true, screenshot: true }, 10, 15, 35, 40],
  ['premium', { premium: true }, 10, 10, 35, 40],
  ['premium and render', { premium: true, render: true }, 25, 25, 45, 50],
  ['premium and screenshot', { premium: true, screenshot: true }, 25, 25, 45, 50],
  ['ultra_premium', { ultra_premium: true }, 30, 30, 55, 60],
  ['ultra_premium and render', { ultra_premium: true, render: true }, 75, 75, 75, 75],
];

test.each(tableRows)('%s', (_name, params, ordinary, ecommerce, search, linkedin) => {
  expect(priceOf('https://a.example/', params)).toBe(ordinary);
  for (const site of ['amazon.com', 'walmart.com', 'ebay.com'])
    expect(priceOf(`https://${site}/`, params)).toBe(ecommerce);
  for (const site of ['google.com', 'bing.com']) expect(priceOf(`https://${site}/`, params)).toBe(search);
  expect(priceOf('https://linkedin.com/', params)).toBe(linkedin);
});

test.each<[ApiParams, number]>([
  [{ wait_for_selector: '#a' }, 10],
  [{ render: false, screenshot: true }, 10],
  [{ instruction_set: [{ type: 'wait', value: 1 }] }, 10],
  [{ instruction_set: null, wait_for_selector: null, render: null, premium: null }, 1],
  [{ render: false, screenshot: false, premium: false, ultra_premium: false }, 1],
  [{ premium: true, ultra_premium: true }, 30],
  [{ autoparse: true, country_code: 'de', session_number: 1, keep_headers: true, retry_404: true }, 1],
])('%j costs %d on an ordinary site', (params, price) => {
  expect(priceOf('https://a.example/', params)).toBe(price);
});

test.each([
  ['https://amazon.co.uk/dp/1', 5],
  ['https://www.amazon.com.br/', 5],
  ['HTTPS://WWW.AMAZON.DE:8443/x', 5],
  ['https://user:pass@smile.amazon.com/', 5],
  ['https://amazon.com./', 5],
  ['https://my_shop.ebay.com/', 5],
  ['https://www.google.de/search?q=amazon.com', 25],
  ['https://a.b.c.bing.com/', 25],
  ['https://de.linkedin.com/in/x', 30],
  ['https://amazon.example.com/', 1],
  ['https://notamazon.com/', 1],
  ['https://amazon.com.evil.example/', 1],
  ['https://amazon.com@a.example/', 1],
  ['https://amazon.github.io/', 1],
  ['https://www.amazon.blogspot.com/', 1],
  ['https://about.google/', 1],
  ['https://google/', 1],
  ['http://google.localhost/', 1],
  ['http://amazon.internal/', 1],
  ['http://localhost/', 1],
  ['http://127.0.0.1:8080/', 1],
  ['http://2130706433/', 1],
  ['http://[::1]/', 1],
])('%s costs %d', (url, price) => {
  expect(priceOf(url, {})).toBe(price);
  expect(priceOf(url, {})).toBe(price);
});

test('the price of any URL is a positive integer of the table', () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6().map((address) => `[${address}]`),
    fc.webAuthority(),
    fc.string({ minLength: 1, unit: 'binary' }),
    fc
      .tuple(fc.domain(), fc.constantFrom('amazon.co.uk', 'google.de', 'github.io', 'linkedin.com'))
      .map((parts) => parts.join('.')),
  );
  const flag = fc.option(fc.boolean());
  const params = fc.record({ render: flag, screenshot: flag, premium: flag, ultra_premium: flag });
  fc.assert(
    fc.property(fc.constantFrom('http', 'https'), host, fc.webPath(), params, (scheme, name, path, asked) => {
      const url = `${scheme}://${name}${path}`;
      fc.pre(URL.canParse(url));
      const price = priceOf(url, asked);
      expect(Number.isInteger(price) && price > 0).toBe(true);
      expect(createPriceList().priceOf(url, asked)).toBe(price);
    }),
    { numRuns: 1_000 },
  );
});

test('50,000 URLs of as many hosts are priced in well under a second', () => {
  const sites = ['amazon.co.uk', 'google.de', 'a.example', 'linkedin.com'];
  const urls = Array.from({ length: 50_000 }, (_, index) => `https://w${index}.${sites[index % 4]}/path/${index}`);
  const fresh = createPriceList();
  const before = process.cpuUsage(); // CPU time, because elapsed time depends on what else runs on the machine
  const total = urls.reduce((sum, url) => sum + fresh.priceOf(url, {}), 0);
  const cpuMs = process.cpuUsage(before).user / 1_000;
  expect(total).toBe(12_500 * (5 + 25 + 1 + 30));
  expect(cpuMs).toBeLessThan(600);
});

describe("the owner's table", () => {
  test('an empty one is the default', () => {
    expect(parsePriceTable('{}')).toEqual(defaultPriceTable);
    expect(parsePriceTable('\uFEFF{"prices":{},"domains":{}}')).toEqual(defaultPriceTable);
  });

  test('what it names is changed, the rest stays', () => {
    const list = createPriceList(
      parsePriceTable('{"prices":{"premium+render":{"search":7}},"domains":{"ecommerce":["etsy"]}}'),
    );
    const both = { premium: true, render: true };
    expect(list.priceOf('https://google.com/', both)).toBe(7);
    expect(list.priceOf('https://linkedin.com/', both)).toBe(50);
    expect(list.priceOf('https://www.etsy.com/', {})).toBe(5);
    expect(list.priceOf('https://amazon.com/', {})).toBe(1);
    expect(priceOf('https://amazon.com/', {})).toBe(5);
  });

  test.each([
    ['{"prices":{"none":{"ordinary":0}}}', 'prices.none.ordinary'],
    ['{"prices":{"none":{"ordinary":1.5}}}', 'prices.none.ordinary'],
    ['{"prices":{"premium+render":{"search":"7"}}}', 'prices.premium+render.search'],
    ['{"prices":{"render":{"linkedin":1e9}}}', 'prices.render.linkedin'],
    ['{"prices":{"render":{"linkedin":null}}}', 'prices.render.linkedin'],
    ['{"prices":{"screenshots":{}}}', 'prices.screenshots'],
    ['{"prices":{"none":{"shops":1}}}', 'prices.none.shops'],
    ['{"prices":{"none":3}}', 'prices.none'],
    ['{"prices":[]}', 'prices'],
    ['{"price":{}}', 'price'],
    ['{"domains":{"ordinary":[]}}', 'domains.ordinary'],
    ['{"domains":{"search":"google"}}', 'domains.search'],
    ['{"domains":{"search":["google","duckduckgo.com"]}}', 'domains.search[1]'],
    ['{"domains":{"search":["ebay"]}}', 'domains.search[0]'],
    ['{"__proto__":{}}', '__proto__'],
    ['[]', ''],
    ['null', ''],
    ['{', ''],
  ])('%s is refused at "%s"', (text, path) => {
    expect(problemsOf(text)).toEqual([{ path, message: expect.any(String) }]);
  });

  test('every problem is named', () => {
    expect(problemsOf('{"prices":{"none":{"ordinary":0,"x":1,"y":2}},"domains":{"search":[3]}}')).toEqual([
      { path: 'prices.none.ordinary', message: 'must be an integer from 1 to 1000000' },
      { path: 'prices.none.x', message: 'is not known' },
      { path: 'prices.none.y', message: 'is not known' },
      { path: 'domains.search[0]', message: 'must be a lower-case name without its suffix, such as "amazon"' },
    ]);
  });

  test('is read from its file, and an error names the file and the paths', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'everfetch-prices-'));
    try {
      const file = join(folder, 'prices.json');
      await writeFile(file, '{"prices":{"none":{"ordinary":2}}}');
      expect((await loadPriceList(file)).priceOf('https://a.example/', {})).toBe(2);
      expect((await loadPriceList(undefined)).priceOf('https://a.example/', {})).toBe(1);
      await writeFile(file, '{"prices":{"none":{"ordinary":-2}},"domain":{}}');
      await expect(loadPriceList(file)).rejects.toMatchObject({
        name: 'ConfigError',
        problems: [
          `PRICE_FILE is "${file}", but prices.none.ordinary must be an integer from 1 to 1000000`,
          `PRICE_FILE is "${file}", but domain is not known`,
        ],
      });
      await expect(loadPriceList(join(folder, 'none.json'))).rejects.toMatchObject({
        name: 'ConfigError',
        message: `PRICE_FILE is "${join(folder, 'none.json')}", which cannot be read (ENOENT).`,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

function problemsOf(text: string) {
  try {
    parsePriceTable(text);
  } catch (error) {
    if (error instanceof PriceTableError) return error.problems;
    throw error;
  }
  return [];
}
