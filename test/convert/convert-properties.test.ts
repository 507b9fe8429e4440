import fc from 'fast-check';
import { convertHtml } from '../../src/convert/convert-html';
import { pageData } from '../../src/convert/page-data';
import { hasMatch } from '../../src/convert/selector';

const pageUrl = 'https://x.example/a';
const maxBytes = 10_000_000;

const names = ['a', 'b', 'p', 'div', 'ul', 'li', 'table', 'tr', 'td', 'pre', 'code', 'svg', 'head', 'script', 'title', 'blockquote', 'h1', 'br', 'img', 'base', 'template', 'select', 'option', '__proto__', 'constructor']; // prettier-ignore
const attributes = ['', ' href="x"', ' href=//[', ' hidden', ' id=a', ' itemscope', ' itemref="a a"', ' itemprop=__proto__', ' colspan=99999', ' start=-1', " class='language-`'", ' =', ' "', ' src=data:']; // prettier-ignore
const fragment = fc.oneof(
  fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...attributes))
    .map(([name, attribute]) => `<${name}${attribute}>`),
  fc.constantFrom(...names).map((name) => `</${name}>`),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom(
    '<',
    '>',
    '&',
    '&#x110000;',
    '&#0;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '</',
    '<?',
    '\0',
    '\ud800',
    '*',
    '_',
    '`',
    '|',
    '\n',
  ),
);
const html = fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join(''));

test('whatever the page is, it is read', () => {
  fc.assert(
    fc.property(html, fc.boolean(), (source, isXml) => {
      convertHtml(source, 'text', { pageUrl, isXml, maxBytes });
      convertHtml(source, 'markdown', { pageUrl, isXml, maxBytes });
      JSON.parse(JSON.stringify(pageData(source, { pageUrl, isXml })));
      hasMatch(source, 'a:not([href]) b, p > :first-child', { isXml });
    }),
    { numRuns: 200 },
  );
});

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
/** As a browser shows it on one line. */
const shown = (text: string): string =>
  text
    .replaceAll('\0', '')
    .replace(/[\t\n\f\r ]+/g, ' ')
    .replace(/^ | $/g, '');

test('the text of plain paragraphs comes out as it went in', () => {
  const paragraph = fc.string({ unit: fc.constantFrom(...'ab<>&/#;*_-`| \n\té€日😀') }).map(shown).filter((text) => text !== ''); // prettier-ignore
  fc.assert(
    fc.property(fc.array(paragraph), (paragraphs) => {
      const source = paragraphs.map((text) => `<p><b>${escapeHtml(text)}</b></p>`).join('\n');
      expect(convertHtml(source, 'text', { pageUrl, isXml: false, maxBytes }).toString()).toBe(paragraphs.join('\n\n'));
    }),
  );
});

test('markdown of text without emphasis is the text, once its escapes are undone', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab1.)<>&/#;*_~[](){}!-+=`| \\é') }).map(shown);
  fc.assert(
    fc.property(text, (source) => {
      const markdown = convertHtml(`<p>${escapeHtml(source)}`, 'markdown', {
        pageUrl,
        isXml: false,
        maxBytes,
      }).toString();
      expect(markdown.replace(/\\([!-/:-@[-`{-~])/g, '$1')).toBe(source);
    }),
    { numRuns: 200 },
  );
});
