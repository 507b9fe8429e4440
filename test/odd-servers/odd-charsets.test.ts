import { decodeText } from '../../src/http/charset/charset';
import { presentResponse } from '../../src/pages/present-response';
import { streamPage } from '../../src/pages/stream-page';
import legacyTexts from '../fixtures/legacy-texts.json';

interface Page {
  readonly body: Buffer;
  readonly headers: readonly (readonly [string, string])[];
}

/** What a client gets, the same at once and in parts. */
async function textOf({ body, headers }: Page): Promise<unknown> {
  const record = { targetUri: 'http://a.test/', statusCode: 200, headers, body };
  const maxBytes = 10_000_000;
  const whole = await presentResponse({ record, isBinaryTarget: false, withBody: true, maxBytes });
  const parts = async function* () {
    for (let at = 0; at < body.length; at += 777) yield body.subarray(at, at + 777);
  };
  const page = await streamPage(
    { ...record, bodyBytes: body.length, body: parts },
    { isBinaryTarget: false, maxBytes },
  );
  if (page.kind !== 'page') throw new Error('too large');
  let text = '';
  for await (const part of page.text()) text += part;
  expect([page.field, text]).toEqual(
    whole.body === undefined ? ['base64EncodedBody', whole.base64EncodedBody] : ['body', whole.body],
  );
  return whole.body ?? 'binary';
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const type = (value: string) => ['Content-Type', value] as const;
const html = type('text/html');
const HEAD = latin1('<!DOCTYPE html><html><head><script>var a = "<p>text</p>";</script><title>');
const MIDDLE = latin1('</title></head><body><ul><li><a href="/index.php?page=1">Home</a></li></ul><p>');
const END = latin1('</p></body></html>');

describe.each(legacyTexts)('$language in $encoding, undeclared', ({ text, bytes }) => {
  test.each([[[html]], [[type('text/plain')]], [[]]])('is read, with the headers %j', async (headers) => {
    const packed = Buffer.from(bytes, 'base64');
    const body = Buffer.concat([HEAD, packed, MIDDLE, packed, END]);
    const expected = [HEAD, text, MIDDLE, text, END].map(String).join('');
    expect(await textOf({ body, headers })).toBe(expected);
  });

  test('is read behind a hundred kilobytes of ASCII', async () => {
    const packed = Buffer.from(bytes, 'base64');
    const filler = latin1(`<script>${'x = 1;\n'.repeat(15_000)}</script>`);
    const body = Buffer.concat([HEAD, filler, packed, END]);
    expect(await textOf({ body, headers: [html] })).toBe([HEAD, filler, text, END].map(String).join(''));
  });
});

test.each([
  ['one word', 'Only one M\u00fcller here'],
  ['signs', '\u00a9 2026 \u00ab x \u00bb \u00ae caf\u00e9'],
  ['capitals', '\u00dcBER UNS, GR\u00d6SSE \u00c4NDERN'],
  ['French capitals', '\u00c9COLE PRIMAIRE \u00c0 LOUER'],
  ['Spanish', '\u00bfCu\u00e1nto? Espa\u00f1a, ni\u00f1os'],
  ['umlauts alone', '\u00e4\u00f6\u00fc\u00c4\u00d6\u00dc\u00df'],
  ['a list of letters', '\u00e0 \u00e1 \u00e2 \u00e3 \u00e4 \u00e5 \u00e6 \u00e7 \u00e8 \u00e9 \u00ea \u00eb'],
])('a western page with %s stays windows-1252', (_what, text) => {
  expect(decodeText(latin1(`<p>${text}</p>`), 'text/html')).toEqual({
    text: `<p>${text}</p>`,
    charset: 'windows-1252',
  });
});

describe.each(['utf16le', 'utf16be'] as const)('%s without a mark', (encoding) => {
  const encode = (text: string): Buffer => {
    const bytes = Buffer.from(text, 'utf16le');
    return encoding === 'utf16le' ? bytes : bytes.swap16();
  };
  test.each([
    '<html><body>plain</body></html>',
    '<html><title>Привет, 世界</title></html>',
    '<?xml version="1.0"?><a>é</a>',
  ])('%s', async (text) => {
    for (const headers of [[html], [], [type('application/octet')]])
      expect(await textOf({ body: encode(text), headers })).toBe(text);
  });
});

test('bytes with zeros that are no text stay binary', async () => {
  for (const hex of ['0001000200030004000500060007', 'ff00fe00fd000100', '00'.repeat(64), '7f454c4602010100'])
    expect(await textOf({ body: Buffer.from(hex, 'hex'), headers: [] })).toBe('binary');
});

const privet = Buffer.from('cff0e8e2e5f2', 'hex');
const LATE: readonly (readonly [what: string, before: string])[] = [
  ['a long script', `<script>${'var a = "<p>";'.repeat(200)}</script>`],
  ['a long comment', `<!-- ${'x > y '.repeat(500)}-->`],
  ['a long description', `<meta name="description" content="${'words > and "'.replace('"', "'").repeat(200)}">`],
  ['a style', `<style>${'p { color: red }'.repeat(200)}</style>`],
  ['eighty kilobytes', `<script>${' '.repeat(80_000)}</script>`],
  ['a script that writes another declaration', `<script>${' '.repeat(2_000)}'<meta charset=big5>'</script>`],
  ['a title that looks like one', `${' '.repeat(1_024)}<title><meta charset=big5></title>`],
  ['an attribute that looks like one', `${' '.repeat(1_024)}<a title="<meta charset=big5>">`],
  ['a label that nobody knows', `${' '.repeat(1_024)}<meta charset=klingon>`],
];

test.each(LATE)('a <meta charset> behind %s counts', async (_what, before) => {
  for (const meta of [
    '<meta charset="windows-1251">',
    '<META http-equiv=Content-Type content="text/html; charset=cp1251">',
  ]) {
    const page = `<html><head>${before}${meta}</head><body>`;
    expect(await textOf({ body: Buffer.concat([latin1(page), privet]), headers: [html] })).toBe(`${page}Привет`);
  }
});

test.each<readonly [string, ...string[]]>([
  ['the first line of two', 'text/html; charset=windows-1251', 'text/html'],
  ['the second line of two', 'text/html', 'text/html; charset=windows-1251'],
  ['a list', 'text/html, text/html; charset=windows-1251'],
  ['a list that begins with it', 'text/html; charset=windows-1251, text/html'],
  ['another type before', 'text/plain; charset=utf-8, text/html; charset=windows-1251'],
  ['nonsense behind', 'text/html; charset=windows-1251, nonsense'],
  ['*/* behind', 'text/html; charset=windows-1251', '*/*'],
  ['a comma in quotes', 'text/html; a="x, y"; charset=windows-1251'],
  ['capitals', 'Text/HTML; CHARSET="Windows-1251"'],
  ['an empty line', 'text/html; charset=windows-1251', ''],
])('the charset is taken from %s', async (_what, ...lines) => {
  expect(await textOf({ body: privet, headers: lines.map(type) })).toBe('Привет');
});

test('the charset of another type does not count', () => {
  const body = Buffer.from('Привет');
  expect(decodeText(body, 'text/plain; charset=windows-1251, text/html')).toEqual({ text: 'Привет', charset: 'utf-8' });
});

test('hostile pages cost no time', () => {
  for (const piece of [
    '<script',
    '<!--',
    '<a "',
    "<meta a='",
    '<title>',
    '<style><',
    '</',
    '<meta charset=x ',
    '\xff<script>',
  ])
    for (const end of ['', '\xff\xfe\xe9\xe8'])
      expect(decodeText(latin1(piece.repeat(200_000 / piece.length) + end), 'text/html').text.length).toBeGreaterThan(
        0,
      );
}, 20_000);
