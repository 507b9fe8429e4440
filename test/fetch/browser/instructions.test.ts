import type { Instruction, PageEvent, Selector } from '../../../src/jobs/instruction-set';
import { startOrigin } from '../../support/origin';
import { describeWithBrowser, openBrowser, renderWith, textOf } from './browser-fixture';
import type { BrowserFixture } from './browser-fixture';

const css = (value: string): Selector => ({ type: 'css', value });
const event = (name: PageEvent, timeout?: number): Instruction => ({ type: 'wait_for_event', event: name, timeout });

describeWithBrowser('instructions', () => {
  let browser: BrowserFixture;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser.close());

  /** The page after the steps. */
  async function after(html: string, instructions: readonly Instruction[]): Promise<string> {
    const origin = await startOrigin((req, res) => {
      res.setHeader('content-type', 'text/html');
      res.end(req.url === '/' ? html : `<h1>at ${req.url}</h1>`);
    });
    return textOf(await renderWith(browser.engine, `${origin.url}/`, { instructions }));
  }
  const button = '<button id="b" onclick="document.title += `!`">Show more</button>';

  test('click what CSS, XPath or a text finds, in order', async () => {
    const html = await after(`<title>clicks</title>${button}`, [
      { type: 'click', selector: css('#b') },
      { type: 'click', selector: { type: 'xpath', value: '//button[@id="b"]' } },
      { type: 'click', selector: { type: 'text', value: 'show more' } },
    ]);
    expect(html).toContain('<title>clicks!!!</title>');
  });

  test('enter a text, choose a choice, send the form and wait for what comes', async () => {
    const form =
      '<form action="/found"><input name="q"><select name="s"><option value="1">One<option value="2">Two</select><button>Go</button></form>';
    const html = await after(form, [
      { type: 'input', selector: css('input'), value: 'cowboy boots' },
      { type: 'input', selector: css('select'), value: 'Two' },
      { type: 'click', selector: css('button') },
      { type: 'wait_for_selector', selector: css('h1') },
    ]);
    expect(html).toContain('<h1>at /found?q=cowboy+boots&amp;s=2</h1>');
  });

  test('scroll by pixels and to the end, which pages that go on for ever notice', async () => {
    const html = await after(
      `<body><div id="list" style="height:3000px;width:5000px"></div><script>
        let pages = 0; addEventListener('scroll', () => {
          document.title = [Math.round(scrollX), Math.round(scrollY)].join();
          if (innerHeight + scrollY >= document.body.scrollHeight - 5 && pages < 3) { pages += 1; list.style.height = 3000 + pages * 1000 + 'px'; list.append('page ' + pages); }
        });</script>`,
      [
        { type: 'scroll', direction: 'x', value: 120 },
        {
          type: 'loop',
          for: 3,
          instructions: [
            { type: 'scroll', direction: 'y', value: 'bottom' },
            { type: 'wait', value: 0.1 },
          ],
        },
        { type: 'scroll', direction: 'y', value: 'top' },
        { type: 'scroll', direction: 'y', value: 250 },
        { type: 'wait', value: 0.1 },
      ],
    );
    expect(html).toContain('page 1page 2page 3');
    expect(html).toContain('<title>120,250</title>');
  });

  test('wait for a selector that comes late, and for a page at rest', async () => {
    const html = await after(
      `<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<i>late</i>'), 400);
        let n = 0; const timer = setInterval(() => { document.title = String(++n); if (n === 12) clearInterval(timer) }, 200)</script>`,
      [{ type: 'wait_for_selector', selector: css('i') }, event('stabilize'), event('networkidle'), event('load')],
    );
    expect(html).toContain('<i>late</i>');
    expect(html).toContain('<title>12</title>');
  });

  test('wait for the navigation that a click has begun, also when it was quicker than the step', async () => {
    const html = await after('<a href="/next">go</a>', [
      { type: 'click', selector: css('a') },
      { type: 'wait', value: 0.3 },
      event('navigation'),
    ]);
    expect(html).toContain('<h1>at /next</h1>');
  });

  test('go on when a page that polls is never at rest', async () => {
    const poll = '<title>polls</title><script>setInterval(() => fetch("/poll"), 50)</script>';
    expect(await after(poll, [event('networkidle', 1)])).toContain('<title>polls</title>');
  });

  test.each<[string, Instruction, string]>([
    [
      'an element that is not there',
      { type: 'click', selector: css('#none'), timeout: 0.2 },
      'was not possible in time',
    ],
    ['a selector that is none', { type: 'click', selector: css('<') }, 'was not possible'],
    ['a selector that does not appear', { type: 'wait_for_selector', selector: css('#none'), timeout: 0.2 }, 'in time'],
    ['a navigation that does not come', event('navigation', 0.2), 'did not come in time'],
  ])('fail for %s, and say which step it was', async (_what, step, reason) => {
    const failure = after(button, [
      { type: 'wait', value: 0 },
      { type: 'loop', for: 2, instructions: [step] },
    ]);
    await expect(failure).rejects.toMatchObject({
      code: 'INSTRUCTION_FAILED',
      message: expect.stringMatching(
        new RegExp(`^instruction_set\\[1\\]\\.instructions\\[0\\] .*${reason}`),
      ) as unknown,
    });
  });
});
