import type { Proxy } from '../../../src/fetch/proxies/proxy';
import { startConnectProxy } from '../../support/connect-proxy';
import type { TestProxy } from '../../support/connect-proxy';
import { startOrigin } from '../../support/origin';
import { startSocksServer } from '../../support/socks-server';
import { connectTo, fakeResolver, getFrom, openEgress, startTcp } from './egress-fixture';

const kinds: readonly (readonly [Proxy['kind'], () => Promise<TestProxy>])[] = [
  ['http', () => startConnectProxy()],
  ['socks5', () => startSocksServer()],
];

test.each(kinds)('with an upstream of kind %s both forms leave through it, and it resolves the name', async (_kind, start) => {
  const upstream = await start();
  const origin = await startOrigin((_req, res) => res.end('through'));
  const port = await startTcp((socket) => socket.end('hello'));
  const egress = await openEgress({ allow: [], resolve: fakeResolver({}).resolve });
  const address = egress.addressFor(upstream.asProxy());
  expect(await getFrom(`http://site.test:${origin.port}/`, address)).toMatch(/^HTTP\/1\.1 200 [^]*through/);
  expect(await connectTo(`other.test:${port}`, address)).toMatch(/^HTTP\/1\.1 200 [^]*hello$/);
  expect(upstream.targets.map((each) => each.replace('name ', ''))).toEqual([`site.test:${origin.port}`, `other.test:${port}`]);
  expect(origin.requests[0]?.headers.host).toBe(`site.test:${origin.port}`);
}); // prettier-ignore

test.each(['10.0.0.1', 'localhost', 'intranet.test', '[::1]', 'metadata.google.internal'])(
  'an upstream is not asked for %s, which is private as seen from here',
  async (host) => {
    const upstream = await startConnectProxy();
    const { resolve } = fakeResolver({ 'intranet.test': [['192.168.0.9']] });
    const egress = await openEgress({ allow: [], resolve });
    const proxy = upstream.asProxy();
    expect(await connectTo(`${host}:443`, egress.addressFor(proxy))).toMatch(/^HTTP\/1\.1 403 /);
    expect(await getFrom(`http://${host}/`, egress.addressFor(proxy))).toMatch(/^HTTP\/1\.1 403 /);
    expect(upstream.targets).toEqual([]);
    expect(egress.troubleOf(proxy, new URL(`https://${host}/`))).toMatchObject({ name: 'ForbiddenTargetError' });
  },
);

test("an upstream's refusal is never taken for the guard's, and its password stays out of everything", async () => {
  const upstream = await startConnectProxy({ credentials: 'user:right' });
  const egress = await openEgress({ resolve: fakeResolver({}).resolve });
  const proxy = upstream.asProxy({ username: 'user', password: 'wrong-secret' });
  const answer = await connectTo('site.test:443', egress.addressFor(proxy));
  expect(answer).toMatch(/^HTTP\/1\.1 502 [^]*x-everfetch-trouble: PROXY_AUTH_FAILED\r\n/);
  expect(answer).not.toContain('wrong-secret');
  expect(egress.troubleOf(proxy, new URL('https://site.test/'))).toMatchObject({ code: 'PROXY_AUTH_FAILED' });
});
