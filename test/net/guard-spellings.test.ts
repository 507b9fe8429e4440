import { urlProblem } from '../../src/jobs/check-url';
import { parseUrl } from '../../src/net/parse-url';
import { createGuard } from '../../src/net/guard';
import { createPostCallback } from '../../src/callbacks/post-callback';
import { hostileUrls } from '../fixtures/hostile-urls';
import type { HostileUrl } from '../fixtures/hostile-urls';
import { startOrigin } from '../support/origin';
import type { Origin } from '../support/origin';
import { fetchOnce, openFetcher, pageOf } from '../fetch/fetch-fixture';

/** A server that every spelling of this machine leads to, over IPv4 and IPv6. */
async function startSecret(): Promise<Origin> {
  const answer = (_req: unknown, res: { end: (text: string) => void }) => res.end('secret');
  return startOrigin(answer, '::').catch(() => startOrigin(answer, '0.0.0.0')); // where there is no IPv6
}

/** Refused already when it is submitted, by the route for jobs as by the one for batches. */
const isRefusedByParser = ({ url }: HostileUrl) => urlProblem(url(8_080)) !== undefined;
const forGuard = hostileUrls.filter((each) => !isRefusedByParser(each));

test('the table holds what it claims', () => {
  expect(hostileUrls.length).toBeGreaterThanOrEqual(60);
  expect(new Set(hostileUrls.map(({ url }) => url(1))).size).toBe(hostileUrls.length);
  // Their share shows that neither half does the work of the other.
  expect(forGuard.length).toBeGreaterThan(100);
  expect(hostileUrls.length - forGuard.length).toBeGreaterThan(25);
});

test('no hostile spelling is fetched', async () => {
  const secret = await startSecret();
  const fetcher = openFetcher({ allowPrivateTargets: [] });
  for (const { name, url, isElsewhere } of forGuard) {
    const { kind } = await fetchOnce(fetcher, url(secret.port));
    expect([name, kind]).toEqual([name, isElsewhere ? 'unreachable' : 'forbidden']);
  }
  expect(secret.connections).toBe(0);
});

test('once everything is opened, the same spellings of this machine arrive', async () => {
  const secret = await startSecret();
  const fetcher = openFetcher({ allowPrivateTargets: ['*'] });
  const hasV6 = (await fetchOnce(fetcher, `http://[::1]:${secret.port}/`)).kind === 'page';
  for (const { name, url } of hostileUrls.filter(({ isLoopback }) => isLoopback)) {
    if (!hasV6 && /\[::1?\]|0001\]/.test(url(1))) continue;
    const outcome = await fetchOnce(fetcher, url(secret.port));
    expect([name, outcome.kind === 'page' && pageOf(outcome).body.toString()]).toEqual([name, 'secret']);
  }
});

test('no redirect leads to a hostile spelling', async () => {
  const secret = await startSecret();
  // A header holds no line break; and the name that is opened here is no target to be refused.
  const targets = hostileUrls.filter(
    ({ url }) => !/[\r\n\0]/.test(url(1)) && parseUrl(url(1))?.hostname.replace(/\.$/, '') !== 'localhost',
  );
  const redirector = await startOrigin((req, res) => {
    const target = targets[Number(req.url?.slice(1))]?.url(secret.port);
    // A redirect without a Location would be a page of the redirector's own.
    if (target === undefined) res.writeHead(500).end();
    else res.writeHead(302, { location: Buffer.from(target).toString('latin1') }).end();
  });
  const fetcher = openFetcher({ allowPrivateTargets: ['localhost'] });
  for (const [index, target] of targets.entries()) {
    const { kind } = await fetchOnce(fetcher, `http://localhost:${redirector.port}/${index}`);
    // What is no URL by itself may still be one beside the redirector's, such as a path of it.
    if (forGuard.includes(target) && !target.isElsewhere)
      expect([target.name, kind]).toEqual([target.name, 'forbidden']);
    else expect([target.name, kind]).not.toEqual([target.name, 'page']);
  }
  expect(redirector.requests.length).toBeGreaterThanOrEqual(targets.length);
  expect(secret.connections).toBe(0);
});

test('no callback is made to a hostile spelling', async () => {
  const secret = await startSecret();
  const { post, close } = createPostCallback(createGuard([]));
  const { signal } = new AbortController();
  const payload = { kind: 'bytes', bytes: Buffer.from('{}') } as const;
  try {
    for (const { name, url, isElsewhere } of forGuard) {
      const result = await post({ id: 'msg', url: url(secret.port), payload, secrets: [], signal });
      const error = result.kind === 'unanswered' ? result.error : 'answered';
      expect([name, error]).toEqual([name, isElsewhere ? expect.stringMatching(/^E[A-Z_]+$/) : 'forbidden_target']);
    }
  } finally {
    await close();
  }
  expect(secret.connections).toBe(0);
});
