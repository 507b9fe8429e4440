import { pageData } from '../../src/convert/page-data';
import type { PageData } from '../../src/convert/page-data';

const read = (html: string): PageData => pageData(html, { pageUrl: 'https://shop.example/a/b', isXml: false });

test('a page without anything declares nothing', () => {
  expect(read('<p>a')).toEqual({
    url: 'https://shop.example/a/b',
    alternates: [],
    meta: {},
    openGraph: {},
    twitter: {},
    jsonLd: [],
    jsonLdErrors: 0,
    microdata: [],
    links: [],
    linksTruncated: false,
  });
});

test('the head', () => {
  const html = `<html lang=" de-AT "><head><title> Gr&uuml;n
    &amp; blau</title><base href="/z/">
    <meta name="Description" content=" d "><meta name=description content=second>
    <meta property="og:image" content="1.png"><meta property="og:image" content="2.png"><meta name="og:title" content="t">
    <meta name="twitter:card" content="summary"><meta charset=utf-8>
    <link rel="canonical" href="c"><link rel="alternate" hreflang="en" href="/en"><link rel="alternate stylesheet" href="/s">
    <link rel="ALTERNATE" type="application/rss+xml" href="feed"></head><body><svg><title>no</title></svg>`;
  expect(read(html)).toMatchObject({
    title: 'Grün & blau',
    description: 'd',
    lang: 'de-AT',
    canonical: 'https://shop.example/z/c',
    alternates: [
      { url: 'https://shop.example/en', hreflang: 'en' },
      { url: 'https://shop.example/z/feed', type: 'application/rss+xml' },
    ],
    meta: { description: 'd' },
    openGraph: { image: ['1.png', '2.png'], title: ['t'] },
    twitter: { card: 'summary' },
  });
});

test('links are absolute and come once, with the first text', () => {
  const html = `<a href=/x rel="NoFollow"><img></a><a href="x?y#z">one <b>two</b>\n three</a><a href=/x>four</a><a href=/x>five</a>
    <a href="mailto:a@b.c">m</a><a href="javascript:1">j</a><area href="https://other.example">`;
  expect(read(html).links).toEqual([
    { url: 'https://shop.example/x', text: 'four', rel: 'nofollow' },
    { url: 'https://shop.example/a/x?y#z', text: 'one two three' },
    { url: 'https://other.example/', text: '' },
  ]);
});

test('links are bounded', () => {
  const { links, linksTruncated } = read(Array.from({ length: 6_000 }, (_, i) => `<a href=/${i}>a</a>`).join(''));
  expect({ count: links.length, linksTruncated }).toEqual({ count: 5_000, linksTruncated: true });
});

describe('JSON-LD', () => {
  const block = (json: string): string => `<script type="application/ld+json">${json}</script>`;

  test('each block by itself; what is broken is counted', () => {
    const html =
      block('{"@type":"Product","name":"a &amp; b"}') + block('{"a":') + block('[{"b":1},{"c":2}]') + block(' ');
    expect(read(html)).toMatchObject({
      jsonLd: [{ '@type': 'Product', name: 'a &amp; b' }, { b: 1 }, { c: 2 }],
      jsonLdErrors: 1,
    });
  });

  test('line breaks in texts, comments and CDATA around it are forgiven', () => {
    const html = block('{"a":"b\nc"}') + block('<!-- {"d":1} -->') + block('//<![CDATA[\n{"e":2}\n//]]>');
    expect(read(html)).toMatchObject({ jsonLd: [{ a: 'b c' }, { d: 1 }, { e: 2 }], jsonLdErrors: 0 });
  });

  test('other scripts are none', () => {
    expect(read('<script>{"a":1}</script><script type="application/json">{}</script>').jsonLd).toEqual([]);
  });

  test.each([
    ['too deep', '['.repeat(100_000)],
    ['too deep, and right', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
    ['too long', `"${'x'.repeat(1_000_001)}"`],
  ])('%s is not taken', (_name, json) => {
    expect(read(block(json))).toMatchObject({ jsonLd: [], jsonLdErrors: 1 });
  });

  test('names of the language are names like any other', () => {
    const html =
      block('{"__proto__":{"isAdmin":true},"constructor":1}') +
      '<meta name=__proto__ content=x><meta property="og:__proto__" content=y><meta name=constructor content=z>';
    const data = read(html);
    expect(JSON.stringify(data.jsonLd)).toBe('[{"constructor":1}]');
    expect(data.meta).toEqual({ constructor: 'z' });
    expect(Object.getPrototypeOf(data.openGraph)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
  });
});

describe('microdata', () => {
  test('items in items, several values, values by element', () => {
    const html = `<div itemscope itemtype="https://schema.org/Product" itemid="urn:x:1"><h1 itemprop="name alternateName">A
      <b>B</b></h1><img itemprop=image src=/1.png><img itemprop=image src=2.png><div itemprop=offers itemscope
      itemtype="https://schema.org/Offer"><meta itemprop=price content="1.50"><time itemprop=until datetime=2027>soon</time>
      <span><data itemprop=gtin value=5>five</data></span></div></div><p itemprop=stray>no</p>`;
    expect(read(html).microdata).toEqual([
      {
        type: ['https://schema.org/Product'],
        id: 'urn:x:1',
        properties: {
          name: ['A B'],
          alternateName: ['A B'],
          image: ['https://shop.example/1.png', 'https://shop.example/a/2.png'],
          offers: [
            { type: ['https://schema.org/Offer'], properties: { price: ['1.50'], until: ['2027'], gtin: ['5'] } },
          ],
        },
      },
    ]);
  });

  test('itemref brings in what stands elsewhere', () => {
    const html = '<p id=x>a<b itemprop=c>d</b></p><div itemscope itemref="x nowhere"><i itemprop=e>f</i></div>';
    expect(read(html).microdata).toEqual([{ type: [], properties: { e: ['f'], c: ['d'] } }]);
  });

  test('items that refer to each other end', () => {
    const html =
      '<div id=a itemscope itemprop=p itemref=b></div><div id=b itemscope itemprop=q itemref=a></div><p itemscope itemref=a>';
    expect(read(html).microdata).toEqual([
      { type: [], properties: { p: [{ type: [], properties: { q: [{ type: [], properties: {} }] } }] } },
    ]);
  });

  test('items that double with each step stay small', () => {
    const steps = Array.from(
      { length: 40 },
      (_, i) =>
        `<p id=l${i} itemscope itemprop=a itemref="l${i + 1} r${i + 1}"></p><p id=r${i} itemscope itemprop=b itemref="l${i + 1} r${i + 1}"></p>`,
    );
    const data = read(`${steps.join('')}<div itemscope itemref="l0 r0">`);
    expect(data.microdata).toHaveLength(1);
    expect(JSON.stringify(data).length).toBeLessThan(2_000_000);
  });
});
