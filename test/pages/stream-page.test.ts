import type { Transform } from 'node:stream';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { BodyTooLargeError } from '../../src/http/body-errors';
import { codingSteps } from '../../src/http/codings/coding-steps';
import { presentResponse } from '../../src/pages/present-response';
import { streamPage } from '../../src/pages/stream-page';
import { waitFor } from '../support/wait-for';

const MEGABYTE = 1024 * 1024;
type Headers = readonly (readonly [string, string])[];

interface Opened {
  readonly targetUri: string;
  readonly statusCode: number;
  readonly headers: Headers;
  readonly bodyBytes: number;
  readonly body: () => AsyncGenerator<Buffer>;
}

/** A page whose body comes in parts of these sizes, over and over. `open` counts readers that have not been closed. */
function pageOf(body: Buffer, headers: Headers, sizes: readonly number[] = [65_536]) {
  const state = { open: 0, reads: 0 };
  const parts = async function* () {
    state.open += 1;
    try {
      let at = 0;
      for (let turn = 0; at < body.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        state.reads += 1;
        yield body.subarray(at, at + size);
        at += size;
      }
    } finally {
      state.open -= 1;
    }
  };
  const page: Opened = {
    targetUri: 'https://a.example/',
    statusCode: 200,
    headers,
    bodyBytes: body.length,
    body: parts,
  };
  return { page, state };
}

/** Joins the parts of a text, and expects that none ends within a surrogate pair. */
async function joined(text: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const part of text) {
    expect(part).not.toMatch(/\p{Surrogate}/u);
    all += part;
  }
  return all;
}

/** Presents a page in both ways, which have to give the same `response`. */
async function both(
  body: Buffer,
  headers: Headers,
  options: { sizes?: readonly number[]; isBinaryTarget?: boolean } = {},
) {
  const { isBinaryTarget = false, sizes } = options;
  const limits = { isBinaryTarget, maxBytes: 50 * MEGABYTE };
  const { page, state } = pageOf(body, headers, sizes);
  const streamed = await streamPage(page, limits);
  if (streamed.kind !== 'page') throw new Error('too large');
  const once = await joined(streamed.text());
  const again = await joined(streamed.text());
  expect(again).toBe(once);
  expect(state.open).toBe(0);
  const response = { headers: streamed.headers, statusCode: streamed.statusCode, [streamed.field]: once };
  const expected = await presentResponse({ record: { ...page, body }, withBody: true, ...limits });
  return { response, expected };
}

const html = (text: string) => Buffer.from(`<!doctype html><title>${text}</title>${text.repeat(50)}`);
const numbers = (count: number) => Buffer.from(Array.from({ length: count }, (_, i) => `${i * 7919} `).join(''));
/** Compresses at a low quality, because at the default one a megabyte takes seconds. */
const quickBrotli = (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
const type = (value: string): [string, string] => ['content-type', value];
const encoding = (value: string): [string, string] => ['Content-Encoding', value];

const cases: [string, Buffer, Headers][] = [
  ['plain text', html('Grüße €'), [type('text/html; charset=utf-8')]],
  ['an empty body', Buffer.alloc(0), [type('image/png'), encoding('gzip')]],
  ['gzip', gzipSync(html('äöü')), [type('text/html'), encoding('gzip')]],
  ['brotli', brotliCompressSync(html('äöü')), [encoding('br')]],
  ['deflate', deflateSync(html('äöü')), [encoding('deflate')]],
  ['bare deflate', deflateRawSync(html('äöü')), [encoding('deflate')]],
  [
    'gzip in brotli in deflate',
    deflateSync(brotliCompressSync(gzipSync(html('x')))),
    [encoding('gzip, br'), encoding('deflate')],
  ],
  ['words that are no coding', html('x'), [encoding('none, utf-8')]],
  ['gzip that is cut short', gzipSync(html('äöü'.repeat(1_000))).subarray(0, 60), [encoding('gzip')]],
  ['gzip with garbage behind it', Buffer.concat([gzipSync(html('x')), Buffer.from('garbage')]), [encoding('gzip')]],
  ['gzip in two members', Buffer.concat([gzipSync(html('x')), gzipSync(html('y'))]), [encoding('gzip')]],
  ['gzip with padding behind it', Buffer.concat([gzipSync(html('x')), Buffer.alloc(9)]), [encoding('x-gzip')]],
  [
    'gzip with half a header behind it',
    Buffer.concat([gzipSync(html('x')), Buffer.from([0x1f, 0x8b, 0xff, 0xff])]),
    [encoding('gzip')],
  ],
  ['a single byte that is to be deflate', Buffer.from([0x78]), [encoding('deflate')]],
  [
    'gzip that is damaged',
    Buffer.concat([gzipSync(html('x')).subarray(0, 30), Buffer.alloc(100, 0xff)]),
    [encoding('gzip')],
  ],
  ['a body that is not in its coding', html('x'), [encoding('gzip')]],
  ['a coding that nobody can undo', html('x'), [encoding('zstd')]],
  ['too many codings', html('x'), [encoding('gzip, gzip, gzip, gzip, gzip, gzip')]],
  ['utf-8 that nobody declares', html('Grüße €😀'), []],
  ['utf-8 with a byte order mark', Buffer.concat([Buffer.from('\ufeff'), html('ä')]), [type('text/plain')]],
  ['utf-16', Buffer.from('\ufeffGrüße 😀', 'utf16le'), [type('text/html')]],
  ['windows-1252 that nobody declares', Buffer.from([...html('caf'), 0xe9, 0x80, 0x20]), [type('text/html')]],
  ['utf-8 that breaks off', html('€').subarray(0, -1), []],
  ['a declared utf-8 that breaks off', html('€').subarray(0, -1), [type('text/html; charset=utf-8')]],
  ['euc-kr', Buffer.from([0xb0, 0xa1, 0x81, 0x41, 0x20, 0xb0, 0x3c, 0xff, 0xb0]), [type('text/html; charset=euc-kr')]],
  ['gbk', Buffer.from([0xc4, 0xe3, 0x80, 0x81, 0x30, 0x81, 0x30]), [type('text/html; charset=gbk')]],
  [
    'shift_jis by meta',
    Buffer.from([...Buffer.from('<meta charset=shift_jis>'), 0x83, 0x65, 0x83]),
    [type('text/html')],
  ],
  [
    'four bytes of gbk that are none',
    Buffer.from([0x0a, 0x1b, 0x81, 0x30, 0x0a, 0x28, 0x49, 0x40, 0x28, 0xdc, 0xbf]),
    [type('text/html; charset=gb18030')],
  ],
  ['windows-1252 that is declared', Buffer.from([0x80, 0x81, 0x9f, 0xe9, 0xff]), [type('text/html; charset=latin1')]],
  [
    'utf-16be without a byte order mark',
    Buffer.from([0xd8, 0x3d, 0xde, 0x00, 0xd8]),
    [type('text/html; charset=utf-16be')],
  ],
  ['iso-2022-jp', Buffer.from('\x1b$B%F%9%H\x1b(B ok'), [type('text/html; charset=iso-2022-jp')]],
  ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0', 'latin1'), [type('image/png')]],
  ['bytes that are no text', Buffer.from([1, 2, 3, 4]), []],
  // A declaration is looked for in 1,024 bytes, and bytes that are no text in 1,445.
  ...[1_000, 1_010].map((at): [string, Buffer, Headers] => [
    `a declaration at ${at}`,
    Buffer.concat([Buffer.from(`${' '.repeat(at)}<meta charset=koi8-r>`), Buffer.alloc(2_000, 0xc1)]),
    [type('text/html')],
  ]),
  ...[1_444, 1_445].map((at): [string, Buffer, Headers] => [
    `a byte that is no text at ${at}`,
    Buffer.from(`${' '.repeat(at)}\x01${' '.repeat(5_000)}`),
    [],
  ]),
];

test.each(cases)('%s comes out as it does at once, whatever the parts', async (_what, body, headers) => {
  for (const sizes of [[65_536], [1], [3, 1, 2], [7]]) {
    const { response, expected } = await both(body, headers, { sizes });
    expect(response).toEqual(expected);
  }
  const { response, expected } = await both(body, headers, { isBinaryTarget: true, sizes: [5] });
  expect(response).toEqual(expected);
});

test('any bytes in any coding and charset come out as they do at once', async () => {
  const labels = [
    'utf-8',
    'windows-1252',
    'euc-kr',
    'gbk',
    'gb18030',
    'big5',
    'shift_jis',
    'euc-jp',
    'iso-2022-jp',
    'utf-16le',
    'utf-16be',
    'koi8-r',
    'nonsense',
  ];
  const coders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    gzip: (bytes) => gzipSync(bytes),
    br: (bytes) => quickBrotli(bytes),
    deflate: (bytes) => deflateSync(bytes),
  };
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
    // These are broken beginnings of long characters and of escapes.
    fc
      .array(fc.constantFrom(0x1b, 0x24, 0x28, 0x30, 0x41, 0x81, 0x8f, 0xd8, 0xe2, 0xf0, 0xfe), { maxLength: 60 })
      .map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(
      content,
      fc.array(fc.constantFrom(...Object.keys(coders), 'none'), { maxLength: 3 }),
      fc.option(fc.constantFrom(...labels)),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      fc.nat(20),
      fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ maxLength: 5 })),
      async (bytes, codings, label, sizes, cut, tail) => {
        const coded = codings.reduce<Buffer>((body, coding) => coders[coding]?.(body) ?? body, bytes);
        const whole = coded.subarray(0, coded.length - Math.min(cut > 10 ? cut - 10 : 0, coded.length));
        const body = Buffer.concat([whole, tail]);
        const headers = [
          ...(codings.length > 0 ? [encoding(codings.join(', '))] : []),
          ...(label === null ? [] : [type(`text/html; charset=${label}`)]),
        ];
        const { response, expected } = await both(body, headers, { sizes });
        expect(response).toEqual(expected);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a page that unpacks to more than is wanted is not read to its end', async () => {
  const { page, state } = pageOf(gzipSync(Buffer.alloc(100 * MEGABYTE, 'a')), [encoding('gzip')], [1_024]);
  const streamed = await streamPage(page, { isBinaryTarget: false, maxBytes: MEGABYTE });
  expect(streamed).toMatchObject({ kind: 'too-large', statusCode: 200, headers: { 'sa-statuscode': '200' } });
  expect(state).toMatchObject({ open: 0 });
  expect(state.reads).toBeLessThan(50);
});

test('a body of one step of which there is too much is not read to its end, even if little comes out of the last', async () => {
  const nothing = gzipSync(Buffer.alloc(0));
  const members = Buffer.alloc(3 * MEGABYTE);
  members.fill(nothing);
  const record = pageOf(gzipSync(members), [encoding('gzip, gzip')], [64]);
  const limits = { isBinaryTarget: false, maxBytes: MEGABYTE };
  expect(await streamPage(record.page, limits)).toMatchObject({ kind: 'too-large' });
  const whole = presentResponse({ record: { ...record.page, body: gzipSync(members) }, withBody: true, ...limits });
  await expect(whole).rejects.toThrow(BodyTooLargeError);
});

test('a body that cannot be unpacked is measured as it came', async () => {
  const raw = pageOf(Buffer.alloc(2 * MEGABYTE), [encoding('zstd')]);
  expect(await streamPage(raw.page, { isBinaryTarget: false, maxBytes: MEGABYTE })).toMatchObject({
    kind: 'too-large',
  });
});

test('a large body that turns out damaged is given as it came, though more of it could be read', async () => {
  const body = gzipSync(numbers(300_000), { level: 0 });
  body.fill(0xff, 500_000, 700_000);
  for (const size of [4_096, 65_536, 262_144]) {
    const { response, expected } = await both(body, [type('text/plain'), encoding('gzip')], { sizes: [size] });
    expect(response).toHaveProperty('base64EncodedBody');
    expect(response).toEqual(expected);
    const twice = gzipSync(body, { level: 1 });
    const { response: raw } = await both(twice, [encoding('gzip, gzip')], { sizes: [size] });
    expect(raw).toHaveProperty('base64EncodedBody', twice.toString('base64'));
  }
});

test('who stops reading leaves nothing open', async () => {
  const spies = codingSteps('br, gzip').map((step) => jest.spyOn(step, 'createStage'));
  const body = gzipSync(quickBrotli(numbers(300_000)));
  const { page, state } = pageOf(body, [encoding('br, gzip')], [4_096]);
  const streamed = await streamPage(page, { isBinaryTarget: false, maxBytes: 50 * MEGABYTE });
  if (streamed.kind !== 'page') throw new Error('too large');
  for await (const _part of streamed.text()) break;
  expect(state.open).toBe(0);
  const iterator = streamed.text()[Symbol.asyncIterator]();
  await iterator.next();
  await expect(iterator.throw?.(new Error('enough'))).rejects.toThrow('enough');
  expect(state.open).toBe(0);
  const streams = spies.flatMap((spy) => spy.mock.results.map(({ value }) => value as Transform));
  spies.forEach((spy) => spy.mockRestore());
  expect(streams).toHaveLength(6); // They belong to the first pass, and to the two that were given up.
  await waitFor(() => streams.every(({ closed }) => closed));
});

test('a reader that fails is not mistaken for a body in the wrong encoding', async () => {
  const body = gzipSync(numbers(50_000));
  const failing = async function* () {
    yield body.subarray(0, 1_000);
    throw new Error('the disk is gone');
  };
  const page: Opened = { ...pageOf(body, [encoding('gzip')]).page, body: failing };
  await expect(streamPage(page, { isBinaryTarget: false, maxBytes: MEGABYTE })).rejects.toThrow('the disk is gone');
});

test('a reader that fails in the second pass fails the text, through two codings', async () => {
  const body = gzipSync(quickBrotli(numbers(50_000)));
  let passes = 0;
  const failing = async function* () {
    passes += 1;
    yield body.subarray(0, 50_000);
    if (passes > 1) throw new Error('the disk is gone');
    yield body.subarray(50_000);
  };
  const page: Opened = { ...pageOf(body, [encoding('br, gzip')]).page, body: failing };
  const streamed = await streamPage(page, { isBinaryTarget: false, maxBytes: MEGABYTE });
  if (streamed.kind !== 'page') throw new Error('too large');
  await expect(joined(streamed.text())).rejects.toThrow('the disk is gone');
});
