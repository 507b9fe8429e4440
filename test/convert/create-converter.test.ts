import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createConverter } from '../../src/convert/create-converter';
import type { Converter, ConverterOptions, ConvertOptions, WirePage } from '../../src/convert/create-converter';

const converters: Converter[] = [];
const children: ChildProcess[] = [];
const start = (options: ConverterOptions = {}): Converter => {
  const converter = createConverter({ threads: 1, timeLimitMs: 20_000, ...options });
  converters.push(converter);
  return converter;
};
let shared: Converter;
beforeAll(() => {
  shared = start();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(converters.map((converter) => converter.close()));
});

const page = (body: string | Buffer, type = 'text/html', coding?: string): WirePage => ({
  finalUrl: 'https://x.example/a/',
  headers: [['Content-Type', type], ...(coding === undefined ? [] : [['Content-Encoding', coding] as const])],
  body: Buffer.from(body as string),
});

async function converted(from: WirePage, format: ConvertOptions['format'], by = shared) {
  const result = await by.convert(from, { format });
  return result.kind === 'converted' ? { type: result.contentType, body: result.body.toString('utf8') } : result;
}

/** Counts turns of the main thread's event loop until a promise has settled. @returns the number, and what it has settled with */
async function turnsUntil<T>(promise: Promise<T>): Promise<{ readonly turns: number; readonly value: T }> {
  let isSettled = false;
  const settled = promise.finally(() => (isSettled = true));
  let turns = 0;
  for (; !isSettled; turns += 1) {
    // After some turns it is enough to look now and then: a loop that spins takes the core that the thread needs.
    await (turns < 30 ? new Promise((resolve) => setImmediate(resolve)) : delay(5));
  }
  return { turns, value: await settled };
}

describe('what is made of a page', () => {
  const grün = '<p>Grün</p>';

  test.each([
    [
      'windows-1252',
      page(Buffer.from('<p>\x80 \x93Gr\xfcn\x94', 'latin1'), 'text/html; charset=ISO-8859-1'),
      '€ “Grün”',
    ],
    ['shift_jis, declared in the page', page(Buffer.concat([Buffer.from('<meta charset=shift_jis><p>'), Buffer.from('93fa967b8cea', 'hex')])), '日本語'], // prettier-ignore
    ['gzip', page(gzipSync(grün), 'text/html; charset=utf-8', 'gzip'), 'Grün'],
    ['gzip in brotli', page(brotliCompressSync(gzipSync(grün)), 'text/html; charset=utf-8', 'gzip, br'), 'Grün'],
    ['no type', page(`<!doctype html>${grün}`, ''), 'Grün'],
    ['XHTML', page(`<html xmlns="x"><head/>${grün}</html>`, 'application/xhtml+xml'), 'Grün'],
  ])('text of %s', async (_name, from, expected) => {
    expect(await converted(from, 'text')).toEqual({ type: 'text/plain; charset=utf-8', body: expected });
  });

  test('markdown has addresses relative to the final URL', async () => {
    expect(await converted(page('<h1><a href=b>a</a>'), 'markdown')).toEqual({
      type: 'text/markdown; charset=utf-8',
      body: '# [a](https://x.example/a/b)',
    });
  });

  test('autoparse gives what the page declares', async () => {
    const { type, body } = (await converted(page('<title>Grün'), 'json')) as { type: string; body: string };
    expect({ type, data: JSON.parse(body) }).toMatchObject({
      type: 'application/json',
      data: { title: 'Grün', links: [] },
    });
  });

  test.each([
    ['declared as such', 'application/json'],
    ['declared as a page', 'text/html'],
    ['not declared', ''],
  ])('autoparse gives JSON as it is, %s', async (_name, type) => {
    const body = ' {"id":12345678901234567890,"é":1}';
    expect(await converted(page(body, type), 'json')).toEqual({ type: 'application/json', body });
  });

  test.each<[string, WirePage, ConvertOptions['format']]>([
    ['a picture', page(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'image/png'), 'text'],
    ['a picture that is declared as a page', page(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')), 'markdown'],
    ['plain text', page('# a', 'text/plain'), 'markdown'],
    ['plain text', page('# a', 'text/plain'), 'json'],
    ['JSON', page('{}', 'application/json'), 'text'],
    ['broken JSON', page('{"a":', 'application/json'), 'json'],
    ['JSON that breaks programs', page('['.repeat(100_000) + ']'.repeat(100_000), 'application/json'), 'json'],
    ['an empty page', page(''), 'markdown'],
    ['an empty page that claims to be packed', page('', 'text/html', 'gzip'), 'markdown'],
    ['a page that is not packed as it claims', page('<p>a', 'text/html', 'br'), 'markdown'],
  ])('%s stays what it is', async (_name, from, format) => {
    expect(await converted(from, format)).toEqual({ kind: 'unchanged' });
  });

  test('a page that the caller calls binary stays what it is', async () => {
    expect(await shared.convert(page('<p>a'), { format: 'text', isBinaryTarget: true })).toEqual({ kind: 'unchanged' });
  });

  test('the caller keeps its body', async () => {
    const from = page('<p>a');
    await converted(from, 'text');
    expect(from.body.toString()).toBe('<p>a');
  });
});

describe('pages that are made to be a burden', () => {
  const many = (unit: string, bytes = 1_500_000): string => unit.repeat(Math.floor(bytes / unit.length));

  test.each([
    ['deep nesting', many('<div>', 300_000)],
    ['half a million tags that do not end', many('<b>')],
    ['ends that fit nothing', `${many('<b>', 600_000)}${many('</i>', 600_000)}`],
    ['nothing but <', many('<')],
    ['hundreds of thousands of attributes', `<p ${many('a b=c ')}>x`],
    ['a long attribute', `<a href="${many('x')}">y</a>`],
    ['nothing but marks', many('*_`[')],
    ['lists in lists', many('<ul><li>', 300_000)],
    ['tables in tables', many('<table><tr><td>', 300_000)],
    ['names that nobody knows', Array.from({ length: 200_000 }, (_, i) => `<x${i}>`).join('')],
    ['a comment that does not end', many('<!-- ')],
  ])('%s: read within the limits while the main thread goes on', async (_name, html) => {
    for (const format of ['text', 'markdown', 'json'] as const) {
      const { turns, value } = await turnsUntil(shared.convert(page(html), { format }));
      expect(value.kind).toBe('converted');
      expect(turns).toBeGreaterThan(20);
    }
  });

  test('a gzip bomb is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000));
    expect(await converted(page(bomb, 'text/html', 'gzip'), 'text')).toEqual({
      kind: 'failed',
      reason: 'the page is too large',
    });
  });

  test('what takes too long is ended, and the next page is read', async () => {
    const hasty = start({ timeLimitMs: 500 });
    const slow = page('<tr><td>a<td><b>b</b>'.repeat(800_000));
    const { turns, value } = await turnsUntil(hasty.convert(slow, { format: 'markdown' }));
    expect(value).toEqual({ kind: 'failed', reason: 'time limit' });
    expect(turns).toBeGreaterThan(20);
    expect(await converted(page('<p>a'), 'text', hasty)).toMatchObject({ body: 'a' });
  });

  test('what takes too much memory is ended, and the next page is read', async () => {
    const small = start({ memoryMb: 16 });
    const large = page(`<p>${'a<br>'.repeat(300_000)}`);
    expect(await converted(large, 'text', small)).toEqual({ kind: 'failed', reason: 'memory limit' });
    expect(await converted(page('<p>a'), 'text', small)).toMatchObject({ body: 'a' });
  });
});

describe('waiting', () => {
  test('lanes take turns', async () => {
    const order: string[] = [];
    const turn = (lane: string) =>
      shared.convert(page('<p>a'), { format: 'text' }, { lane }).then(() => order.push(lane));
    await Promise.all([...'aaaa'].map(turn).concat([...'bc'].map(turn)));
    expect(order.join('')).toBe('aabcaa');
  });

  test('no more wait than are allowed', async () => {
    const narrow = start({ maxWaiting: 1 });
    const results = await Promise.all([1, 2, 3].map(() => narrow.convert(page('<p>a'), { format: 'text' })));
    expect(results.map((result) => (result.kind === 'failed' ? result.reason : result.kind))).toEqual([
      'converted',
      'converted',
      'too many pages are waiting',
    ]);
  });

  test('who waits can stop waiting, for a thread or for the answer', async () => {
    const controller = new AbortController();
    const signals = [{}, { signal: controller.signal }, {}];
    const all = Promise.allSettled(signals.map((turn) => shared.convert(page('<p>a'), { format: 'text' }, turn)));
    controller.abort(new Error('cancelled'));
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const running = new AbortController();
    const answer = shared.convert(page('<p>a'), { format: 'text' }, { signal: running.signal });
    for (let i = 0; i < 20; i += 1) await Promise.resolve(); // The page is with the thread, and its answer cannot be here yet.
    running.abort(new Error('cancelled'));
    await expect(answer).rejects.toThrow('cancelled');
    expect(await converted(page('<p>a'), 'text')).toMatchObject({ body: 'a' });
  });

  test('closing ends what is running and what is waiting', async () => {
    const closing = start();
    const results = Promise.all([1, 2].map(() => closing.convert(page('<p>a'), { format: 'text' })));
    await closing.close();
    expect((await results).map(({ kind }) => kind)).toEqual(['failed', 'failed']);
    expect(await closing.convert(page('<p>a'), { format: 'text' })).toEqual({ kind: 'failed', reason: 'closed' });
  });

  test('a thread that has nothing to do ends after a while, and keeps no process alive before', async () => {
    const script = join(__dirname, 'idle-thread.ts');
    const child = fork(script, { execArgv: ['--require', 'tsx/cjs'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    children.push(child);
    const [output, [code]] = await Promise.all([readText(child.stdout), once(child, 'exit')]);
    expect({ output, code }).toEqual({ output: 'a, ended, b', code: 0 });
  });
});

async function readText(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
