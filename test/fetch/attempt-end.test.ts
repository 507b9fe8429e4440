import { startOrigin } from '../support/origin';
import type { Fetcher } from '../../src/fetch/create-fetcher';
import { openFetcher as open, requestOf } from './fetch-fixture';

const fetchFrom = (fetcher: Fetcher, url: string, rest = {}) =>
  fetcher.fetchPage(requestOf(url), { attempt: 1, signal: new AbortController().signal, ...rest });

test('an attempt whose time ends while a redirect drips sends nothing more', async () => {
  const origin = await startOrigin((req, res) => {
    if (req.url === '/next') return void res.end('never asked for');
    res.writeHead(302, { location: '/next' });
    const drip = setInterval(() => res.write('.'), 20);
    res.on('close', () => clearInterval(drip));
  });
  const outcome = await fetchFrom(open({ attemptTimeoutMs: 300 }), `${origin.url}/`);
  expect(outcome).toEqual({ kind: 'unreachable', code: 'ATTEMPT_TIMEOUT' });
  expect(origin.requests.map(({ url }) => url)).toEqual(['/']);
});

test('an attempt that is cancelled while the name is looked up for a proxy never gets to the proxy', async () => {
  let answer = (): void => undefined;
  const looking = new Promise<void>((resolve) => (answer = resolve));
  const guard = {
    assertUrl: () => undefined,
    lookup: () => undefined,
    isAllowed: () => true,
    checkName: () => looking,
  };
  const origin = await startOrigin((_req, res) => res.end());
  const proxy = {
    ...{ id: 'http://p', kind: 'http', host: '127.0.0.1', port: origin.port, tier: 'standard', weight: 1 },
    ...{ username: undefined, password: undefined, country: undefined },
  } as const;
  const cancel = new AbortController();
  const fetcher = open({ guard });
  const route = { engine: 'http', profile: 'chrome', isFresh: false, proxy } as const;
  const fetching = fetchFrom(fetcher, 'http://target.example/', { route, signal: cancel.signal });
  cancel.abort(new Error('cancelled'));
  answer();
  await expect(fetching).rejects.toThrow('cancelled');
  expect(origin.connections).toBe(0);
});

test('what a browser was answered counts for the host that was asked', async () => {
  const notes: unknown[] = [];
  const pacer = {
    pass: () => undefined,
    note: (host: string, { kind }: { kind: string }) => void notes.push([host, kind]),
    concurrencyOf: (_host: string, usual: number) => usual,
  };
  const rendered = {
    ...{ finalUrl: 'http://127.0.0.1/', statusCode: 429, statusText: '', screenshot: undefined, cookies: [] },
    ...{ headers: [['retry-after', '30']] as const, body: Buffer.from('slow down') },
  };
  const browser = { render: async () => rendered, close: async () => undefined };
  const route = { engine: 'browser', profile: 'chrome', isFresh: true, proxy: undefined } as const;
  const request = requestOf('http://127.0.0.1/', { render: { isScreenshotWanted: false, instructions: [] } });
  const fetcher = open({ browser, pacer });
  const outcome = await fetcher.fetchPage(request, { attempt: 1, signal: new AbortController().signal, route });
  expect(outcome).toMatchObject({ kind: 'throttled', retryAfterMs: 30_000 });
  expect(notes).toEqual([['127.0.0.1', 'throttled']]);
});

describe('where robots.txt is obeyed', () => {
  const robots = {
    ...{ isObeyed: () => true, onCrawlDelay: () => undefined },
    ...{ proxyFor: () => undefined, onProxyUsed: () => undefined },
  };
  const site = () =>
    startOrigin((req, res) => {
      if (req.url === '/robots.txt') return void res.end('User-agent: everfetch\nDisallow: /private');
      if (req.url === '/leads-there') return void res.writeHead(302, { location: '/private/page' }).end();
      res.end('page');
    });

  test('what it disallows is not fetched, also not by way of a redirect', async () => {
    const origin = await site();
    const fetcher = open({ robots });
    const disallowed = { kind: 'disallowed', host: '127.0.0.1' };
    expect(await fetchFrom(fetcher, `${origin.url}/private`)).toEqual(disallowed);
    expect(await fetchFrom(fetcher, `${origin.url}/leads-there`)).toEqual(disallowed);
    expect(await fetchFrom(fetcher, `${origin.url}/public`)).toMatchObject({ kind: 'page' });
    expect(origin.requests.map(({ url }) => url)).toEqual(['/robots.txt', '/leads-there', '/public']);
    expect(origin.requests[0]?.headers['user-agent']).toBe('everfetch');
  });

  test('it is asked for in the turn of the attempt that wants to know', async () => {
    const origin = await site();
    const passes: boolean[] = [];
    const pacer = {
      pass: (_host: string, _signal: AbortSignal, isSameVisit = false) => void passes.push(isSameVisit),
      note: () => undefined,
      concurrencyOf: (_host: string, usual: number) => usual,
    };
    await fetchFrom(open({ robots, pacer }), `${origin.url}/public`);
    expect(passes).toEqual([true, true]);
  });
});
