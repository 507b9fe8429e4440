import { PassThrough } from 'node:stream';
import { Everfetch } from '../../src/client';
import { runMcp } from '../../src/mcp/run-mcp';
import { findFreePort } from '../../src/embedded/ports';
import { startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';

const call = (id: number, name: string, args: object) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

/** The server with streams of its own. */
function served(client: Everfetch) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const written: string[] = [];
  stdout.on('data', (part: Buffer) => written.push(part.toString()));
  return {
    stdin,
    ended: runMcp({ client, version: '1.2.3', stdin, stdout }),
    send: (message: object) => stdin.write(`${JSON.stringify(message)}\n`),
    answers: () =>
      written
        .join('')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { id: number; result: { content: { text: string }[]; isError?: boolean } }),
  };
}

test('it ends when stdin does, and a call that nobody waits for any more ends with it', async () => {
  let isClosed = false;
  const origin = await startOrigin((_req, res) => void res.on('close', () => (isClosed = true)));
  const mcp = served(new Everfetch({ url: origin.url }));
  mcp.send(call(1, 'scrape', { url: 'http://a.example/' }));
  await waitFor(() => origin.requests.length === 1);
  mcp.stdin.end();
  await mcp.ended;
  await waitFor(() => isClosed);
  expect(mcp.answers()).toEqual([]);
});

test('a service that is away is told by the tool, and nothing but answers is written', async () => {
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const mcp = served(new Everfetch({ url, maxRetries: 0 }));
  mcp.stdin.write('this is not JSON\n');
  mcp.send(call(2, 'batch_status', { id: '01994f3c-6f2b-7a41-8d05-e17b90c2ffff' }));
  await waitFor(() => mcp.answers().length === 1);
  const [{ id, result } = { id: 0, result: { content: [] } }] = mcp.answers();
  expect({ id, ...result }).toMatchObject({ id: 2, isError: true });
  expect(result.content[0]?.text).toContain(`no answer from ${url} (ECONNREFUSED). Is EVERFETCH_URL right?`);
  mcp.stdin.end();
  await mcp.ended;
});
