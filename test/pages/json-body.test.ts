import { gzipSync } from 'node:zlib';
import { VerbatimJson, jobObjectJson, onOneLine } from '../../src/jobs/verbatim-json';
import { presentResponse } from '../../src/pages/present-response';
import { streamPage } from '../../src/pages/stream-page';

type Headers = readonly (readonly [string, string])[];

interface Options {
  readonly jsonBody?: 'object' | 'text';
  readonly isConverted?: boolean;
  readonly isBinaryTarget?: boolean;
}

/** Presents a page from memory and as a stream in parts of one byte, which have to agree. */
async function bodyOf(body: Buffer, headers: Headers, options: Options = {}) {
  const { isConverted = false, isBinaryTarget = false, jsonBody = 'object' } = options;
  const page = { targetUri: 'https://a.example/', statusCode: 200, headers, isConverted };
  const limits = { isBinaryTarget, maxBytes: 10_000_000, jsonBody };
  const whole = await presentResponse({ record: { ...page, body }, withBody: true, ...limits });
  async function* parts() {
    for (let at = 0; at < body.length; at += 1) yield body.subarray(at, at + 1);
  }
  const streamed = await streamPage({ ...page, bodyBytes: body.length, body: parts }, limits);
  if (streamed.kind !== 'page') throw new Error('too large');
  let text = '';
  for await (const part of streamed.text()) text += part;
  expect(streamed.field in whole).toBe(true);
  const isJson = whole.body instanceof VerbatimJson;
  expect(streamed.isJson).toBe(isJson);
  expect(text).toBe(whole.body instanceof VerbatimJson ? whole.body.text : (whole.body ?? whole.base64EncodedBody));
  return { isJson, text };
}

const type = (value: string): Headers => [['Content-Type', value]];

test.each([
  ...[
    'application/json',
    'Application/JSON; Charset=UTF-8',
    'text/json',
    'application/ld+json',
    'APPLICATION/VND.API+JSON',
  ],
  ...['application/problem+json; charset=utf-8', 'application/json;odata=verbose', 'application/manifest+json ; x="y"'],
])('%s is JSON', async (contentType) => {
  expect(await bodyOf(Buffer.from('{"a":1}'), type(contentType))).toEqual({ isJson: true, text: '{"a":1}' });
});

test.each([
  ...[
    'text/html',
    'text/plain',
    'application/x-ndjson',
    'application/ndjson',
    'application/jsonl',
    'application/json-seq',
  ],
  ...[
    'application/json5',
    'application/javascript',
    'application/jsonp',
    'application/json+x',
    'json',
    'application/xml',
  ],
])('%s is not JSON, whatever is in it', async (contentType) => {
  expect(await bodyOf(Buffer.from('{"a":1}'), type(contentType))).toEqual({ isJson: false, text: '{"a":1}' });
});

test('of several types the last counts, and without any it is text', async () => {
  expect((await bodyOf(Buffer.from('{}'), [...type('application/json'), ...type('text/html')])).isJson).toBe(false);
  expect((await bodyOf(Buffer.from('{}'), [...type('text/html'), ...type('application/json')])).isJson).toBe(true);
  expect((await bodyOf(Buffer.from('{}'), [])).isJson).toBe(false);
});

const JSON_TYPE = type('application/json');

test.each([
  ...['9007199254740993', '1e400', '-0', '0.10', '"text"', 'null', 'true', '[]', ' \r\n\t{"a" : [1 , 2]}\n\n'],
  ...['{"a":1,"a":2}', '{"__proto__":1}', '"\\ud800"', '"\\u0000"', '"\u2028\u2029"', '{"é":"ü 日本 😀"}'],
])('%j is spliced in as it is', async (text) => {
  expect(await bodyOf(Buffer.from(text), JSON_TYPE)).toEqual({ isJson: true, text });
});

test.each([
  ...[
    '',
    ' ',
    '{"a":1,}',
    '{"a":NaN}',
    '{} {}',
    '{}\n{}',
    "{'a':1}",
    '{"a":1',
    ")]}',\n{}",
    'undefined',
    '\ufeff\ufeff{}',
  ],
  ...['"a\nb"', '<html></html>', '// c\n{}', '01'],
])('%j stays a text', async (text) => {
  expect((await bodyOf(Buffer.from(text), JSON_TYPE)).isJson).toBe(false);
});

test.each<[string, Buffer, Headers, string]>([
  ['a byte order mark', Buffer.from('\ufeff{"a":"ü"}'), JSON_TYPE, '{"a":"ü"}'],
  [
    'latin1 that is declared',
    Buffer.from('{"a":"\xfc"}', 'latin1'),
    type('application/json; charset=iso-8859-1'),
    '{"a":"ü"}',
  ],
  ['windows-1252 that nobody declares', Buffer.from('{"a":"\xfc"}', 'latin1'), JSON_TYPE, '{"a":"ü"}'],
  ['utf-16 with its mark', Buffer.from('\ufeff{"a":"ü"}', 'utf16le'), JSON_TYPE, '{"a":"ü"}'],
  ['shift_jis', Buffer.from([0x22, 0x93, 0xfa, 0x22]), type('text/json; charset=shift_jis'), '"日"'],
  ['gzip', gzipSync('{"a":"ü"}'), [...JSON_TYPE, ['Content-Encoding', 'gzip']], '{"a":"ü"}'],
])('%s is undone first', async (_what, body, headers, text) => {
  expect(await bodyOf(body, headers)).toEqual({ isJson: true, text });
});

test('nesting that breaks parsers stays a text', async () => {
  const nested = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));
  expect((await bodyOf(nested(500), JSON_TYPE)).isJson).toBe(true);
  expect((await bodyOf(nested(501), JSON_TYPE)).isJson).toBe(false);
  expect((await bodyOf(nested(100_000), JSON_TYPE)).isJson).toBe(false);
});

test('text that is asked for is text; what autoparse made is JSON all the same; binary is binary', async () => {
  const page = Buffer.from('{"a":9007199254740993}');
  expect((await bodyOf(page, JSON_TYPE, { jsonBody: 'text' })).isJson).toBe(false);
  expect((await bodyOf(page, JSON_TYPE, { jsonBody: 'object' })).isJson).toBe(true);
  expect(await bodyOf(page, JSON_TYPE, { jsonBody: 'text', isConverted: true })).toEqual({
    isJson: true,
    text: page.toString(),
  });
  expect(await bodyOf(page, JSON_TYPE, { isBinaryTarget: true })).toEqual({
    isJson: false,
    text: page.toString('base64'),
  });
});

test('a job object is written with the JSON in it, whatever else looks like it', () => {
  const body = new VerbatimJson('{"n":1e400,\r\n"s":"$& $1"}');
  const object = { id: '$&', response: { headers: {}, statusCode: 200, body, credits: 1 }, meta: { body: 'body' } };
  const text = jobObjectJson(object);
  expect(text).toBe(
    '{"id":"$&","response":{"headers":{},"statusCode":200,"body":{"n":1e400,\r\n"s":"$& $1"},"credits":1},"meta":{"body":"body"}}',
  );
  expect(onOneLine(text)).not.toMatch(/[\r\n]/);
  expect(JSON.parse(onOneLine(text))).toEqual(JSON.parse(text));
  expect(jobObjectJson({ id: 'x', response: { body: 'a\nb' } })).toBe('{"id":"x","response":{"body":"a\\nb"}}');
});
