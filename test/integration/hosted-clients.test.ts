import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { startOrigin } from '../support/origin';
import { pythonWith } from '../support/python';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

// The hosted service's own clients, unchanged, with the address of this service.

let python: string | undefined;
let service: TestService;
beforeAll(async () => {
  python = pythonWith('hosted-clients');
  service = await startTestService({ env: { BROWSER: 'off', SYNC_WAIT_SEC: '20' } });
}, 300_000);
afterAll(() => service.stop());

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'); // prettier-ignore

const startPages = () =>
  startOrigin((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      if (req.url === '/json') return void res.setHeader('content-type', 'application/json').end('{"a":[1,"ü"]}');
      if (req.url === '/png') return void res.setHeader('content-type', 'image/png').end(png);
      res.setHeader('content-type', 'text/html; charset=utf-8');
      const { method, headers } = req;
      const sent = {
        method,
        type: headers['content-type'],
        mine: headers['x-mine'],
        body: Buffer.concat(parts).toString(),
      };
      if (req.url === '/echo') return void res.end(JSON.stringify(sent));
      if (req.url === '/missing') return void res.writeHead(404).end('not here');
      res.end('<!doctype html><title>A page</title><h1>Heading</h1><p>Some <b>bold</b> text.</p>');
    });
  });

const SDK = `
import json, sys
from scraperapi_sdk import ScraperAPIClient, ScraperAPIException
endpoint, key, origin = sys.argv[1:]
client = ScraperAPIClient(key, api_endpoint=endpoint)
def failure(work):
    try:
        work()
    except ScraperAPIException as error:
        return error.original_exception.response.status_code
print(json.dumps({
    'page': client.get(origin + '/'),
    'json': client.get(origin + '/json'),
    'png': client.get(origin + '/png').hex(),
    'form': json.loads(client.post(origin + '/echo', data={'a': '1', 'b': 'ü'})),
    'put': json.loads(client.put(origin + '/echo', data='text', params={'keep_headers': True}, headers={'x-mine': 'yes', 'content-type': 'text/plain'})),
    'parsed': client.get(origin + '/', params={'autoparse': True}),
    'missing': failure(lambda: client.get(origin + '/missing')),
    'no_url': failure(lambda: client.get('nowhere')),
    'no_key': failure(lambda: ScraperAPIClient('wrong', api_endpoint=endpoint).get(origin + '/')),
}))
`;

test('the Python SDK works', async () => {
  if (python === undefined) return;
  const origin = await startPages();
  const { stdout } = await promisify(execFile)(python, ['-c', SDK, service.url, TEST_KEY, origin.url]);
  expect(JSON.parse(stdout)).toMatchObject({
    page: expect.stringContaining('<h1>Heading</h1>'),
    json: { a: [1, 'ü'] },
    png: png.toString('hex'),
    form: { method: 'POST', type: 'application/x-www-form-urlencoded', body: 'a=1&b=%C3%BC' },
    put: { method: 'PUT', type: 'text/plain', body: 'text', mine: 'yes' },
    parsed: { title: 'A page' },
    ...{ missing: 404, no_url: 400, no_key: 401 },
  });
});

interface ToolResult {
  readonly isError?: boolean;
  readonly content: readonly { readonly type: string; readonly text?: string; readonly data?: string }[];
}

/** Talks to the MCP server over its standard input and output, a message of JSON-RPC a line. */
function startMcp(command: string) {
  const env = { PATH: process.env['PATH'], API_KEY: TEST_KEY, API_URL: service.url };
  const server = spawn(command, ['-m', 'scraperapi_mcp_server'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map<number, (result: unknown) => void>();
  createInterface({ input: server.stdout }).on('line', (line) => {
    const { id, result } = JSON.parse(line) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  const say = (message: object) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let last = 0;
  const ask = (method: string, params: object) =>
    new Promise<unknown>((resolve) => {
      waiting.set((last += 1), resolve);
      say({ id: last, method, params });
    });
  return {
    async open() {
      const clientInfo = { name: 'test', version: '1' };
      await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
      say({ method: 'notifications/initialized' });
    },
    scrape: (params: object) => ask('tools/call', { name: 'scrape', arguments: { params } }) as Promise<ToolResult>,
    close: () => server.kill(),
  };
}

test('the MCP server works', async () => {
  if (python === undefined) return;
  const origin = await startPages();
  const mcp = startMcp(python);
  try {
    await mcp.open();
    const markdown = await mcp.scrape({ url: `${origin.url}/` });
    expect(markdown).toMatchObject({
      isError: false,
      content: [{ type: 'text', text: expect.stringContaining('# Heading') }],
    });
    const parsed = await mcp.scrape({ url: `${origin.url}/`, output_format: 'json', autoparse: true });
    expect(JSON.parse(parsed.content[0]?.text ?? '')).toMatchObject({ title: 'A page' });
    const missing = await mcp.scrape({ url: `${origin.url}/missing` });
    expect(missing).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('HTTP error 404') }] });
  } finally {
    mcp.close();
  }
});
