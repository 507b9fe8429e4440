import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

export interface OddBody {
  readonly name: string;
  /** Lines of the header, each with its line end. */
  readonly headers: string;
  readonly body: Buffer;
  /** The page as text; `CUT` or `BAD_CONTENT_ENCODING` where there is none. */
  readonly seen: string;
}

/** Long enough that half of it packed is not nearly all of it. */
export const TEXT = `<html><body>${Array.from({ length: 400 }, (_, at) => `<p>${at * 7919} words</p>`).join('')}</body></html>`;
const FLUSH = { finishFlush: constants.Z_SYNC_FLUSH };
const gzip = gzipSync(TEXT);
const flushed = gzipSync(TEXT, FLUSH);
const JUNK = [
  Buffer.from('junk'),
  Buffer.alloc(20),
  Buffer.from('\r\n'),
  Buffer.from('1f8b0899', 'hex'),
  Buffer.from('1f8b', 'hex'),
];
const encoded = (coding: string, rest = ''): string => `Content-Encoding: ${coding}\r\n${rest}`;
const length = (bytes: number): string => `Content-Length: ${bytes}\r\n`;
const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2);
const named = (name: string): Buffer =>
  Buffer.concat([
    Buffer.from('1f8b080c000000000003', 'hex'),
    Buffer.from('\x03\0abc', 'latin1'),
    Buffer.from(name),
    Buffer.alloc(1),
    gzip.subarray(10),
  ]);

function changed(bytes: Buffer, fromEnd: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy.at(-fromEnd) ?? 0) ^ 0xff, copy.length - fromEnd);
  return copy;
}

/** Every coding word and body that browsers take, and those that they do not. */
// prettier-ignore
export const ODD_BODIES: readonly OddBody[] = [
  { name: 'gzip as it should be', headers: encoded('gzip', length(gzip.length)), body: gzip, seen: TEXT },
  { name: 'gzip with the length of the unpacked page', headers: encoded('gzip', length(TEXT.length)), body: gzip, seen: TEXT },
  { name: 'the same, and the connection is to close', headers: encoded('gzip', `${length(TEXT.length)}Connection: close\r\n`), body: gzip, seen: TEXT },
  { name: 'brotli with the length of the unpacked page', headers: encoded('br', length(TEXT.length)), body: brotliCompressSync(TEXT), seen: TEXT },
  { name: 'deflate with the length of the unpacked page', headers: encoded('deflate', length(TEXT.length)), body: deflateSync(TEXT), seen: TEXT },
  { name: 'flushed gzip with the length of the unpacked page', headers: encoded('gzip', length(TEXT.length)), body: flushed, seen: TEXT },
  { name: 'gzip in chunks without an end', headers: encoded('gzip', 'Transfer-Encoding: chunked\r\n'), body: Buffer.concat([Buffer.from(`${gzip.length.toString(16)}\r\n`), gzip, Buffer.from('\r\n')]), seen: TEXT },
  { name: 'gzip that ends with a sync flush', headers: encoded('gzip', length(flushed.length)), body: flushed, seen: TEXT },
  { name: 'gzip that ends with a full flush', headers: encoded('gzip'), body: gzipSync(TEXT, { finishFlush: constants.Z_FULL_FLUSH }), seen: TEXT },
  { name: 'deflate that ends with a sync flush', headers: encoded('deflate'), body: deflateSync(TEXT, FLUSH), seen: TEXT },
  { name: 'bare deflate that ends with a sync flush', headers: encoded('deflate'), body: deflateRawSync(TEXT, FLUSH), seen: TEXT },
  ...JUNK.flatMap((junk) => [
    { name: `gzip and ${junk.toString('hex')} behind it`, headers: encoded('gzip'), body: Buffer.concat([gzip, junk]), seen: TEXT },
    { name: `deflate and ${junk.toString('hex')} behind it`, headers: encoded('deflate'), body: Buffer.concat([deflateSync(TEXT), junk]), seen: TEXT },
    { name: `brotli and ${junk.toString('hex')} behind it`, headers: encoded('br'), body: Buffer.concat([brotliCompressSync(TEXT), junk]), seen: TEXT },
  ]),
  { name: 'gzip with a wrong checksum', headers: encoded('gzip'), body: changed(gzip, 6), seen: TEXT },
  { name: 'gzip with a wrong size', headers: encoded('gzip'), body: changed(gzip, 1), seen: TEXT },
  { name: 'gzip with a wrong checksum and junk behind it', headers: encoded('gzip'), body: Buffer.concat([changed(gzip, 6), Buffer.from('junk')]), seen: TEXT },
  { name: 'deflate with a wrong checksum', headers: encoded('deflate'), body: changed(deflateSync(TEXT), 1), seen: TEXT },
  ...[1, 4, 7, 8].map((bytes) => ({ name: `gzip without the last ${bytes} bytes of its trailer`, headers: encoded('gzip'), body: gzip.subarray(0, -bytes), seen: TEXT })),
  { name: 'deflate without its checksum', headers: encoded('deflate'), body: deflateSync(TEXT).subarray(0, -4), seen: TEXT },
  { name: 'gzip with a name and extra data in its header, and a wrong checksum', headers: encoded('gzip'), body: changed(named('page.html'), 6), seen: TEXT },
  { name: 'gzip of two members', headers: encoded('gzip'), body: Buffer.concat([gzipSync(TEXT.slice(0, 99)), gzipSync(TEXT.slice(99))]), seen: TEXT },
  { name: 'x-gzip', headers: encoded('x-gzip'), body: gzip, seen: TEXT },
  { name: 'GZIP in capitals', headers: encoded('GZIP'), body: gzip, seen: TEXT },
  { name: 'bare deflate', headers: encoded('deflate'), body: deflateRawSync(TEXT), seen: TEXT },
  { name: 'gzip, gzip', headers: encoded('gzip, gzip'), body: gzipSync(gzip), seen: TEXT },
  { name: 'gzip in two lines', headers: encoded('gzip') + encoded('gzip'), body: gzipSync(gzip), seen: TEXT },
  { name: 'gzip, gzip with a wrong checksum inside', headers: encoded('gzip, gzip'), body: gzipSync(changed(gzip, 6)), seen: TEXT },
  { name: 'identity, gzip', headers: encoded('identity, gzip'), body: gzip, seen: TEXT },
  ...['identity', 'none', 'utf-8', 'UTF-8', 'text/html', 'compress', 'x-compress', 'exi', 'pack200-gzip', 'dcb', 'aes128gcm', 'binary', '8bit', '', ','].map((word) => ({
    name: `a plain body called ${JSON.stringify(word)}`, headers: encoded(word, length(TEXT.length)), body: Buffer.from(TEXT), seen: TEXT,
  })),
  { name: 'gzip under compress', headers: encoded('compress, gzip'), body: gzip, seen: TEXT },
  ...['gzip', 'br', 'deflate', 'gzip, br', 'compress'].map((word) => ({
    name: `an empty body called ${word}`, headers: encoded(word, length(0)), body: Buffer.alloc(0), seen: '',
  })),

  ...[gzip, flushed].map((whole) => ({ name: 'gzip cut in mid-data', headers: encoded('gzip', length(half(whole).length)), body: half(whole), seen: 'BAD_CONTENT_ENCODING' })),
  { name: 'gzip cut in mid-data under a longer length', headers: encoded('gzip', length(gzip.length)), body: half(gzip), seen: 'CUT' },
  { name: 'gzip cut in its header', headers: encoded('gzip'), body: gzip.subarray(0, 6), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'gzip without its last byte of data', headers: encoded('gzip'), body: gzip.subarray(0, -9), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'deflate cut in mid-data', headers: encoded('deflate'), body: half(deflateSync(TEXT)), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'bare deflate cut in mid-data', headers: encoded('deflate'), body: half(deflateRawSync(TEXT)), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'brotli cut in mid-data', headers: encoded('br'), body: half(brotliCompressSync(TEXT)), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'stored blocks cut in mid-data', headers: encoded('gzip'), body: half(gzipSync(TEXT, { level: 0 })), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'a plain body called gzip', headers: encoded('gzip'), body: Buffer.from(TEXT), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'a plain body called br', headers: encoded('br'), body: Buffer.from(TEXT), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'a plain body called zstd', headers: encoded('zstd'), body: Buffer.from(TEXT), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'deflate called gzip', headers: encoded('gzip'), body: deflateSync(TEXT), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'gzip with broken data', headers: encoded('gzip'), body: changed(gzip, gzip.length - 40), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'what is compressed with compress', headers: encoded('compress'), body: Buffer.from('1f9d90689a8c', 'hex'), seen: 'BAD_CONTENT_ENCODING' },
  { name: 'a plain body called identity that is cut', headers: encoded('identity', length(TEXT.length + 1)), body: Buffer.from(TEXT), seen: 'CUT' },
];
