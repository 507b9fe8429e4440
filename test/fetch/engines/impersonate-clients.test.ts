import type { Impit } from 'impit';
import { ImpersonateClients } from '../../../src/fetch/engines/impersonate-clients';

class FakeImpit {
  readonly options: unknown;
  constructor(options: unknown) {
    this.options = options;
  }
}
const settings = { browser: 'chrome151', token: 't', timeoutMs: 1_000, maxClients: 3, ignoreTlsErrors: false } as const;

function openClients(): { clients: ImpersonateClients; collected: () => number } {
  let collected = 0;
  const clients = new ImpersonateClients(FakeImpit as unknown as typeof Impit, settings, () => (collected += 1));
  return { clients, collected: () => collected };
}
const order = (url: string, proxyUrl = 'http://127.0.0.1:1', isFresh = false) => ({ url, proxyUrl, isFresh });

test('one way out has one client, the same for all sites', () => {
  const { clients } = openClients();
  const first = clients.for(order('https://a.test/'));
  expect(clients.for(order('https://b.test/x'))).toBe(first);
  expect(clients.for(order('https://a.test/', 'http://127.0.0.1:2'))).not.toBe(first);
});

test('what goes out is the pinned browser through the proxy, following nothing', () => {
  const { clients } = openClients();
  expect(clients.for(order('https://a.test/'))).toMatchObject({
    options: { browser: 'chrome151', proxyUrl: 'http://127.0.0.1:1', followRedirects: false, ignoreTlsErrors: false },
  });
});

test('a fresh request gets a client that has not been to its site, and leaves the kept one alone', () => {
  const { clients } = openClients();
  const kept = clients.for(order('https://a.test/'));
  const fresh = clients.for(order('https://a.test/', undefined, true));
  expect(clients.for(order('https://b.test/', undefined, true))).toBe(fresh);
  expect(clients.for(order('https://a.test/', undefined, true))).not.toBe(fresh);
  expect(clients.for(order('https://a.test/'))).toBe(kept);
  expect(new Set([kept, fresh]).size).toBe(2);
});

test('the longest unused way out goes when there are too many', () => {
  const { clients } = openClients();
  const byPort = (port: number) => clients.for(order('https://a.test/', `http://127.0.0.1:${port}`));
  const [first, second] = [byPort(1), byPort(2)];
  byPort(3);
  expect(byPort(1)).toBe(first);
  byPort(4);
  expect(clients.size).toBe(3);
  expect(byPort(1)).toBe(first);
  expect(byPort(2)).not.toBe(second);
});

test('what is dropped is collected from time to time', () => {
  const { clients, collected } = openClients();
  for (let each = 0; each < 33; each += 1) clients.for(order('https://a.test/', undefined, true));
  expect(collected()).toBe(2);
});

test('a client is replaced once it has met very many sites', () => {
  const { clients } = openClients();
  const first = clients.for(order('https://0.test/'));
  for (let each = 1; each < 1_000; each += 1) expect(clients.for(order(`https://${each}.test/`))).toBe(first);
  expect(clients.for(order('https://1000.test/'))).not.toBe(first);
});
