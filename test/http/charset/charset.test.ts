import fc from 'fast-check';
import { decodeText } from '../../../src/http/charset/charset';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** What the WHATWG index has at 0x80 … 0x9F. */
const HIGH_CONTROLS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

test.each<[string, Buffer, string | undefined, string, string]>([
  ['utf-8 without any declaration', Buffer.from('Grüße €'), undefined, 'Grüße €', 'utf-8'],
  ['utf-8 by header', Buffer.from('Grüße'), 'text/html; charset=UTF8', 'Grüße', 'utf-8'],
  [
    'curly quotes and the euro sign',
    latin1('\x93caf\xe9\x94 \x80 5'),
    'text/html; charset=windows-1252',
    '“café” € 5',
    'windows-1252',
  ],
  ['iso-8859-1, which means windows-1252', latin1('\x80'), 'text/html; charset=ISO-8859-1', '€', 'windows-1252'],
  ['us-ascii, which means windows-1252', latin1('\x99'), 'text/plain; charset=us-ascii', '™', 'windows-1252'],
  ['bytes that are not valid utf-8', latin1('na\xefve \x97'), undefined, 'naïve —', 'windows-1252'],
  ['iso-8859-15', latin1('\xa4'), 'text/html; charset=iso-8859-15', '€', 'iso-8859-15'],
  ['windows-1251', Buffer.from('cff0e8e2e5f2', 'hex'), 'text/html;charset=cp1251', 'Привет', 'windows-1251'],
  ['koi8-r', Buffer.from('f0d2c9d7c5d4', 'hex'), 'text/html;charset=koi8-r', 'Привет', 'koi8-r'],
  ['shift_jis', Buffer.from('93fa967b8cea8740', 'hex'), 'text/html; charset=Shift_JIS', '日本語①', 'shift_jis'],
  ['euc-jp', Buffer.from('c6fccbdcb8ec', 'hex'), 'text/html; charset=euc-jp', '日本語', 'euc-jp'],
  [
    'iso-2022-jp',
    Buffer.from('1b2442467c4b5c386c1b2842', 'hex'),
    'text/html; charset=iso-2022-jp',
    '日本語',
    'iso-2022-jp',
  ],
  ['euc-kr', Buffer.from('c7d1b1b9beee', 'hex'), 'text/html; charset=euc-kr', '한국어', 'euc-kr'],
  [
    'the other syllables of windows-949',
    Buffer.from('8c63b9e6b0a2c641c652', 'hex'),
    'text/html; charset=ks_c_5601-1987',
    '똠방각힍힣',
    'euc-kr',
  ],
  ['gbk with the euro sign', Buffer.from('d6d0cec480', 'hex'), 'text/html; charset=gb2312', '中文€', 'gbk'],
  [
    'gbk with four-byte characters',
    Buffer.from('94 39 da 33'.replaceAll(' ', ''), 'hex'),
    'text/html; charset=gbk',
    '💩',
    'gbk',
  ],
  ['big5', Buffer.from('a4a4a4e5', 'hex'), 'text/html; charset=big5', '中文', 'big5'],
  ['utf-16 by header', Buffer.from('Zürich', 'utf16le'), 'text/html; charset=utf-16', 'Zürich', 'utf-16le'],
  ['utf-16be by header', utf16be('Zürich'), 'text/html; charset=utf-16be', 'Zürich', 'utf-16be'],
  ['utf-16le by mark', Buffer.from('\ufeffZürich', 'utf16le'), undefined, 'Zürich', 'utf-16le'],
  ['utf-16be by mark', utf16be('\ufeffZürich'), undefined, 'Zürich', 'utf-16be'],
  [
    'a mark that contradicts the header',
    Buffer.from('\ufeffZürich'),
    'text/html; charset=windows-1252',
    'Zürich',
    'utf-8',
  ],
  ['a label that nobody knows', Buffer.from('Zürich'), 'text/html; charset=klingon', 'Zürich', 'utf-8'],
  ['an encoding that Node does not have', Buffer.from('Zürich'), 'text/html; charset=iso-2022-kr', 'Zürich', 'utf-8'],
  ['a header that is no type', Buffer.from('Zürich'), 'charset=utf-16', 'Zürich', 'utf-8'],
  ['nothing at all', Buffer.alloc(0), undefined, '', 'utf-8'],
])('%s', (_name, bytes, contentType, text, charset) => {
  expect(decodeText(bytes, contentType)).toEqual({ text, charset });
});

test.each<[string, string]>([
  ['<meta charset=shift_jis>', 'shift_jis'],
  ['<META CharSet = "euc-kr" />', 'euc-kr'],
  ["<html><head><title>x</title><meta name='a' charset='big5'>", 'big5'],
  ['<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', 'windows-1251'],
  ["<meta content='text/html;charset=koi8-r' http-equiv=content-type>", 'koi8-r'],
  ['<meta charset="nobody-knows"><meta charset="gbk">', 'gbk'],
  ['<meta name="x" content="a > b"><meta charset=gbk>', 'gbk'],
  ['<!-- <meta charset=big5> --><meta charset=gbk>', 'gbk'],
  ['<!--><meta charset=gbk>', 'gbk'],
  ['<a title="<meta charset=big5>"><meta charset=gbk>', 'gbk'],
  ['<meta charset=utf-16le>', 'utf-8'],
  ['<meta charset=x-user-defined>', 'windows-1252'],
  ['<?xml version="1.0" encoding="iso-8859-2"?><r/>', 'iso-8859-2'],
  ['<metadata charset=gbk>', 'utf-8'],
  ['<meta content="text/html; charset=gbk">', 'utf-8'],
  ['<meta name="description" content="charset=gbk">', 'utf-8'],
  ['<meta charset=gbk', 'utf-8'],
  [`${' '.repeat(1_024)}<meta charset=gbk>`, 'utf-8'],
])('the page %j is %s', (page, charset) => {
  expect(decodeText(latin1(page), 'text/html').charset).toBe(charset);
});

test('the header counts more than the page', () => {
  expect(decodeText(latin1('<meta charset=gbk>'), 'text/html; charset=koi8-r').charset).toBe('koi8-r');
});

test.each(['application/json', 'text/javascript', 'text/plain'])('a <meta> inside %s is data', (contentType) => {
  expect(decodeText(latin1('"<meta charset=gbk>"'), contentType).charset).toBe('utf-8');
});

test('all 256 bytes of windows-1252', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const { text } = decodeText(bytes, 'text/plain; charset=windows-1252');
  expect(text.slice(0x80, 0xa0)).toBe(HIGH_CONTROLS);
  expect(text.slice(0, 0x80) + text.slice(0xa0)).toBe(bytes.toString('latin1').replace(/[\x80-\x9f]/g, ''));
});

test('any text survives utf-8 and utf-16', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!text.startsWith('\ufeff'));
      expect(decodeText(Buffer.from(text), 'text/plain; charset=utf-8').text).toBe(text);
      expect(decodeText(Buffer.from(`\ufeff${text}`), undefined).text).toBe(text);
      expect(decodeText(Buffer.from(`\ufeff${text}`, 'utf16le'), undefined).text).toBe(text);
      expect(decodeText(utf16be(text), 'text/plain; charset=utf-16be').text).toBe(text);
    }),
  );
});

test('utf-8 is what the decoder of the platform makes of it: short or long, damaged, marked or not', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 }).map((any) => Buffer.from(any));
  const damage = fc.uint8Array({ maxLength: 5 }).map((any) => Buffer.from(any));
  const mark = fc.constantFrom(Buffer.alloc(0), Buffer.from('\ufeff'), Buffer.from('\ufeff\ufeff'));
  fc.assert(
    fc.property(mark, text, damage, text, fc.constantFrom(1, 4_000), (bom, start, middle, end, times) => {
      const bytes = Buffer.concat([bom, Buffer.concat(Array.from({ length: times }, () => start)), middle, end]);
      expect(decodeText(bytes, 'text/plain; charset=utf-8').text === new TextDecoder().decode(bytes)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('no bytes and no header make it throw', () => {
  const contentType = fc.oneof(
    fc.constant(undefined),
    fc.string(),
    fc.constantFrom('gbk', 'euc-kr', 'utf-16', 'latin1', 'big5', 'iso-2022-jp').map((c) => `text/html; charset=${c}`),
  );
  fc.assert(
    fc.property(fc.uint8Array(), contentType, (bytes, type) => {
      expect(typeof decodeText(Buffer.from(bytes), type).text).toBe('string');
    }),
  );
});

test('euc-kr does not swallow ASCII after a broken pair', () => {
  expect(decodeText(Buffer.from('b03cff3c8120c7d1', 'hex'), 'text/html; charset=euc-kr').text).toBe(
    '\ufffd<\ufffd<\ufffd 한',
  );
  expect(decodeText(Buffer.from('41b0', 'hex'), 'text/html; charset=euc-kr').text).toBe('A\ufffd');
});

test('euc-kr has every Hangul syllable once, in Unicode order outside KS X 1001', () => {
  const found = new Set<string>();
  for (let lead = 0x81; lead <= 0xc8; lead += 1) {
    for (let trail = 0x41; trail <= 0xfe; trail += 1) {
      const { text } = decodeText(Buffer.from([lead, trail]), 'text/plain; charset=euc-kr');
      if (/^[가-힣]$/.test(text)) found.add(text);
    }
  }
  expect(found.size).toBe(11_172);
});
