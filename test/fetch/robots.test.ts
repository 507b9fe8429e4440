import fc from 'fast-check';
import robotsParser from 'robots-parser';
import { createRobots } from '../../src/fetch/robots';
import type { RobotsAnswer } from '../../src/fetch/robots';
import { parseRobots } from '../../src/fetch/robots-rules';

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;

describe('rules', () => {
  const allows = (text: string, path: string) => parseRobots(text).isAllowed(path);

  test.each<readonly [rules: string, allowed: string, disallowed: string]>([
    ['Disallow: /private', '/public', '/private/page'],
    ['Disallow: /\nAllow: /shop', '/shop/1', '/'],
    ['Disallow: /shop\nAllow: /shop', '/shop', ''], // equally long: allowed
    ['Disallow: /*.pdf$', '/a.pdf?x', '/a/b.pdf'],
    ['Disallow: /a*b*c', '/acb', '/a.c.b.c'],
    ['Disallow: /fish$', '/fish/', '/fish'],
    ['Disallow: /*?sort=', '/list?page=1', '/list?sort=up'],
    ['Disallow: /ümlaut', '/umlaut', '/%C3%BCmlaut'],
    ['Disallow: /a%3cd', '/a', '/a%3Cd'],
    ['Disallow: /%7Ejoe/', '/joe/', '/~joe/index'],
    ['Disallow:', '/anything', ''],
    ['disallow : /x # why', '/y', '/x'],
  ])('%j allows %j and not %j', (rules, allowed, disallowed) => {
    const text = `\ufeffUser-agent: *\r\n${rules.replaceAll('\n', '\r\n')}\r\n`;
    expect(allows(text, allowed)).toBe(true);
    if (disallowed !== '') expect(allows(text, disallowed)).toBe(false);
  });

  test('our own group counts and not the one for all, wherever it stands and in several parts', () => {
    const text = `User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-agent: EverFetch/2\nDisallow: /a\nCrawl-delay: 2.5\n\nUser-agent: bot\nDisallow: /b\n\nUser-agent: everfetch\nDisallow: /c`;
    const rules = parseRobots(text);
    expect(['/', '/a', '/b', '/c'].map((path) => rules.isAllowed(path))).toEqual([true, false, true, false]);
    expect(rules.crawlDelayMs).toBe(2_500);
  });

  test('what is no robots.txt allows everything', () => {
    expect(allows('<!doctype html><title>Not found</title>', '/')).toBe(true);
  });

  test('says what robots-parser says', () => {
    const piece = fc.constantFrom('/', 'a', 'b', 'aa', '.html', '?', '*', '$', '=');
    const path = fc
      .array(fc.constantFrom('/', 'a', 'b', '.html', '=', 'aa'), { maxLength: 8 })
      .map((parts) => `/${parts.join('')}`);
    const line = fc.record({ key: fc.constantFrom('Allow', 'Disallow'), pattern: fc.array(piece, { maxLength: 6 }) });
    const group = fc.record({
      agent: fc.constantFrom('*', 'everfetch', 'bot'),
      lines: fc.array(line, { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(group, { maxLength: 4 }), path, (groups, asked) => {
        const text = groups
          .map(({ agent, lines }) =>
            [`User-agent: ${agent}`, ...lines.map(({ key, pattern }) => `${key}: /${pattern.join('')}`)].join('\n'),
          )
          .join('\n\n');
        const judge = robotsParser('http://a.test/robots.txt', text);
        expect(allows(text, asked)).toBe(judge.isAllowed(`http://a.test${asked}`, 'everfetch') ?? true);
      }),
      { numRuns: 500 },
    );
  });

  test('a file made to be slow to read is not', () => {
    const text = `User-agent: *\n${`Disallow: /${'*a'.repeat(20)}b\n`.repeat(10_000)}`;
    const rules = parseRobots(text);
    const startedAt = process.cpuUsage().user;
    expect(rules.isAllowed(`/${'a'.repeat(8_000)}`)).toBe(true);
    expect(process.cpuUsage().user - startedAt).toBeLessThan(1_000_000); // µs; robots-parser takes 20 s
  });
});

describe('files', () => {
  /** Sites by their addresses, and a clock. */
  function setUp(answers: Record<string, RobotsAnswer | Error>) {
    let nowMs = 0;
    const asked: string[] = [];
    const delays: [host: string, delayMs: number | undefined][] = [];
    const robots = createRobots({
      fetchText: async (url) => {
        asked.push(url.href);
        const answer = answers[url.href] ?? { statusCode: 404, text: '' };
        if (answer instanceof Error) throw answer;
        return answer;
      },
      isObeyed: (host) => host !== 'free.test',
      onCrawlDelay: (host, delayMs) => delays.push([host, delayMs]),
      nowMs: () => nowMs,
    });
    const isAllowed = async (url: string, signal = never) => robots.isAllowed(new URL(url), signal);
    return { robots, asked, delays, answers, isAllowed, pass: (ms: number) => (nowMs += ms) };
  }
  const ok = (text: string): RobotsAnswer => ({ statusCode: 200, text });
  const NO_ADMIN = ok('User-agent: *\nDisallow: /admin\nCrawl-delay: 3');

  test('a file is asked for once per origin, however many wait, and once a day', async () => {
    const { asked, isAllowed, robots, pass, delays } = setUp({ 'http://a.test/robots.txt': NO_ADMIN });
    const verdicts = await Promise.all(
      ['/', '/admin', '/x', '/admin/y'].map((path) => isAllowed(`http://a.test${path}`)),
    );
    expect(verdicts).toEqual([true, false, true, false]);
    expect(robots.isAllowed(new URL('http://a.test/admin'), never)).toBe(false); // known: at once
    await isAllowed('http://a.test:8080/admin');
    await isAllowed('https://a.test/admin');
    expect(asked).toEqual(['http://a.test/robots.txt', 'http://a.test:8080/robots.txt', 'https://a.test/robots.txt']);
    expect(delays[0]).toEqual(['a.test', 3_000]);
    pass(25 * HOUR_MS);
    await isAllowed('http://a.test/');
    expect(asked).toHaveLength(4);
  });

  test('the file itself may always be fetched, and so may everything where it does not count', async () => {
    const { asked, robots } = setUp({});
    expect(robots.isAllowed(new URL('http://a.test/robots.txt'), never)).toBe(true);
    expect(robots.isAllowed(new URL('http://free.test/x'), never)).toBe(true);
    expect(asked).toEqual([]);
  });

  test('no file allows everything; five redirects are followed, also to another host', async () => {
    const hop = (location: string): RobotsAnswer => ({ statusCode: 301, location, text: '' });
    const { asked, isAllowed } = setUp({
      'http://a.test/robots.txt': hop('/r1'),
      'http://a.test/r1': hop('http://b.test/r2'),
      'http://b.test/r2': NO_ADMIN,
      'http://loop.test/robots.txt': hop('/robots.txt'),
      'http://file.test/robots.txt': hop('file:///etc/passwd'),
    });
    expect(await isAllowed('http://none.test/admin')).toBe(true);
    expect(await isAllowed('http://a.test/admin')).toBe(false);
    expect(await isAllowed('http://file.test/admin')).toBe(true);
    const before = asked.length;
    expect(await isAllowed('http://loop.test/admin')).toBe(true);
    expect(asked.length - before).toBe(6);
  });

  test.each<readonly [string, RobotsAnswer | Error]>([
    ['503', { statusCode: 503, text: '' }],
    ['429', { statusCode: 429, text: '' }],
    ['no answer', new Error('reset')],
  ])('%s: nothing is fetched for now, and it is asked again soon, then every ten minutes', async (_name, failure) => {
    const { asked, answers, isAllowed, pass } = setUp({ 'http://a.test/robots.txt': failure });
    const url = 'http://a.test/';
    await expect(isAllowed(url)).rejects.toMatchObject({ code: 'ROBOTS_UNREACHABLE' });
    await expect(isAllowed(url)).rejects.toMatchObject({ code: 'ROBOTS_UNREACHABLE' });
    expect(asked).toHaveLength(1);
    for (let round = 0; round < 10; round++) {
      pass(10 * 60_000);
      await expect(isAllowed(url)).rejects.toMatchObject({ code: 'ROBOTS_UNREACHABLE' });
    }
    expect(asked).toHaveLength(11);
    answers['http://a.test/robots.txt'] = NO_ADMIN;
    pass(10 * 60_000);
    expect(await isAllowed(url)).toBe(true);
  });

  test('while a file cannot be had, what it said last counts', async () => {
    const { answers, isAllowed, pass } = setUp({ 'http://a.test/robots.txt': NO_ADMIN });
    await isAllowed('http://a.test/');
    answers['http://a.test/robots.txt'] = new Error('reset');
    pass(25 * HOUR_MS);
    expect(await isAllowed('http://a.test/x')).toBe(true);
    expect(await isAllowed('http://a.test/admin')).toBe(false);
  });

  test('a file that leads to a forbidden address is none', async () => {
    const forbidden = Object.assign(new Error('not public'), { name: 'ForbiddenTargetError' });
    expect(await setUp({ 'http://a.test/robots.txt': forbidden }).isAllowed('http://a.test/')).toBe(true);
  });

  test('who gives up does not end it for the others', async () => {
    let answer: (answer: RobotsAnswer) => void = () => undefined;
    const robots = createRobots({
      fetchText: () => new Promise((resolve) => (answer = resolve)),
      isObeyed: () => true,
      onCrawlDelay: () => undefined,
      nowMs: () => 0,
    });
    const caller = new AbortController();
    const first = robots.isAllowed(new URL('http://a.test/admin'), caller.signal);
    const second = robots.isAllowed(new URL('http://a.test/admin'), never);
    caller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    answer(NO_ADMIN);
    expect(await second).toBe(false);
  });

  test('of very many sites the least recently used are forgotten', async () => {
    const { asked, isAllowed } = setUp({});
    for (let index = 0; index < 1_001; index++) await isAllowed(`http://${index}.test/`);
    await isAllowed('http://1000.test/');
    expect(asked).toHaveLength(1_001);
    await isAllowed('http://0.test/');
    expect(asked).toHaveLength(1_002);
  });

  test('large files share a bounded memory', async () => {
    const rules = `User-agent: *\n${Array.from({ length: 8_000 }, (_, index) => `Disallow: /${index}`).join('\n')}`;
    const answers = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`http://${index}.test/robots.txt`, ok(rules)]),
    );
    const { asked, isAllowed } = setUp(answers);
    for (let index = 0; index < 20; index++) expect(await isAllowed(`http://${index}.test/7`)).toBe(false);
    await isAllowed('http://19.test/');
    expect(asked).toHaveLength(20);
    await isAllowed('http://0.test/');
    expect(asked).toHaveLength(21);
  });
});
