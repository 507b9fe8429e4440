import { request } from 'node:http';
import { credentialsOf, openEgress, openRaw } from '../fetch/egress/egress-fixture';
import type { EgressAddress } from '../../src/fetch/egress/egress-proxy';
import { waitFor } from '../support/wait-for';
import { ODD_HEADS } from './odd-heads';
import { startOddServer } from './odd-server';

interface Seen {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Reads with Node's strict parser, because the egress proxy has to send valid HTTP. Returns 'cut' for an answer that does not end. */
function askStrictly(address: EgressAddress, url: string, { method = 'GET', body = '' } = {}): Promise<Seen | 'cut'> {
  const { hostname, port } = new URL(address.server);
  const [, authorization = ''] = /: (.*)\r\n/.exec(credentialsOf(address)) ?? [];
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ hostname, port, method, path: url, agent: false, maxHeaderSize: 300_000 },
        headers: { 'proxy-authorization': authorization, ...(body !== '' && { 'content-length': body.length }) },
      },
      (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('error', () => resolve('cut'));
        res.on('end', () => {
          const text = Buffer.concat(parts).toString('latin1');
          resolve({ statusCode: res.statusCode ?? 0, headers: res.headers, body: text });
        });
      },
    );
    sent.on('error', (error) =>
      /^HPE/.test((error as NodeJS.ErrnoException).code ?? '') ? reject(error) : resolve('cut'),
    );
    sent.end(body);
  });
}

describe.each(ODD_HEADS)('$name', ({ answer, seen, headers = {} }) => {
  test.each(['GET', 'POST'])('%s goes through the egress proxy as standard HTTP, asked for once', async (method) => {
    const server = await startOddServer(() => answer);
    const address = (await openEgress()).addressFor(undefined);
    const options = { method, body: method === 'POST' ? 'a=1' : '' };
    const got = await askStrictly(address, `http://127.0.0.1:${server.port}/`, options);
    expect(server.requests).toHaveLength(1);
    if (typeof seen === 'string') {
      if (got !== 'cut') expect([got.statusCode, got.body]).toEqual([502, '']);
      return;
    }
    if (got === 'cut') throw new Error('cut off');
    if (got.statusCode === 302) expect(got.headers['location']).toBe('/there');
    else expect([got.statusCode, got.body]).toEqual(seen);
    // eslint-disable-next-line no-control-regex
    const cleaned = Object.entries(headers).map(([name, value]) => [name, value.replace(/[\u0000-\u001f\u007f]/g, '')]);
    expect(got.headers).toMatchObject(Object.fromEntries(cleaned));
  });
});

test('a connection on which something odd was seen is not used again, and others are', async () => {
  const server = await startOddServer(
    (target) => `HTTP/1.1 200 OK\r\n${target === '/odd' ? 'X : 1\r\n' : ''}Content-Length: 4\r\n\r\npage`,
    { then: 'stay' },
  );
  const address = (await openEgress()).addressFor(undefined);
  const client = await openRaw(address);
  const ask = async (path: string, answers: number) => {
    client.socket.write(
      `GET http://127.0.0.1:${server.port}${path} HTTP/1.1\r\nHost: x\r\n${credentialsOf(address)}\r\n`,
    );
    await waitFor(
      () =>
        client
          .received()
          .toString('latin1')
          .match(/\r\n\r\npage/g)?.length === answers,
    );
  };
  await ask('/', 1);
  await ask('/', 2);
  expect(server.connections).toBe(1);
  await ask('/odd', 3);
  expect(client.received().toString('latin1')).toMatch(/Connection: close\r\n[^]*page$/i);
  await client.closed;
});
