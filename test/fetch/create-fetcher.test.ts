import { createHash } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { faults, startOrigin } from '../support/origin';
import { fetchOnce, openFetcher, pageOf, requestOf } from './fetch-fixture';

const MEGABYTE = 1024 * 1024;

describe('a page', () => {
  test('comes as it was on the wire', async () => {
    const packed = gzipSync('<p>hello</p>');
    const origin = await startOrigin((_req, res) => {
      res.writeHead(200, 'Very Fine', [
        ['Content-Type', 'text/html'],
        ['Content-Encoding', 'gzip'],
        ['X-Twice', '1'],
        ['X-Twice', 'caf\u00e9'],
      ] as never);
      res.end(packed);
    });
    const fetcher = openFetcher();
    const page = pageOf(await fetchOnce(fetcher, `${origin.url}/a?b=1`));
    expect(page).toMatchObject({ finalUrl: `${origin.url}/a?b=1`, statusCode: 200, statusText: 'Very Fine' });
    expect(page.body.equals(packed)).toBe(true);
    expect(page.headers).toEqual(
      expect.arrayContaining([
        ['Content-Type', 'text/html'],
        ['X-Twice', '1'],
        ['X-Twice', 'caf\u00e9'],
      ]),
    );
    expect(page.headers.map(([name]) => name.toLowerCase())).not.toContain('transfer-encoding');
    expect(new Date(page.fetchedAt).toISOString()).toBe(page.fetchedAt);
  });

  test.each([
    ['gzip', gzipSync('text')],
    ['x-gzip', gzipSync('text')],
    ['deflate', deflateSync('text')],
    ['deflate', deflateRawSync('text')],
    ['br', brotliCompressSync('text')],
    ['gzip, br', brotliCompressSync(gzipSync('text'))],
    ['deflate, gzip', gzipSync(deflateRawSync('text'))],
    ['none', Buffer.from('text')],
    ['gzip', gzipSync('text').subarray(0, -8)], // Its trailer is missing.
    ['gzip', Buffer.alloc(0)],
  ])('is accepted in %s', async (encoding, body) => {
    const origin = await startOrigin((_req, res) => res.writeHead(200, { 'content-encoding': encoding }).end(body));
    expect(pageOf(await fetchOnce(openFetcher(), origin.url)).body.equals(body)).toBe(true);
  });

  test.each([
    [200, ''],
    [200, 'ok'],
    [204, ''],
    [206, 'part'],
    [304, ''],
    [404, 'not here'],
    [410, ''],
  ])('is what %d with %j is', async (statusCode, body) => {
    const origin = await startOrigin((_req, res) => res.writeHead(statusCode).end(body));
    const page = pageOf(await fetchOnce(openFetcher(), origin.url));
    expect([page.statusCode, page.body.toString()]).toEqual([statusCode, body]);
  });

  test('keeps its bytes of the budget until it is released, however often', async () => {
    const origin = await startOrigin((_req, res) => res.end('x'.repeat(100_000)));
    const fetcher = openFetcher();
    const page = pageOf(await fetchOnce(fetcher, origin.url));
    expect(fetcher.bytesInFlight).toBe(100_000);
    page.release();
    page.release();
    expect(fetcher.bytesInFlight).toBe(0);
  });

  test('of many megabytes arrives unharmed', async () => {
    const body = Buffer.alloc(5 * MEGABYTE, 'everfetch');
    const origin = await startOrigin((_req, res) => res.end(body));
    const page = pageOf(await fetchOnce(openFetcher(), origin.url));
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(page.body)).toBe(hash(body));
  });

  test('can be fetched with HEAD', async () => {
    const origin = await startOrigin((_req, res) => res.writeHead(200, { 'content-length': 10 ** 12 }).end());
    expect(pageOf(await fetchOnce(openFetcher(), origin.url, { method: 'HEAD' })).body).toHaveLength(0);
  });

  test('more pages than the budget holds at once all arrive', async () => {
    const origin = await startOrigin((_req, res) => res.end(Buffer.alloc(MEGABYTE)));
    const fetcher = openFetcher({ maxBodyBytes: MEGABYTE, byteBudgetBytes: 2 * MEGABYTE });
    const sizes = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const page = pageOf(await fetchOnce(fetcher, origin.url));
        page.release();
        return page.body.length;
      }),
    );
    expect(new Set(sizes)).toEqual(new Set([MEGABYTE]));
    expect(fetcher).toMatchObject({ bytesInFlight: 0, inFlight: 0, hostsInFlight: 0 });
  });
});

describe('trouble', () => {
  const cutGzip = gzipSync(Buffer.from(Array.from({ length: 1_000 }, (_, index) => index))).subarray(0, 150);

  test.each([
    [
      'a reset',
      faults.reset(),
      { kind: 'unreachable', code: expect.stringMatching(/^(ECONNRESET|CONNECTION_CLOSED)$/) },
    ],
    ['half a body', faults.halfBody(), { kind: 'unreachable', code: 'CONNECTION_CLOSED' }],
    ['a body shorter than its length', faults.wrongLength(), { kind: 'unreachable', code: 'CONNECTION_CLOSED' }],
    ['an answer that is not HTTP', faults.notHttp(), { kind: 'unreachable', code: 'INVALID_RESPONSE' }],
    ['a gzip bomb', faults.gzipBomb(8 * MEGABYTE), { kind: 'too-large', limitBytes: MEGABYTE }],
    ['a brotli bomb', faults.brotliBomb(8 * MEGABYTE), { kind: 'too-large', limitBytes: MEGABYTE }],
    ['a redirect loop', faults.redirectLoop(), { kind: 'too-many-redirects', hops: 1 }],
    [
      'a challenge',
      faults.cloudflareChallenge(200),
      { kind: 'blocked', statusCode: 200, vendor: 'cloudflare', signal: 'cf-mitigated' },
    ],
    [
      'a challenge on 429',
      faults.cloudflareChallenge(429),
      { kind: 'blocked', statusCode: 429, vendor: 'cloudflare', signal: 'cf-mitigated' },
    ],
    ['Retry-After on 503', faults.retryAfter('7'), { kind: 'throttled', statusCode: 503, retryAfterMs: 7_000 }],
    [
      'Retry-After on 429',
      faults.retryAfter('120', 429),
      { kind: 'throttled', statusCode: 429, retryAfterMs: 120_000 },
    ],
    ['503 alone', faults.retryAfter('soon'), { kind: 'throttled', statusCode: 503 }],
  ])('%s', async (_name, handler, outcome) => {
    const origin = await startOrigin(handler);
    const fetcher = openFetcher({ maxBodyBytes: MEGABYTE });
    expect(await fetchOnce(fetcher, origin.url)).toEqual(outcome);
    expect(fetcher).toMatchObject({ bytesInFlight: 0, inFlight: 0, hostsInFlight: 0 });
  });

  test.each([
    ['cut gzip', 'gzip', cutGzip],
    ['plain text', 'gzip', Buffer.from('this is no gzip')],
    ['plain text', 'br', Buffer.from('this is no brotli')],
    ['what cannot be undone', 'zstd', Buffer.from('x')],
    ['six codings', 'gzip, gzip, gzip, gzip, gzip, gzip', Buffer.from('x')],
  ])('a page of %s as %s', async (_name, encoding, body) => {
    const origin = await startOrigin((_req, res) => res.writeHead(200, { 'content-encoding': encoding }).end(body));
    expect(await fetchOnce(openFetcher(), origin.url)).toEqual({ kind: 'unreachable', code: 'BAD_CONTENT_ENCODING' });
  });

  test('a status decides even when its body is broken', async () => {
    const origin = await startOrigin((_req, res) => {
      res.writeHead(503, { 'content-encoding': 'gzip', 'retry-after': '3', 'content-length': 1_000 });
      res.write('broken', () => res.socket?.end());
    });
    const outcome = await fetchOnce(openFetcher(), origin.url);
    expect(outcome).toEqual({ kind: 'throttled', statusCode: 503, retryAfterMs: 3_000 });
  });

  test('a block is seen in a compressed error page', async () => {
    const page = gzipSync(`<html><title>Just a moment...</title>${'<p>wait</p>'.repeat(20_000)}`);
    const origin = await startOrigin((_req, res) => {
      res.writeHead(403, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(page);
    });
    expect(await fetchOnce(openFetcher(), origin.url)).toMatchObject({ kind: 'blocked', signal: 'just-a-moment' });
  });

  test.each([true, false])('a body over the limit, its length told: %s', async (isTold) => {
    const origin = await startOrigin((_req, res) => {
      if (isTold) res.setHeader('content-length', 2 * MEGABYTE);
      res.end(Buffer.alloc(2 * MEGABYTE));
    });
    const fetcher = openFetcher({ maxBodyBytes: MEGABYTE });
    expect(await fetchOnce(fetcher, origin.url)).toEqual({ kind: 'too-large', limitBytes: MEGABYTE });
    expect(fetcher.bytesInFlight).toBe(0);
  });

  test('nobody listening', async () => {
    const origin = await startOrigin(() => undefined);
    await origin.close();
    expect(await fetchOnce(openFetcher(), origin.url)).toEqual({ kind: 'unreachable', code: 'ECONNREFUSED' });
  });

  test('a retried 404 and a retried 410', async () => {
    const origin = await startOrigin((req, res) => res.writeHead(Number(req.url?.slice(1))).end());
    const fetcher = openFetcher();
    const rest = { retry404: true };
    expect(await fetchOnce(fetcher, `${origin.url}/404`, rest)).toEqual({ kind: 'refused', statusCode: 404 });
    expect(await fetchOnce(fetcher, `${origin.url}/410`, rest)).toEqual({ kind: 'refused', statusCode: 410 });
    expect(await fetchOnce(fetcher, `${origin.url}/500`)).toEqual({ kind: 'refused', statusCode: 500 });
  });
});

describe('time and cancellation', () => {
  test.each([
    ['headers', faults.stalledHeaders()],
    ['a body', faults.stalledBody()],
  ])('our own limit ends an attempt that waits for %s', async (_name, handler) => {
    const origin = await startOrigin(handler);
    const fetcher = openFetcher({ attemptTimeoutMs: 150 });
    expect(await fetchOnce(fetcher, origin.url)).toEqual({ kind: 'unreachable', code: 'ATTEMPT_TIMEOUT' });
    expect(fetcher).toMatchObject({ bytesInFlight: 0, inFlight: 0, hostsInFlight: 0 });
  });

  test.each([
    ['headers', faults.stalledHeaders()],
    ['a body', faults.stalledBody()],
  ])('a cancellation while %s stall rejects with its own reason', async (_name, handler) => {
    const reason = new Error('cancelled by the caller');
    const controller = new AbortController();
    const origin = await startOrigin((req, res) => {
      handler(req, res);
      setImmediate(() => controller.abort(reason));
    });
    const fetcher = openFetcher();
    const attempt = fetcher.fetchPage(requestOf(origin.url), { attempt: 1, signal: controller.signal });
    await expect(attempt).rejects.toBe(reason);
    expect(fetcher).toMatchObject({ bytesInFlight: 0, inFlight: 0, hostsInFlight: 0 });
  });

  test('a signal that has aborted before makes no request', async () => {
    const origin = await startOrigin((_req, res) => res.end());
    const attempt = openFetcher().fetchPage(requestOf(origin.url), { attempt: 1, signal: AbortSignal.abort('over') });
    await expect(attempt).rejects.toBe('over');
    expect(origin.requests).toHaveLength(0);
  });

  test('at most so many requests are in flight to one host, and those that wait can be cancelled', async () => {
    const answers: (() => void)[] = [];
    let seen = (): void => undefined;
    const arrived = () => new Promise<void>((resolve) => (seen = resolve));
    const origin = await startOrigin((_req, res) => {
      answers.push(() => res.end('done'));
      seen();
    });
    const fetcher = openFetcher({ connectionsPerHost: 1 });
    const controller = new AbortController();
    const first = fetchOnce(fetcher, origin.url);
    const second = fetcher.fetchPage(requestOf(origin.url), { attempt: 1, signal: controller.signal });
    const third = fetchOnce(fetcher, origin.url);
    await arrived();
    expect([fetcher.inFlight, origin.requests.length]).toEqual([3, 1]);
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    const next = arrived();
    answers[0]?.();
    await Promise.all([first, next]);
    answers[1]?.();
    expect((await third).kind).toBe('page');
    expect(origin.requests).toHaveLength(2);
  });

  test('one attempt is one request: nothing is retried inside', async () => {
    const origin = await startOrigin(faults.reset());
    await fetchOnce(openFetcher(), origin.url);
    expect(origin.requests).toHaveLength(1);
  });

  test('closing ends attempts in flight as unreachable', async () => {
    let seen = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (seen = resolve));
    const origin = await startOrigin(() => seen());
    const fetcher = openFetcher();
    const attempt = fetchOnce(fetcher, origin.url);
    await arrived;
    await fetcher.close();
    expect(await attempt).toEqual({ kind: 'unreachable', code: 'FETCHER_CLOSED' });
  });
});
