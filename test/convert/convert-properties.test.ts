import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
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
/** Writes a text as a browser shows it on one line. */
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

describe('emphasis in markdown, as a reader of CommonMark shows it', () => {
  const NAMES: Readonly<Record<string, string>> = { b: 'b', strong: 'b', i: 'i', em: 'i', s: 's' };
  const reader = new MarkdownIt('commonmark', { breaks: true }).enable(['strikethrough', 'table']);

  /** Lists the characters that are shown, each with the styles it is set in. */
  function styled(source: string): { character: string; styles: string }[] {
    const depth: Record<string, number> = { b: 0, i: 0, s: 0 };
    return (source.match(/<[^>]*>|[^<]/g) ?? []).flatMap((token) => {
      const [, slash, name = ''] = /^<(\/?)(\w+)/.exec(token) ?? [];
      const style = NAMES[name];
      if (style !== undefined) depth[style] = (depth[style] ?? 0) + (slash === '/' ? -1 : 1);
      const styles = Object.keys(depth).filter((key) => depth[key]).join(''); // prettier-ignore
      return name === '' && !/\s/.test(token) ? [{ character: token, styles }] : [];
    });
  }

  const text = fc.string({ unit: fc.constantFrom(...'ab1 .-*_~`)日。\u00a0é😀€'), minLength: 1, maxLength: 3 });
  const { inline } = fc.letrec<{ inline: string }>((tie) => ({
    inline: fc
      .array(
        fc.oneof({ maxDepth: 4 }, text, fc.constantFrom(' ', '<br>', '<code>*</code>', '<code>a</code>'),
      fc.tuple(fc.constantFrom('b', 'i', 's', 'a href=/x'), tie('inline')).map(([tag, inner]) => `<${tag}>${inner}</${tag.slice(0, 1)}>`)), // prettier-ignore
        { maxLength: 5 },
      )
      .map((parts) => parts.join('')),
  }));

  test.each([
    ['paragraph', (source: string) => `<p>${source}</p>`],
    ['heading', (source: string) => `<h2>${source}</h2>`],
    ['cell', (source: string) => `<table><tr><td>c<td>d<tr><td>${source}<td>d</table>`],
  ])('shows the text of a %s, and sets nothing in a style that it did not have', (_name, within) => {
    fc.assert(
      fc.property(inline, (source) => {
        const page = within(source);
        const markdown = convertHtml(page, 'markdown', { pageUrl, isXml: false, maxBytes }).toString();
        const original = styled(page);
        const shown = styled(reader.render(markdown).replaceAll('&lt;', '<').replaceAll('&quot;', '"'));
        expect(shown.map(({ character }) => character).join('')).toBe(original.map(({ character }) => character).join('')); // prettier-ignore
        for (const [at, { styles }] of shown.entries()) expect([...(original[at]?.styles ?? '')]).toEqual(expect.arrayContaining([...styles])); // prettier-ignore
      }),
      { numRuns: 200 },
    );
  });
});
