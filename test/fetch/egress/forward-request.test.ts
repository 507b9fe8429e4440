import { startOrigin } from '../../support/origin';
import { waitFor } from '../../support/wait-for';
import { credentialsOf, exchange, getFrom, openEgress, openRaw, startTcp } from './egress-fixture';

test('a target sees the request of a client without a proxy', async () => {
  const origin = await startOrigin((_req, res) => res.end('ok'));
  const address = (await openEgress()).addressFor(undefined);
  const headers = [
    'User-Agent: x', 'Proxy-Connection: keep-alive', 'Keep-Alive: 5', 'TE: trailers', 'Trailer: x-t', 'X-Hop: 1', 'X-Kept: caf\u00e9', 'x-kept: 2',
    'Cookie: a=1', 'Connection: X-Hop, Content-Length, close',
  ].join('\r\n'); // prettier-ignore
  await exchange(
    address,
    `POST ${origin.url}/p/a?q=%20#fragment HTTP/1.1\r\nHost: elsewhere.test\r\n${credentialsOf(address)}${headers}\r\nContent-Length: 3\r\n\r\nabc`,
  );
  expect(origin.requests[0]).toMatchObject({ method: 'POST', url: '/p/a?q=%20', body: 'abc' });
  expect(origin.requests[0]?.rawHeaders).toEqual([
    'Host', `127.0.0.1:${origin.port}`, 'Connection', 'keep-alive', 'User-Agent', 'x', 'X-Kept', 'caf\u00e9', 'x-kept', '2', 'Cookie', 'a=1',
    'Content-Length', '3',
  ]); // prettier-ignore
});

test('a client sees the answer of the target, without what belongs to the connection and without our own words', async () => {
  const port = await startTcp((socket) => {
    const headers = ['Server: Odd', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-Hop: 1', 'Connection: X-Hop', 'Proxy-Authenticate: x'];
    const forged = ['X-Everfetch-Forbidden: no', 'x-everfetch-trouble: ENOTFOUND', 'X-L: caf\u00e9'];
    socket.once('data', () => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      const head = [...headers, ...forged].join('\r\n');
      socket.end(Buffer.from(`HTTP/1.1 203 Quite Odd\r\n${head}\r\nContent-Length: 4\r\n\r\nbody`, 'latin1'));
    });
  }); // prettier-ignore
  const answer = await getFrom(`http://127.0.0.1:${port}/`, (await openEgress()).addressFor(undefined));
  const [head, body] = answer.split('\r\n\r\n');
  expect(body).toBe('body');
  expect(head?.split('\r\n').slice(0, 5)).toEqual([
    'HTTP/1.1 203 Quite Odd', 'Server: Odd', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-L: caf\u00e9',
  ]); // prettier-ignore
  expect(answer).not.toMatch(/x-hop|proxy-authenticate|everfetch|^date/im);
});

const lengths = 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n';
test.each([
  ['a length and a coding', `POST /URL/ HTTP/1.1\r\n/AUTH/${lengths}\r\n0\r\n\r\nGET /URL/admin HTTP/1.1\r\n/AUTH/\r\n`],
  ['two lengths', 'POST /URL/ HTTP/1.1\r\n/AUTH/Content-Length: 3\r\nContent-Length: 30\r\n\r\nabcGET /URL/admin HTTP/1.1\r\n\r\n'],
  ['a length with a sign', 'POST /URL/ HTTP/1.1\r\n/AUTH/Content-Length: +3\r\n\r\nabc'],
  ['a coding that is not the last', 'POST /URL/ HTTP/1.1\r\n/AUTH/Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
  ['an unknown coding', 'POST /URL/ HTTP/1.1\r\n/AUTH/Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['a space before the colon', 'POST /URL/ HTTP/1.1\r\n/AUTH/Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
  ['a bare line feed', 'GET /URL/ HTTP/1.1\n/AUTH/\n\n'],
  ['a folded header', 'GET /URL/ HTTP/1.1\r\n/AUTH/X: a\r\n Content-Length: 5\r\n\r\n'],
  ['a control character', 'GET /URL/ HTTP/1.1\r\n/AUTH/X: a\u0000b\r\n\r\n'],
  ['a broken chunk', 'POST /URL/ HTTP/1.1\r\n/AUTH/Transfer-Encoding: chunked\r\n\r\n3;\n\r\nabc\r\n0\r\n\r\n'],
  ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000'],
])('a request with %s does not get through as a whole one', async (_what, text) => {
  const whole: string[] = [];
  const origin = await startOrigin((req, res) => {
    req.on('end', () => whole.push(req.url ?? '')).resume();
    res.end();
  });
  const address = (await openEgress()).addressFor(undefined);
  const bytes = text.replaceAll('/URL/', `${origin.url}/`).replaceAll('/AUTH/', `Host: x\r\n${credentialsOf(address)}`);
  const answer = await exchange(address, bytes);
  expect(answer).toMatch(/^HTTP\/1\.1 400 |^$/);
  expect(answer.match(/HTTP\/1\.1 200/g)).toBeNull();
  expect(whole).toEqual([]);
}); // prettier-ignore

test('requests one after another use one connection to the target, and another target gets its own', async () => {
  const [first, second] = [await startOrigin((_req, res) => res.end('1')), await startOrigin((_req, res) => res.end('2'))];
  const address = (await openEgress()).addressFor(undefined);
  const client = await openRaw(address);
  const ask = async (url: string, answers: number) => {
    client.socket.write(`GET ${url}/ HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`);
    await waitFor(() => client.received().toString().match(/HTTP\/1\.1 200[^]*?\r\n\r\n\d/g)?.length === answers);
  };
  await ask(first.url, 1);
  await ask(first.url, 2);
  expect(first.connections).toBe(1);
  await ask(second.url, 3);
  await ask(first.url, 4);
  expect([first.connections, second.connections]).toEqual([2, 1]);
  expect(client.received().toString().match(/\r\n\r\n\d/g)?.map((each) => each.at(-1))).toEqual(['1', '1', '2', '1']);
}); // prettier-ignore

test('a second request before the answer to the first ends the connection', async () => {
  const origin = await startOrigin(() => undefined);
  const address = (await openEgress()).addressFor(undefined);
  const client = await openRaw(address);
  const request = `GET ${origin.url}/ HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`;
  client.socket.write(request.repeat(3));
  await client.closed;
  expect(client.received().toString()).toBe('');
  expect(origin.requests.length).toBeLessThan(2);
});

test.each([
  ['with a length', 'Content-Length: 100\r\n\r\nhalf'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
])('a body %s that ends too early is not passed on as complete', async (_what, rest) => {
  const port = await startTcp((socket) => {
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${rest}`));
    socket.once('data', () => setImmediate(() => socket.end()));
  });
  const answer = await getFrom(`http://127.0.0.1:${port}/`, (await openEgress()).addressFor(undefined));
  expect(answer).toMatch(/half/);
  expect(answer).not.toMatch(/\r\n0\r\n\r\n$/);
});

test('a body without a length ends where the target ends', async () => {
  const port = await startTcp((socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nold style')));
  const answer = await getFrom(`http://127.0.0.1:${port}/`, (await openEgress()).addressFor(undefined));
  expect(answer).toMatch(/old style\r\n0\r\n\r\n$/);
});

test.each([
  ['closes at once', ''],
  ['speaks another protocol', 'SSH-2.0-x\r\n'],
  ['switches protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
])('a target that %s is a trouble, and none of ours', async (_what, said) => {
  const port = await startTcp((socket) => socket.once('data', () => socket.end(said)));
  const address = (await openEgress()).addressFor(undefined);
  const answer = await getFrom(`http://127.0.0.1:${port}/`, address);
  expect(answer).toMatch(/^HTTP\/1\.1 502 [^]*x-everfetch-trouble: [A-Z_]+\r\n/);
});

test('an upgrade is not asked for, and the request goes its ordinary way', async () => {
  const origin = await startOrigin((_req, res) => res.writeHead(426).end());
  const address = (await openEgress()).addressFor(undefined);
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n';
  const text = `GET ${origin.url}/ws HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}${upgrade}\r\n`;
  const client = await openRaw(address);
  client.socket.write(text);
  await waitFor(() => client.received().includes('HTTP/1.1 426'));
  expect(origin.requests[0]?.headers).toMatchObject({ connection: 'keep-alive' });
  expect(origin.requests[0]?.headers).not.toHaveProperty('upgrade');
});

test('a client that goes away takes its request with it', async () => {
  let isCut = false;
  const origin = await startOrigin((req) => req.socket.on('close', () => (isCut = true)));
  const address = (await openEgress()).addressFor(undefined);
  const client = await openRaw(address);
  client.socket.write(`GET ${origin.url}/ HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`);
  await waitFor(() => origin.requests.length === 1);
  client.socket.destroy();
  await waitFor(() => isCut);
});

test('a connection that the target closes while it rests is closed for the client too', async () => {
  const port = await startTcp((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', () => socket.end())),
  );
  const address = (await openEgress()).addressFor(undefined);
  const client = await openRaw(address);
  client.socket.write(`GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`);
  expect(await client.closed).toBe('end');
  expect(client.received().toString()).toMatch(/ok$/);
});

test('a head over the limit is an answer, not a crash', async () => {
  const origin = await startOrigin((_req, res) => res.writeHead(200, { 'x-long': 'x'.repeat(300_000) }).end());
  const address = (await openEgress()).addressFor(undefined);
  expect(await getFrom(`${origin.url}/`, address, `X-Long: ${'x'.repeat(80_000)}\r\n`)).toMatch(
    /^HTTP\/1\.1 4\d\d |^$/,
  );
  expect(await getFrom(`${origin.url}/`, address)).toMatch(/^HTTP\/1\.1 502 /);
  expect(origin.requests).toHaveLength(1);
});
