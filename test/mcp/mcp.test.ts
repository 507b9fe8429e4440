import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { EVERFETCH_BIN } from '../support/everfetch-process';
import { addOtherKey } from '../support/test-keys';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

let service: TestService;
let site: { readonly url: string; close(): Promise<void> };
beforeAll(async () => {
  site = await startSite();
  service = await startTestService();
  await addOtherKey(service.db.database);
});
afterAll(async () => {
  await service.stop();
  await site.close();
});

/** `/words/N` is a page of N words; `/hold` never answers. */
async function startSite() {
  const server = createServer((req, res) => {
    const [, count] = /^\/words\/(\d+)$/.exec(req.url ?? '') ?? [];
    if (count === undefined) return;
    const words = Array.from({ length: Number(count) }, (_, index) => `word${index}`);
    res.setHeader('content-type', 'text/html').end(`<p><b>Words:</b> ${words.join(' ')}</p>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const overHttp = (apiKey: string) =>
  new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`), {
    requestInit: { headers: { 'x-api-key': apiKey } },
  });
const overStdio = (apiKey: string, url = service.url) =>
  new StdioClientTransport({
    command: process.execPath,
    args: [EVERFETCH_BIN, 'mcp'],
    env: { PATH: process.env['PATH'] ?? '', EVERFETCH_URL: url, EVERFETCH_API_KEY: apiKey },
    stderr: 'ignore',
  });

interface Answered {
  readonly texts: readonly string[];
  readonly isError: boolean;
}

async function withClient<T>(
  transport: StreamableHTTPClientTransport | StdioClientTransport,
  use: (call: (name: string, args: object) => Promise<Answered>, client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const call = async (name: string, args: object): Promise<Answered> => {
    const result = (await client.callTool({ name, arguments: { ...args } })) as CallToolResult;
    return {
      texts: result.content.map((part) => (part.type === 'text' ? part.text : part.type)),
      isError: result.isError === true,
    };
  };
  try {
    return await use(call, client);
  } finally {
    await client.close();
  }
}

const jobIdIn = (text = ''): string => /Job ([0-9a-f-]{36})/.exec(text)?.[1] ?? '';

test.each([
  ['HTTP', overHttp],
  ['stdio', overStdio],
])(
  'over %s pages and batches are fetched, and given in parts as long as the caller wants them',
  async (_name, transportFor) => {
    await withClient(transportFor(TEST_KEY), async (call, client) => {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['scrape', 'submit_batch', 'batch_status', 'get_result']);
      for (const { inputSchema } of tools) expect(inputSchema).toMatchObject({ additionalProperties: false });

      const short = await call('scrape', { url: `${site.url}/words/3` });
      expect(short.texts).toEqual([
        expect.stringMatching(/status 200 .* characters\.$/),
        '**Words:** word0 word1 word2',
      ]);

      const long = await call('scrape', { url: `${site.url}/words/9000`, output_format: 'text' });
      expect(long.texts[1]).toHaveLength(20_000);
      expect(long.texts[0]).toContain('TRIMMED to those from 0 to 20000');
      const id = jobIdIn(long.texts[0]);
      const parts = [long.texts[1]];
      for (let offset = 20_000; ; offset += 30_000) {
        const next = await call('get_result', { id, offset, max_chars: 30_000 });
        parts.push(next.texts[1]);
        if (next.texts[0]?.includes('TRIMMED') !== true) break;
      }
      const words = Array.from({ length: 9_000 }, (_, index) => `word${index}`);
      expect(parts.join('').trim()).toBe(`Words: ${words.join(' ')}`);

      const urls = [1, 2, 3].map((count) => `${site.url}/words/${count}`);
      const submitted = await call('submit_batch', { urls, name: 'of mcp', output_format: 'html' });
      const batch = JSON.parse(submitted.texts[1] ?? '') as { id: string };
      const ended = await call('batch_status', { id: batch.id, wait_sec: 60 });
      expect(ended.texts[0]).toBe(`Batch ${batch.id} is finished: of 3 URLs 3 are finished, 0 failed, 0 cancelled.`);
      const first = await call('get_result', { id: batch.id, limit: 2 });
      const [, cursor = ''] = /give cursor (\S+)\.\n/.exec(first.texts[0] ?? '') ?? [];
      const rest = await call('get_result', { id: batch.id, cursor });
      const listed = [first, rest].flatMap(({ texts }) =>
        (texts[0] ?? '')
          .split('\n')
          .slice(1)
          .map((line) => JSON.parse(line) as { id: string; url: string }),
      );
      expect(listed.map(({ url }) => url).sort()).toEqual(urls);
      const page = await call('get_result', { id: listed.find(({ url }) => url === urls[1])?.id });
      expect(page.texts[1]).toBe('<p><b>Words:</b> word0 word1</p>');
    });
  },
);

test('what cannot be done is an answer that says why', async () => {
  const { slow, batchId } = await withClient(overHttp(TEST_KEY), async (call) => {
    const wrong = await call('scrape', { url: 'ftp://a.example/' });
    expect(wrong).toMatchObject({ isError: true, texts: [expect.stringContaining('invalid_url')] });
    const unknown = await call('scrape', { url: site.url, max_characters: 5 });
    expect(unknown).toMatchObject({ isError: true, texts: [expect.stringContaining('max_characters')] });
    const pending = await call('scrape', { url: `${site.url}/hold`, wait_sec: 1 });
    expect(pending).toMatchObject({ isError: false, texts: [expect.stringContaining('is still running')] });
    const submitted = await call('submit_batch', { urls: [`${site.url}/words/1`] });
    return { slow: jobIdIn(pending.texts[0]), batchId: /Batch (\S+)/.exec(submitted.texts[0] ?? '')?.[1] };
  });
  await service.call('DELETE', `/jobs/${slow}`);
  await withClient(overHttp('other'), async (call) => {
    const foreign = await call('batch_status', { id: batchId });
    expect(foreign).toMatchObject({ isError: true, texts: [expect.stringContaining('not_found')] });
    const cancelled = await call('get_result', { id: slow });
    expect(cancelled).toMatchObject({ isError: true, texts: [`Job ${slow} was cancelled.`] });
  });
});

test('over stdio a wrong key is told by the tools', async () => {
  await withClient(overStdio('wrong'), async (call) => {
    const refused = await call('scrape', { url: site.url });
    expect(refused).toMatchObject({ isError: true, texts: [expect.stringContaining('Set EVERFETCH_API_KEY')] });
  });
});

test('over HTTP a key is needed, and only POST is understood', async () => {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  expect(await service.call('POST', '/mcp', message)).toMatchObject({ status: 401, body: { code: 'missing_api_key' } });
  const key = { 'x-api-key': TEST_KEY };
  expect(await service.call('POST', '/mcp', message, key)).toMatchObject({ status: 200, body: { id: 1 } });
  expect(await service.call('POST', '/mcp?x=1', message, key)).toMatchObject({ status: 400 });
  expect(await service.call('POST', '/mcp', { a: 1 }, key)).toMatchObject({ status: 400, body: { jsonrpc: '2.0' } });
  const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
  expect(await service.call('POST', '/mcp', notification, key)).toMatchObject({ status: 202 });
  const got = await service.call('GET', '/mcp', undefined, key);
  expect(got).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
  expect(got.headers.get('allow')).toBe('POST');
});
