import { describeWithBrowser, openBrowser, renderWith, textOf } from '../fetch/browser/browser-fixture';
import type { BrowserFixture } from '../fetch/browser/browser-fixture';
import { startRawServer } from './raw-server';

const PAGE = '<!DOCTYPE html><p id=sent>sent</p><script>document.body.append("built")</script>';
const answer = (lines: readonly string[], body: string): string =>
  ['HTTP/1.1 200 OK', ...lines, 'Connection: close', '', body].join('\r\n');

describeWithBrowser('a page for a browser', () => {
  let browser: BrowserFixture;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser.close());

  test.each([
    ['parameters without a semicolon', ['Content-Type: text/html charset=utf-8']],
    ['a type without a slash', ['Content-Type: html']],
    ['any type', ['Content-Type: */*']],
    ['an unknown type', ['Content-Type: unknown/unknown']],
    ['an unknown application', ['Content-Type: application/unknown']],
    ['an empty type', ['Content-Type: ']],
    ['no type', []],
    ['the same type twice', ['Content-Type: text/html', 'Content-Type: text/html; charset=utf-8']],
    ['a list of types', ['Content-Type: text/html, text/html; charset=utf-8']],
    ['upper case and a comment', ['Content-Type: TEXT/HTML(page)']],
    ['a type behind another', ['Content-Type: text/plain', 'Content-Type: text/html']],
    ['white space around the type', ['Content-Type: \t text/html ; charset=utf-8']],
    ['a parameter that makes no sense', ['Content-Type: text/html;;=;charset']],
  ])('comes as its scripts have built it with %s', async (_name, lines) => {
    const origin = await startRawServer(() => answer([...lines, `Content-Length: ${PAGE.length}`], PAGE));
    const page = await renderWith(browser.engine, origin.url);
    expect(textOf(page)).toContain('built</body>');
    const types = page.headers.filter(([name]) => name.toLowerCase() === 'content-type');
    expect(types.map(([, value]) => value)).toEqual(['text/html; charset=utf-8']);
  });

  test.each([
    ['text/plain', 'just text'],
    ['application/json', '{"a": 1}'],
    ['application/xml', '<a><b/></a>'],
    ['text/html, application/json', '{"a": 2}'],
  ])('comes as it was sent when it is %s', async (type, body) => {
    const origin = await startRawServer(() =>
      answer([`Content-Type: ${type}`, `Content-Length: ${body.length}`], body),
    );
    expect(textOf(await renderWith(browser.engine, origin.url))).toBe(body);
  });

  test.each([
    ['chunks that do not end', ['Content-Type: text/html', 'Transfer-Encoding: chunked'], '50\r\n<p>a</p>\r\n'],
    ['chunks without the last', ['Content-Type: text/html', 'Transfer-Encoding: chunked'], '8\r\n<p>a</p>\r\n'],
    ['fewer bytes than it says', ['Content-Type: text/html', 'Content-Length: 500'], '<p>a</p>'],
    ['a chunk size that is none', ['Content-Type: text/html', 'Transfer-Encoding: chunked'], 'x\r\n<p>a</p>\r\n'],
    ['gzip that is none', ['Content-Type: text/html', 'Content-Encoding: gzip', 'Content-Length: 8'], '<p>a</p>'],
  ])('fails at once, not at the end of its time, with %s', async (_name, lines, body) => {
    const origin = await startRawServer(() => answer(lines, body));
    const signal = AbortSignal.timeout(55_000); // This is the limit of the attempt. If it were reached, the reason would be another.
    await expect(renderWith(browser.engine, origin.url, { signal })).rejects.toMatchObject({
      code: expect.stringMatching(/^(INCOMPLETE_BODY|INVALID_RESPONSE|BAD_CONTENT_ENCODING|CONNECTION_CLOSED)$/),
    });
  });
});
