import { convertHtml } from '../../src/convert/convert-html';

const options = { pageUrl: 'https://shop.example/a/b?c', isXml: false, maxBytes: 1_000_000 };
const text = (html: string): string => convertHtml(html, 'text', options).toString('utf8');
const markdown = (html: string): string => convertHtml(html, 'markdown', options).toString('utf8');

/** Lines are joined by ⏎, so that a case is one line. */
const lines = (expected: string): string => expected.replaceAll('⏎', '\n');

describe('text', () => {
  test.each([
    ['white space', '<p> a\n  b\t<b> c </b>d </p>', 'a b c d'],
    ['paragraphs', '<p>a<p>b</p>c', 'a⏎⏎b⏎⏎c'],
    ['lines', '<div>a</div><div><div>b</div>c</div>', 'a⏎b⏎c'],
    ['line breaks', 'a<br>b<br><br><br>c<br>', 'a⏎b⏎⏎c'],
    ['headings', '<h1>a <i>b</i></h1>c', 'a b⏎⏎c'],
    ['entities', '<p>&lt;b&gt; &amp;amp; &euro;&#x41;&#128;&nosuch;</p>', '<b> &amp; €A€&nosuch;'],
    ['spaces that do not break stay', 'a&nbsp;b', 'a\u00a0b'],
    ['lists', '<ul><li>a<li>b<ol start=9><li>c<li>d</ol></ul>e', '- a⏎- b⏎⏎  9. c⏎  10. d⏎⏎e'],
    ['a list directly in a list', '<ul><li>a</li><ul><li>b</li><ul><li>c</ul></ul><li>d</ul>', '- a⏎  - b⏎    - c⏎- d'],
    ['a list directly in an empty list', '<ol><ul><li>a</ul><li>b</ol>', '- - a⏎1. b'],
    ['numbers that items set', '<ol><li>a<li value=7>b<li>c<li value=x>d</ol>', '1. a⏎7. b⏎8. c⏎9. d'],
    ['reversed lists', '<ol reversed><li>a<li>b<li>c</ol>', '3. a⏎2. b⏎1. c'],
    ['the head and the foot of a table', '<table><tfoot><tr><td>a<td>b<tbody><tr><td>c<td>d<thead><tr><td>e<td>f</table>', 'e\tf⏎c\td⏎a\tb'], // prettier-ignore
    ['dialogs and popovers', '<dialog>a</dialog><dialog open>b</dialog><p popover>c</p>', 'b'],
    ['options', 'a<select><option>b<option label=c>d</option><optgroup label=e><option>f</select>', 'a⏎b⏎c⏎e⏎f'],
    ['empty list items', '<ul><li><li> </li><li>a</ul>', '- a'],
    ['tables', '<table><tr><th>a<th>b<tr><td>c<br>d<td><p>e</p><p>f</p></table>', 'a\tb⏎c d\te f'],
    ['cells that span', '<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d</table>', 'a\tb⏎\tc\td'],
    ['tables that lay out', '<table><tr><td><ul><li>a</ul><td>b<table><tr><td>c<td>d</table></table>', '- a⏎⏎b⏎⏎c\td'],
    ['preformatted text', '<pre>\n a\n\n  <b>b</b> &lt;\n</pre>', ' a⏎⏎  b <'],
    ['lines in preformatted text', '<pre><div>a</div><div>b</div>c<br>d</pre>', 'a⏎b⏎c⏎d'],
    ['links and images', '<a href=x>a</a> <img src=y alt=z>b', 'a b'],
    ['quotes', 'a<blockquote>b</blockquote>c', 'a⏎⏎b⏎⏎c'],
    [
      'what is not shown',
      '<head><title>t</title></head><body>a<script>b<p>c</script><style>d</style><template>e</template>',
      'a',
    ],
    [
      'what replaces something else',
      'a<noscript>b</noscript><iframe>c</iframe><video>d</video><object>e</object>',
      'a',
    ],
    ['pictures', 'a<svg><title>b</title><text>c</text></svg>d<math><mi>e</mi></math>', 'ad'],
    ['hidden elements', 'a<p hidden>b<b>c</b></p><p hidden=until-found>d', 'a⏎⏎d'],
    ['comments', 'a<!-- b > c -->d<!doctype html><?php e ?>f', 'adf'],
    ['an empty page', '<html><head></head><body> </body></html>', ''],
  ])('%s', (_name, html, expected) => {
    expect(text(html)).toBe(lines(expected));
  });
});

describe('tags that are missing or misplaced are read as browsers do', () => {
  test.each([
    ['the end of a head', '<head><meta name=x><title>t</title><div>a</div>', 'a'],
    ['text in a head', '<head><title>t</title>a', 'a'],
    ['the end of a list item', '<ul><li><b>a<li>b</ul>', '- a⏎- b'],
    ['a list in a list item', '<ul><li>a<ul><li>b</ul><li>c</ul>', '- a⏎  - b⏎- c'],
    ['the end of cells and rows', '<table><tbody><tr><td>a<td><b>b<tr><td>c<td>d</table>', 'a\tb⏎c\td'],
    ['the end of a paragraph in a table in it', '<p>a<table><tr><td>b<p>c</table>d', 'a⏎⏎b⏎⏎c⏎⏎d'],
    ['an end in a cell of what is around the table', '<div>a<table><tr><td>b</div><td>c</table>d</div>', 'a⏎⏎b\tc⏎⏎d'],
    ['an inline end that reaches through a block', '<span>a<div>b</span>c</div>d', 'a⏎bc⏎d'],
    ['ends without a beginning', '</p></div>a</i></table>b', 'ab'],
    ['attributes without quotes or ends', '<p class=a title="x>y" hidden=until-found>b</p c>', 'b'],
    ['HTML in a picture that does not end', '<svg><path><p>a', 'a'],
    ['HTML that belongs into a picture', '<svg><foreignObject><p>a</p></foreignObject></svg>b', 'b'],
    ['elements behind the body', '<body>a</body></html><p>b', 'a⏎⏎b'],
    ['a tag that the page ends in', 'a<b class="', 'a'],
    ['self-closing elements that are not', '<div/>a<b/>b', 'ab'],
    ['text that stands in a table but in no cell', '<table>a<tr><td>b<td>c</table>', 'a⏎⏎b\tc'],
    ['elements that stand in a table but in no cell', '<table><tr><div>a</div><td>b<td>c</table>', 'a⏎⏎b\tc'],
    ['a comment with another end', 'a<!-- b --!>c<!--->d<!-->e', 'acde'],
    ['a script within a comment of a script', '<script><!-- <script>a</script> b --></script>c', 'c'],
    ['a script that ends in its comment', '<script><!-- a</script>b', 'b'],
    ['the first line break of a text area', '<textarea>\n</textarea>a<p>b', 'a⏎⏎b'],
    ['an image by another name', '<image alt=a src=b>c', 'c'],
    ['a pixel in the head of who has no scripts', '<head><noscript><img src=a></noscript><title>b</title>c', 'c'],
    ['plain text to the end', 'a<plaintext>b</plaintext><b>', 'a⏎⏎b</plaintext><b>'],
  ])('%s', (_name, html, expected) => {
    expect(text(html)).toBe(lines(expected));
  });
});

describe('markdown', () => {
  test.each([
    ['headings', '<h2>a <b>b</b><br>c #</h2><h6></h6>', '## a **b** c \\#'],
    ['emphasis', '<b>a</b> <em>b</em> <s>c</s> <i><strong>d</strong></i>', '**a** *b* ~~c~~ ***d***'],
    ['space in emphasis is outside of it', 'a<b> b </b>c', 'a **b** c'],
    ['emphasis of nothing', 'a<b> </b><i></i>b', 'a b'],
    ['emphasis in emphasis of the same kind', '<b>a<strong>b</strong>c</b>', '**abc**'],
    ['emphasis that touches', '<b>a</b><b>b</b><i>c</i>', '**ab**c'],
    ['emphasis that would be read as text', 'a<b>"b"</b>c', 'a"b"c'],
    ['emphasis within a word', 'a<b>b</b>c <i>日</i>本', 'a**b**c *日*本'],
    ['emphasis in emphasis', '<b>a <i>b</i> c</b> <s><b>d</b></s>', '**a *b* c** ~~**d**~~'],
    ['emphasis in emphasis that might be read otherwise', '<b>a <i>(b)</i></b> <b>a<i>b</i></b>', '**a (b)** **ab**'],
    ['emphasis that ends at punctuation', '<b>a:</b> <b>b:</b>c', '**a:** b:c'],
    ['emphasis around and in links', '<b><a href=/x>a</a></b> <a href=/x><b>b</b></a>', '**[a](https://shop.example/x)** [**b**](https://shop.example/x)'], // prettier-ignore
    ['text that emphasis took apart', '<b>(a &amp;</b>copy; b', '(a \\&copy; b'],
    ['code at the edge of emphasis', '<b><code>a</code></b> b<b><code>c</code></b>', '**`a`** b`c`'],
    ['emphasis over paragraphs', '<b><p>a</p><p>b</p></b>', '**a**⏎⏎**b**'],
    ['links', '<a href="?x=1&amp;copy;=2">a]</a>', '[a\\]](https://shop.example/a/b?x=1\\&copy;=2)'],
    [
      'links relative to a base',
      '<head><base href="/z/"></head><a href="y(1)">a</a>',
      '[a](https://shop.example/z/y\\(1\\))',
    ],
    ['a base behind its links', '<a href=y>a</a><base href="/z/">', '[a](https://shop.example/z/y)'],
    ['the first base counts', '<base target=x><base href="/z/"><base href="/w/"><a href=y>a</a>', '[a](https://shop.example/z/y)'], // prettier-ignore
    ['emphasis that ends in the wrong order', '<b>a <i>b</b> c</i>', '**a *b*** *c*'],
    [
      'links around blocks',
      '<a href=/x><h3>a</h3><p>b</a>',
      '### [a](https://shop.example/x)⏎⏎[b](https://shop.example/x)',
    ],
    ['links to nowhere', '<a href="javascript:x()">a</a> <a>b</a> <a href="http://[">c</a>', 'a b c'],
    ['links without a text', 'a<a href=/x><svg></svg></a>b', 'ab'],
    ['images', '<img src=i.png alt="a [b]">', '![a \\[b\\]](https://shop.example/a/i.png)'],
    ['images that are loaded later', '<img src="data:image/gif;base64,R0" data-src=/i>', '![](https://shop.example/i)'],
    ['images in the page itself', 'a <img src="data:image/gif;base64,R0" alt=b>', 'a b'],
    ['an image in a link', '!<a href=/x><img src=/i></a>', '\\![![](https://shop.example/i)](https://shop.example/x)'],
    ['line breaks', 'a<br>b<br><br>c<b>d<br></b>e', 'a\\⏎b⏎⏎c**d**\\⏎e'],
    ['rules', 'a<hr>b', 'a⏎⏎* * *⏎⏎b'],
    ['lists', '<ul><li>a<ul><li>b</ul><li><p>c</p><p>d</p></ul>', '- a⏎  - b⏎⏎- c⏎⏎  d'],
    ['numbers', '<ol start=3><li>a<li>b<ol><li>c</ol></ol>', '3. a⏎4. b⏎   1. c'],
    ['quotes', '<blockquote><p>a</p><ul><li>b</ul></blockquote><blockquote>c</blockquote>', '> a⏎>⏎> - b⏎⏎> c'],
    ['code', '<code>a*b</code> <kbd>`</kbd> <code>a</code><code>``b</code>', '`a*b` `` ` `` ```a``b```'],
    ['code with a link in it', '<code>a<a href=/x>b</a></code>', '`a`[`b`](https://shop.example/x)'],
    ['code blocks', '<pre><code class="hljs language-js">\nlet a;\n</code></pre>', '```js⏎let a;⏎```'],
    ['fences in code blocks', '<pre>```\na\n````</pre>', '`````⏎```⏎a⏎````⏎`````'],
    ['code blocks in lists', '<ul><li>a<pre>b\n\n c</pre></ul>', '- a⏎⏎  ```⏎  b⏎⏎   c⏎  ```'],
    ['tables', '<table><tr><th>a|b<th>c<tr><td><code>d|e</code></table>', '| a\\|b | c |⏎| --- | --- |⏎| `d\\|e` |'],
    ['code with a bar that is escaped', '<table><tr><td><b><code>\\|a</code></b><td>b</table>', '| **\\\\\\|a** | b |⏎| --- | --- |'], // prettier-ignore
    [
      'rows that are longer than the first',
      '<table><tr><td>a<tr><td>b<td>c</table>',
      '| a |  |⏎| --- | --- |⏎| b | c |',
    ],
    ['captions', '<table><caption>a</caption><tr><td>b<td>c</table>', 'a⏎⏎| b | c |⏎| --- | --- |'],
  ])('%s', (_name, html, expected) => {
    expect(markdown(html)).toBe(lines(expected));
  });

  test.each([
    ['*a* _b_ `c` ~d~', '\\*a\\* \\_b\\_ \\`c\\` \\~d\\~'],
    ['snake_case _x', 'snake_case \\_x'],
    ['[a](b) ![c]', '\\[a\\](b) !\\[c\\]'],
    ['a\\*b', 'a\\\\\\*b'],
    ['1 &lt; 2 &lt;b&gt; &lt;!-- &lt;', '1 < 2 \\<b> \\<!-- \\<'],
    ['&amp;copy; &amp; &amp;copy', '\\&copy; & &copy'],
    ['# a', '\\# a'],
    ['#a', '#a'],
    ['- a', '\\- a'],
    ['-5', '-5'],
    ['---', '\\---'],
    ['+ a', '\\+ a'],
    ['&gt; a', '\\> a'],
    ['1. a', '1\\. a'],
    ['2026) a', '2026\\) a'],
    ['1.5', '1.5'],
    ['a<br>===', 'a\\⏎\\==='],
    ['a | b<br>--|--', 'a | b\\⏎\\--|--'],
    ['| a |', '\\| a |'],
    ['```a', '\\`\\`\\`a'],
    ['[a]: b', '\\[a\\]: b'],
  ])('the text %s means itself', (html, expected) => {
    expect(markdown(`<p>${html}</p>`)).toBe(lines(expected));
  });
});

test('XML is text, an element a line', () => {
  const xml =
    '<?xml version="1.0"?><rss><item><title>A &amp; B</title><link>http://x.org/</link><d><![CDATA[<b>c</b>]]></d></item><x/></rss>';
  expect(convertHtml(xml, 'text', { ...options, isXml: true }).toString()).toBe('A & B\nhttp://x.org/\n<b>c</b>');
  expect(convertHtml(xml, 'markdown', { ...options, isXml: true }).toString()).toBe(
    'A & B\n\nhttp://x.org/\n\n\\<b>c\\</b>',
  );
});

test('a page that would become too large is refused', () => {
  const html = `${'<ul><li>'.repeat(20)}${'a<br>'.repeat(100_000)}`;
  expect(() => convertHtml(html, 'text', options)).toThrow('larger than 1000000 bytes');
});
