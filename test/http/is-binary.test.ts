import { gzipSync } from 'node:zlib';
import { isBinary } from '../../src/http/is-binary';

const html = Buffer.from('<!doctype html><title>Grüße</title>');
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const png = bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR');
const unknown = undefined;

describe('by declared type', () => {
  test.each([
    'image/png',
    'image/webp',
    'audio/mpeg',
    'video/mp4',
    'font/woff2',
    'application/font-woff',
    'application/pdf',
    'application/zip',
    'application/x-zip-compressed',
    'application/gzip',
    'application/x-gzip',
    'application/x-tar',
    'application/x-7z-compressed',
    'application/x-rar-compressed',
    'application/vnd.rar',
    'application/x-bzip2',
    'application/octet-stream',
    'Application/Octet-Stream; charset=utf-8',
    'application/wasm',
    'application/msword',
    'application/vnd.ms-excel',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/epub+zip',
  ])('%s is binary even if its bytes look like text', (contentType) => {
    expect(isBinary(html, { contentType })).toBe(true);
  });

  test.each([
    'text/html',
    'text/html; charset=windows-1252',
    'text/csv',
    'application/json',
    'application/ld+json; charset=utf-8',
    'application/problem+json',
    'application/xml',
    'application/xhtml+xml',
    'application/rss+xml',
    'image/svg+xml',
    'application/javascript',
    'text/javascript',
    'application/x-javascript',
    'application/x-ndjson',
    'application/x-www-form-urlencoded',
    'application/vnd.apple.mpegurl',
  ])('%s is text, whatever control characters it has', (contentType) => {
    expect(isBinary(bytes(`${'text '.repeat(300)}\x01\x02\x1b\xe9\0`), { contentType })).toBe(false);
  });
});

describe('by bytes', () => {
  test.each<[string, Buffer, string | undefined, boolean]>([
    ['a page without a type', html, unknown, false],
    ['a page with a type that is none', html, 'html', false],
    ['JSON with a type that nobody knows', bytes('{"a":1}'), 'application/x-something', false],
    ['shift_jis without a type', Buffer.from('93fa967b8cea', 'hex'), unknown, false],
    ['iso-2022-jp without a type', Buffer.from('1b2442467c4b5c386c1b2842', 'hex'), unknown, false],
    ['utf-16 with a mark, without a type', Buffer.from('\ufeff<p>hello', 'utf16le'), unknown, false],
    ['utf-16be with a mark, as a page', Buffer.from('\ufeff<p>hello', 'utf16le').swap16(), 'text/html', false],
    ['utf-16 by header', Buffer.from('<p>hello', 'utf16le'), 'text/html; charset=utf-16', false],
    ['utf-16 that nobody declares', Buffer.from('<p>hello', 'utf16le'), 'text/html', false],
    ['an empty body', Buffer.alloc(0), unknown, false],
    ['text that begins like a picture', bytes('BMW announces'), 'text/plain', false],
    ['text that begins like a tag', bytes('ID3 is a learning algorithm'), 'text/plain', false],
    ['text with ftyp in it', bytes('The ftyp box'), unknown, false],
    ['zero bytes', bytes('a\0b\0c'), unknown, true],
    ['zero bytes as text', bytes('a\0b\0c'), 'text/plain', true],
    ['control characters without a type', bytes('\x01\x02abc'), unknown, true],
    ['a picture as text', png, 'text/plain', true],
    ['a picture as a page', png, 'text/html; charset=utf-8', true],
    ['a PDF as a page', bytes('%PDF-1.7\n%\xe2\xe3\xcf\xd3'), 'text/html', true],
    ['a JPEG', bytes('\xff\xd8\xff\xe0'), unknown, true],
    ['a GIF', bytes('GIF89a!!'), unknown, true],
    ['a WebP picture', bytes('RIFFabcdWEBPVP8 '), unknown, true],
    ['a zip', bytes('PK\x03\x04'), 'text/plain', true],
    ['a gzip file', gzipSync('x'), unknown, true],
    ['a bzip2 file', bytes('BZh91AY&SY'), unknown, true],
    ['a WOFF2 font', bytes('wOF2\0\x01'), unknown, true],
    ['an MP4 film', bytes('\0\0\0 ftypisom'), unknown, true],
    ['an MP3 with a tag', bytes('ID3\x04\0\0'), unknown, true],
    ['a Word file', Buffer.from('d0cf11e0a1b11ae1', 'hex'), unknown, true],
  ])('%s', (_name, body, contentType, expected) => {
    expect(isBinary(body, { contentType })).toBe(expected);
  });
});

test('forceBinary counts more than the type', () => {
  expect(isBinary(html, { contentType: 'text/html', forceBinary: true })).toBe(true);
});
