import { RouteAgents } from '../../../src/fetch/engines/route-agents';
import { HttpExchange } from '../../../src/fetch/engines/http-exchange';
import { networkCodeOf } from '../../../src/fetch/error-codes';
import type { Proxy } from '../../../src/fetch/proxies/proxy';
import { startConnectProxy } from '../../support/connect-proxy';
import { startOrigin } from '../../support/origin';
import { waitFor } from '../../support/wait-for';

const routeAgents = new RouteAgents({
  connect: {},
  connectTimeoutMs: 5_000,
  connections: 2,
  limits: {},
  maxProxies: 2,
});
afterAll(() => routeAgents.close());

async function get(port: number, proxy: Proxy): Promise<string> {
  const exchange = new HttpExchange({ onInterrupt: undefined });
  const request = { origin: `http://target.test:${port}`, path: '/', method: 'GET' } as const;
  routeAgents.dispatch(request, exchange, { proxy, isFresh: false, profile: 'chrome' });
  const { body } = await exchange.answer;
  let text = '';
  await body.readInto((chunk) => void (text += chunk.toString()));
  return text;
}

test('of more proxies than are kept, the one not used for the longest time is closed, after what it has in flight', async () => {
  let finish = () => {};
  const slow = await startOrigin((_req, res) => {
    finish = () => res.end(' page');
    res.write('whole');
  });
  const quick = await startOrigin((_req, res) => res.end('quick'));
  const [first, second, third] = await Promise.all([startConnectProxy(), startConnectProxy(), startConnectProxy()]);
  expect(await get(quick.port, second.asProxy())).toBe('quick');
  const reading = get(slow.port, first.asProxy());
  await waitFor(() => slow.requests.length === 1);

  expect(await get(quick.port, second.asProxy())).toBe('quick');
  expect(await get(quick.port, third.asProxy())).toBe('quick');
  expect(first.open).toBe(1);
  finish();
  expect(await reading).toBe('whole page');
  await waitFor(() => first.open === 0);
  expect([second.open, third.open]).toEqual([1, 1]);
  expect(second.connections).toBe(1);
});

test.each([
  ['through a proxy', { isFresh: false, isTunnel: true }],
  ['through a proxy, fresh', { isFresh: true, isTunnel: true }],
  ['directly, fresh', { isFresh: true, isTunnel: false }],
])('once closing, nothing goes out any more: %s', async (_what, { isFresh, isTunnel }) => {
  const origin = await startOrigin((_req, res) => res.end('late'));
  const proxy = await startConnectProxy();
  const closed = new RouteAgents({ connect: {}, connectTimeoutMs: 5_000, connections: 2, limits: {} });
  const closing = closed.close();
  const exchange = new HttpExchange({ onInterrupt: undefined });
  const request = { origin: origin.url, path: '/', method: 'GET' } as const;
  closed.dispatch(request, exchange, { proxy: isTunnel ? proxy.asProxy() : undefined, isFresh, profile: 'chrome' });
  const code = await exchange.answer.then(() => 'an answer', networkCodeOf);
  expect(code).toBe('FETCHER_CLOSED');
  await closing;
  expect([origin.connections, proxy.connections]).toEqual([0, 0]);
});
