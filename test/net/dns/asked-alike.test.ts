import { createPostCallback } from '../../../src/callbacks/post-callback';
import { createGuard } from '../../../src/net/guard';
import { useNameServers } from '../../../src/net/dns/shared-names';
import { credentialsOf, exchange, openEgress } from '../../fetch/egress/egress-fixture';
import { fetchOnce, openFetcher } from '../../fetch/fetch-fixture';
import type { NameServer } from '../../support/name-server';
import { startOrigin } from '../../support/origin';
import { closeNameServers, openNameServer } from './resolver-fixture';

afterEach(async () => {
  useNameServers([]);
  await closeNameServers();
});

const ALLOWED = ['127.0.0.1'];
const robots = {
  ...{ isObeyed: () => true, onCrawlDelay: () => undefined },
  ...{ proxyFor: () => undefined, onProxyUsed: () => undefined },
};

/** Everything that goes out to names of others. Each gets the port of the origin and answers with a word that says whether it got there. */
const ways: readonly [who: string, go: (name: string, port: number) => Promise<string>][] = [
  [
    'a page',
    async (name, port) =>
      (await fetchOnce(openFetcher({ allowPrivateTargets: ALLOWED }), `http://${name}:${port}/`)).kind,
  ],
  [
    'robots.txt',
    async (name, port) => {
      const fetcher = openFetcher({ allowPrivateTargets: ALLOWED, robots });
      return (await fetchOnce(fetcher, `http://${name}:${port}/page`)).kind;
    },
  ],
  [
    'a callback',
    async (name, port) => {
      const { post, close } = createPostCallback(createGuard(ALLOWED));
      const payload = { kind: 'bytes', bytes: Buffer.from('{}') } as const;
      const call = { id: 'msg-1', url: `http://${name}:${port}/`, payload, secrets: [], signal: never };
      const result = await post(call);
      await close();
      return result.kind === 'answered' ? 'page' : result.error;
    },
  ],
  [
    'what a browser or the impersonating engine asks the egress proxy for',
    async (name, port) => {
      const address = (await openEgress({ allow: ALLOWED })).addressFor(undefined);
      const head = `GET http://${name}:${port}/ HTTP/1.1\r\nHost: ${name}:${port}\r\nConnection: close\r\n`;
      const answer = await exchange(address, `${head}${credentialsOf(address)}\r\n`);
      return answer.startsWith('HTTP/1.1 200') ? 'page' : 'forbidden';
    },
  ],
];
const never = new AbortController().signal;

async function startServers(addresses: readonly string[]): Promise<{ names: NameServer; port: number }> {
  const names = await openNameServer(() => ({ addresses, ttl: 60 }));
  useNameServers([names.address]);
  const origin = await startOrigin((req, res) => {
    req.resume();
    if (req.url === '/robots.txt') return void res.end('User-agent: *\nAllow: /');
    res.setHeader('content-type', 'text/html').end('<p>the page</p>');
  });
  return { names, port: origin.port };
}

test.each(ways)('%s asks the name servers of the process, and the answer is kept for all', async (_who, go) => {
  const { names, port } = await startServers(['127.0.0.1']);
  expect(await go('site.test', port)).toBe('page');
  expect(names.questions.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(['site.test A', 'site.test AAAA']);
  for (const [, other] of ways) expect(await other('site.test', port)).toBe('page');
  expect(names.questions).toHaveLength(2);
});

test.each(ways)('%s does not go to a name with a private address among its addresses', async (_who, go) => {
  const { names, port } = await startServers(['93.184.216.34', '10.0.0.1']);
  expect(await go('mixed.test', port)).toMatch(/^forbidden/i);
  expect(names.questions).toHaveLength(2);
});
