import { hostsOf } from '../../web/src/submit/hosts-of';
import { formatOf, readUrls } from '../../web/src/submit/read-urls';

const read = (text: string, fileName?: string, column?: string) =>
  readUrls(text, { format: formatOf(text, fileName), column });

test('a list of URLs may have blank lines, comments, a byte order mark and any line ends', () => {
  const { lines, problemCount } = read(
    '\ufeffhttps://a.example/1\r\n\r\n# old\r\n  http://a.example/2 \nHTTPS://b.example',
  );
  expect(lines.map(({ url }) => url)).toEqual(['https://a.example/1', 'http://a.example/2', 'HTTPS://b.example']);
  expect(problemCount).toBe(0);
});

test('what is no URL is named by its line', () => {
  const { lines, problems, problemCount } = read(
    `https://a.example/\nshop.example\nftp://a.example\n${'x\n'.repeat(10)}`,
  );
  expect(lines).toHaveLength(1);
  expect(problems[0]).toEqual({ line: 2, message: '“shop.example” is no http or https URL' });
  expect(problems).toHaveLength(5);
  expect(problemCount).toBe(12);
});

test('CSV is read with its lines, and a quote that is never closed is named', () => {
  const { lines, problems, problemCount } = read(
    'name;url\n"a;\nb";https://a.example/\nc;nothing\n"d;https://d.example/',
    'x.csv',
  );
  expect(lines).toEqual([{ url: 'https://a.example/' }]);
  expect(problems.map(({ line }) => line)).toEqual([5, 4]);
  expect(problemCount).toBe(2);
});

test('the column with the URLs is found by its content, and can be chosen', () => {
  const text =
    'id,name,link,image\n7,"Shoe, red",https://a.example/7,https://a.example/7.png\n8,Hat,https://a.example/8,\n';
  const found = read(text, 'products.csv');
  expect(found.column).toBe('link');
  expect(found.columns).toEqual(['id', 'name', 'link', 'image']);
  expect(found.lines).toEqual([
    { url: 'https://a.example/7', id: '7' },
    { url: 'https://a.example/8', id: '8' },
  ]);
  const chosen = read(text, 'products.csv', 'image');
  expect(chosen.lines).toHaveLength(1);
  expect(chosen.problems).toEqual([{ line: 3, message: 'has no URL' }]);
});

test('CSV without a head is read from its first line on', () => {
  expect(read('1,https://a.example/\n2,https://b.example/', 'x.csv').lines.map(({ url }) => url)).toEqual([
    'https://a.example/',
    'https://b.example/',
  ]);
});

test('lines of JSON keep the options of each URL', () => {
  const text =
    '{"url":"https://a.example/","id":"a","apiParams":{"render":true}}\n"https://b.example/"\n{"id":"c"}\n{oops\n[]\n';
  const { lines, problems } = read(text);
  expect(lines).toEqual([
    { url: 'https://a.example/', id: 'a', apiParams: { render: true } },
    { url: 'https://b.example/' },
  ]);
  expect(problems).toEqual([
    { line: 3, message: 'has no url' },
    { line: 4, message: 'is not valid JSON' },
    { line: 5, message: 'has no url' },
  ]);
});

test('the format is told by the name of a file, else by how the text begins', () => {
  expect(formatOf('https://a.example/?a=1,2')).toBe('text');
  expect(formatOf('url,id\n')).toBe('csv');
  expect(formatOf('https://a.example/', 'list.csv')).toBe('csv');
  expect(formatOf(' {"url":1}')).toBe('ndjson');
  expect(formatOf('', 'x.JSONL')).toBe('ndjson');
});

test('hosts are counted, the most frequent first', () => {
  expect(hostsOf(['https://b.example/', 'https://u:p@A.example:81/x', 'http://a.example:81?q', 'nothing'])).toEqual([
    { host: 'a.example:81', urls: 2, exampleUrl: 'https://u:p@A.example:81/x' },
    { host: 'b.example', urls: 1, exampleUrl: 'https://b.example/' },
  ]);
});
