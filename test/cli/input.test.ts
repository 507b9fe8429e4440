import { chunksOf } from '../../src/cli/input/chunks';
import { parseInput } from '../../src/cli/input/parse-input';
import type { InputFormat } from '../../src/cli/input/read-input';

const parse = (format: InputFormat, text: string | Buffer, more: { column?: string; defaults?: object } = {}) =>
  parseInput(
    { name: 'urls', format, bytes: Buffer.from(text) },
    { column: more.column, defaults: { ...more.defaults } },
  );
const urlsOf = (...args: Parameters<typeof parse>) => parse(...args).map(({ url }) => url);

test('text has a URL per line, with comments, blank lines, a byte order mark and CRLF', () => {
  expect(urlsOf('txt', '\ufeffhttps://a.example/\r\n\r\n# later\n  https://b.example/?x=#y  ')).toEqual([
    'https://a.example/',
    'https://b.example/?x=#y',
  ]);
});

test('NDJSON has options per line, which count more than those of the command', () => {
  const lines = '{"url": "https://a.example/", "id": "a", "method": "POST"}\n"https://b.example/"\n\n';
  expect(parse('ndjson', lines, { defaults: { method: 'PUT', meta: 1 } })).toEqual([
    { url: 'https://a.example/', id: 'a', method: 'POST', meta: 1 },
    { url: 'https://b.example/', method: 'PUT', meta: 1 },
  ]);
});

test.each([
  ['commas and quotes', 'name,url\n"A, or ""B""",https://a.example/?q=1\nx,"https://b.example/,"\n', undefined],
  ['semicolons', 'name;URL\r\nA;https://a.example/?q=1\r\nx;https://b.example/,\r\n', undefined],
  ['tabs, and another column', 'link\tname\nhttps://a.example/?q=1\t"line\nbreak"\nhttps://b.example/,\tx', 'link'],
])('CSV with %s', (_name, text, column) => {
  expect(urlsOf('csv', text, { ...(column !== undefined && { column }) })).toEqual([
    'https://a.example/?q=1',
    'https://b.example/,',
  ]);
});

test.each<[string, InputFormat, string | Buffer, string]>([
  [
    'a line that is no URL',
    'txt',
    'https://a.example/\nshop.example\n',
    'line 2 is not an http or https URL: "shop.example"',
  ],
  ['plain URLs in a file called NDJSON', 'ndjson', 'https://a.example/\n', 'line 1 is not a JSON object like'],
  ['JSON without a URL', 'ndjson', '{"URL": "https://a.example/"}', 'line 1 has no url'],
  ['CSV without the column', 'csv', 'a,b\n1,2\n', 'has no column "url", but "a", "b"'],
  ['CSV that is cut off', 'csv', 'url\n"https://a.example/', 'line 2: a quoted value is never closed'],
  ['nothing', 'txt', '\n# none\n', 'holds no URL'],
  ['another encoding', 'txt', Buffer.from('https://a.example/\xe9', 'latin1'), 'is not UTF-8'],
])('%s is named, and the file with it', (_name, format, text, says) => {
  expect(() => parse(format, text)).toThrow(says);
  expect(() => parse(format, text)).toThrow('urls');
});

test('of many wrong lines the first three are named', () => {
  expect(() => parse('txt', 'a\nb\nc\nd\ne\n')).toThrow(/line 1 .*; line 2 .*; line 3 .*; and 2 more\.$/);
});

test('control characters of a file do not reach the terminal', () => {
  expect(() => parse('txt', '\u001b[2J\n')).toThrow(/^\P{Cc}+$/u);
});

test('an input is split by lines and by bytes, and always in the same way', () => {
  const lines = Array.from({ length: 7 }, (_, index) => ({ url: `https://a.example/${index}` }));
  expect(chunksOf(lines, { maxLines: 3 }).map(({ length }) => length)).toEqual([3, 3, 1]);
  expect(chunksOf(lines, { maxBytes: 70 }).map(({ length }) => length)).toEqual([2, 2, 2, 1]);
  expect(chunksOf(lines, { maxBytes: 1 }).flat()).toEqual(lines);
});
