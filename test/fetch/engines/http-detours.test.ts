import { Detours } from '../../../src/fetch/engines/detours';
import { HttpExchange } from '../../../src/fetch/engines/http-exchange';
import type { Proxy } from '../../../src/fetch/proxies/proxy';
import { startConnectProxy } from '../../support/connect-proxy';
import { startOrigin } from '../../support/origin';
import { waitFor } from '../../support/wait-for';

const detours = new Detours({ connect: {}, connectTimeoutMs: 5_000, connections: 2, limits: {}, maxProxies: 2 });
afterAll(() => detours.close());

async function get(port: number, proxy: Proxy): Promise<string> {
  const exchange = new HttpExchange({ onInterrupt: undefined });
  const request = { origin: `http://target.test:${port}`, path: '/', method: 'GET' } as const;
  detours.dispatch(request, exchange, { proxy, isFresh: false, profile: 'chrome' });
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
