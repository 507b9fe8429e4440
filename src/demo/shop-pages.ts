import { gzipSync } from 'node:zlib';

export interface ShopPage {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

const makers = ['Müller & Söhne', 'Bäckström', 'Grünwald', 'Café Olé', 'Straßburger', 'Nørgaard', 'Façonnable', 'Weiß'];
const things = [
  'Teekanne',
  'Schreibtischlampe',
  'Gießkanne',
  'Brotkörbchen',
  'Küchenmesser',
  'Türstopper',
  'Rührschüssel',
];
const colours = ['grün', 'weiß', 'schwarz', 'türkis', 'rosé', 'hellblau'];
const opinions = [
  'Schöner als auf dem Bild, und nach drei Wochen täglicher Nutzung noch wie neu.',
  'Für 5 € mehr hätte man auch eine größere bekommen; trotzdem zufrieden.',
  'Lieferung überraschend schnell, Verpackung zerdrückt, das Stück selbst heil.',
  'Je l’ai offerte à ma mère : elle en est ravie. Très bon rapport qualité-prix.',
  'Weighs less than it looks. The handle stays cool – exactly what I wanted.',
  'Die Farbe fällt dunkler aus, passt aber „zufällig“ genau zu unseren Möbeln.',
];

/** Seeded random numbers (mulberry32), so that a product has the same page in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const pick = (list: readonly string[], index: number): string => list[index % list.length] ?? '';
const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Charset of a page. Two in twenty are windows-1252: one says so in its header, the other one only in its markup. */
function encodingOf(productNumber: number): {
  readonly charset: 'utf-8' | 'windows-1252';
  readonly isInHeader: boolean;
} {
  const place = productNumber % 20;
  return { charset: place === 7 || place === 17 ? 'windows-1252' : 'utf-8', isInHeader: place !== 17 };
}

function review(random: (below: number) => number): string {
  const stars = 1 + random(5);
  const text = Array.from({ length: 2 + random(3) }, () => pick(opinions, random(opinions.length))).join(' ');
  return `      <article class="review"><h3>${stars} von 5</h3>\n        <p>${text}</p></article>`;
}

/** The page of a product as text, which a client must get, whatever happened on the way. */
export function expectedBody(productNumber: number): string {
  const random = createRandom(productNumber);
  const name = `${pick(things, random(things.length))} ${pick(colours, random(colours.length))}`;
  const maker = pick(makers, random(makers.length));
  const price = `${5 + random(190)}.${String(random(100)).padStart(2, '0')}`;
  const data = {
    '@context': 'https://schema.org',
    '@type': 'Product',
    sku: `DEMO-${productNumber}`,
    name,
    brand: { '@type': 'Brand', name: maker },
    offers: { '@type': 'Offer', price, priceCurrency: 'EUR', availability: 'https://schema.org/InStock' },
  };
  const reviews = Array.from({ length: 5 + random(45) }, () => review(random));
  return `<!doctype html>
<html lang="de">
  <head>
    <meta charset="${encodingOf(productNumber).charset}">
    <title>${name} von ${escapeHtml(maker)} – Nr. ${productNumber}</title>
    <meta name="description" content="${name}, ${price.replace('.', ',')} €, auf Lager">
    <script type="application/ld+json">${JSON.stringify(data)}</script>
    <style>body { font-family: serif; max-width: 40em; margin: auto } .price { font-size: 1.4em }</style>
  </head>
  <body>
    <nav><a href="/">Lädchen</a> › <a href="/products/${productNumber}">Nr. ${productNumber}</a></nav>
    <main>
      <h1>${name}</h1>
      <p>Handgefertigt bei ${escapeHtml(maker)}. Spülmaschinenfest, 2 Jahre Gewährleistung.</p>
      <p class="price">${price.replace('.', ',')} €</p>
      <h2>${reviews.length} Meinungen</h2>
${reviews.join('\n')}
    </main>
    <footer>Größen und Maße ohne Gewähr · <a href="/products/${productNumber + 1}">nächstes Stück</a></footer>
  </body>
</html>
`;
}

/** The characters beyond Latin-1 that the texts above use, in windows-1252 (https://encoding.spec.whatwg.org/index-windows-1252.txt). */
const windows1252: Readonly<Record<string, number>> = {
  '€': 0x80,
  '„': 0x84,
  '‘': 0x91,
  '’': 0x92,
  '“': 0x93,
  '–': 0x96,
  '›': 0x9b,
};

function encodeWindows1252(text: string): Buffer {
  return Buffer.from(Array.from(text, (character) => windows1252[character] ?? character.charCodeAt(0)));
}

/** The page of a product as it is sent; every third one is compressed if the client accepts gzip. */
export function productPage(productNumber: number, acceptsGzip: boolean): ShopPage {
  const { charset, isInHeader } = encodingOf(productNumber);
  const text = expectedBody(productNumber);
  const plain = charset === 'utf-8' ? Buffer.from(text) : encodeWindows1252(text);
  const headers = {
    'content-type': isInHeader ? `text/html; charset=${charset}` : 'text/html',
    etag: `"demo-${productNumber}"`,
  };
  if (!acceptsGzip || productNumber % 3 !== 0) return { headers, bytes: plain };
  return { headers: { ...headers, 'content-encoding': 'gzip', vary: 'accept-encoding' }, bytes: gzipSync(plain) };
}

/** Challenge that a bot protection serves instead of the page. It has status 200, so only its content gives it away. */
export const challengePage = `<!DOCTYPE html>
<html lang="en-US">
<head>
  <title>Just a moment...</title>
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
  <meta name="robots" content="noindex,nofollow">
  <meta http-equiv="refresh" content="390">
</head>
<body class="no-js">
  <div class="main-wrapper" role="main"><div class="main-content">
    <noscript><div id="challenge-error-text">Enable JavaScript and cookies to continue</div></noscript>
  </div></div>
  <script>(function(){window._cf_chl_opt={cvId:'3',cType:'managed',cRay:'demo'};
    var a=document.createElement('script');a.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1';
    document.getElementsByTagName('head')[0].appendChild(a);})();</script>
</body>
</html>
`;
