import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as client from '../../src/client';
import { CallSignature } from '../../src/callbacks/signature';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

const page = readFileSync(join(__dirname, '../../docs/clients.md'), 'utf8');
const section = /## TypeScript and JavaScript\n([\s\S]*?)(?=\n## |$)/.exec(page)?.[1] ?? '';
const examples = [...section.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => code);
const SECRET = `whsec_${createHash('sha256').update('secret').digest('base64')}`;

let service: TestService;
const shop = createServer((req, res) => res.setHeader('content-type', 'text/html').end(`<p>${req.url}</p>`));
beforeAll(async () => {
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  service = await startTestService();
});
afterAll(async () => {
  await service.stop();
  await new Promise((resolve) => {
    shop.close(resolve);
    shop.closeAllConnections();
  });
});

test('the examples of the page, one after the other, do what they show', async () => {
  const rawBody = '{"status":"finished"}';
  const signature = new CallSignature({ id: 'm', at: new Date(), secrets: [SECRET] });
  signature.update(Buffer.from(rawBody));
  const printed: string[] = [];
  const names = { ...client, rawBody, request: { headers: signature.headers() }, webhookSecret: SECRET };
  const log = { log: (...values: readonly unknown[]) => printed.push(values.join(' ')) };
  const code = examples
    .join('\n')
    .replaceAll(/^import .*;\n/gm, '')
    .replaceAll('https://shop.example', `http://127.0.0.1:${(shop.address() as AddressInfo).port}`)
    .replaceAll('http://127.0.0.1:8080', service.url)
    .replaceAll('your-api-key', TEST_KEY);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function('console', ...Object.keys(names), `return (async () => {${code}})()`) as (
    ...values: readonly unknown[]
  ) => Promise<void>;
  await run(log, ...Object.values(names));
  expect(printed[0]).toBe('200 18');
  expect(printed.slice(1, 3).map((line) => line.replace(/^\S+/, ''))).toEqual([' 200', ' 200']);
  expect(printed).toContain('5 of 5');
  expect(printed.slice(-3)).toEqual(['1 ', 'finished', 'not_found']);
});

test('every method is in the table', () => {
  const table = section.slice(section.indexOf('### All methods'));
  const named = new Set([...table.matchAll(/`(?:keys\.)?(\w+)[(`]/g)].map(([, name]) => name));
  const methods = (prototype: object): string[] => {
    const parent = Object.getPrototypeOf(prototype) as object;
    return [...Object.getOwnPropertyNames(prototype), ...(parent === Object.prototype ? [] : methods(parent))];
  };
  const internal = ['constructor', 'get', 'post', 'list', 'transport'];
  const own = methods(client.Everfetch.prototype).filter((name) => !internal.includes(name));
  expect(own.filter((name) => !named.has(name))).toEqual([]);
});
