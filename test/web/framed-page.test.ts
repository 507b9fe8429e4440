import { framedPage } from '../../web/src/views/job/framed-page';

const css = (text: string) => `<link rel="stylesheet" href="data:text/css;charset=utf-8,${encodeURIComponent(text)}">`;

test.each([
  ['<p>a < b, and style = "x" in text</p>', '<p>a < b, and style = "x" in text</p>'],
  ['<!DOCTYPE html><html lang="de"><TITLE>Tür</TITLE>', '<!DOCTYPE html><html lang="de"><TITLE>Tür</TITLE>'],
  ['a<script src=x>if (a > "</p>") b()</script >c', 'ac'],
  ['a<script>never ends', 'a'],
  ['<!-- <p>no</p> --><p>yes</p><!-- open', '<p>yes</p>'],
  ['<base href=//e><link rel=icon href=x><meta http-equiv=refresh content=0><b>x</b>', '<b>x</b>'],
  ['<object data=x><p>instead</p></object>', '<p>instead</p>'],
  ["<p title=don't>It's fine</p>", "<p title=don't>It's fine</p>"],
  ['a<p title="never ends', 'a'],
  ['<p onclick="x(1 > 2)" ONLOAD=y id=a class="b c">', '<p id=a class="b c">'],
  ['<a href="https://e.example/?a=1&amp;b">x</a>', '<a title="https://e.example/?a=1&amp;b">x</a>'],
  ['<img src="https://e.example/x.png" srcset="y 2x" alt="A > B">', '<img alt="A > B">'],
  ['<img src="data:image/png;base64,AA==">', '<img src="data:image/png;base64,AA==">'],
  ['<svg><use xlink:href="//e"/><path d="M0 0"/></svg>', '<svg><use><path d="M0 0"></svg>'],
])('%s', (html, shown) => expect(framedPage(html)).toBe(shown));

test('styles become sheets of their own, without what they would load', () => {
  expect(framedPage('<style media=print>@import "x.css"; p { color: red; background: url(//e/x) }</style>')).toBe(
    css(' p { color: red; background: none }'),
  );
  expect(framedPage('<p style="color: red">a<b style=\'font: &quot;A&quot;\'>c')).toBe(
    `<p data-style="0">a<b data-style="1">c${css('[data-style="0"] { color: red }\n[data-style="1"] { font: "A" }')}`,
  );
});

test.each(['<a ', '<', '<!--', '<a b="', '<a b=', '</a', '<style>url(', '<p style="url(">', '<script>', ' = "'])(
  'a long page of %s alone is no trouble',
  (part) => expect(framedPage(part.repeat(50_000))).toBeDefined(),
);
