import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const built = join(root, 'dist', 'client');
/** The names that programs find. */
const NAMES = ['Everfetch', 'verifyWebhook', 'ApiError', 'ConnectionError', 'WebhookError', 'isBatchId'];

const printed = (args: readonly string[], cwd = root): string =>
  execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }).trim();

test('it is small, and needs nothing but what browsers have', () => {
  const path = join(built, 'index.mjs');
  const text = printed(['-p', `require('fs').readFileSync(${JSON.stringify(path)}, 'utf8')`]);
  expect(Buffer.byteLength(text)).toBeLessThan(15_000);
  const imports = [...text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*["']([^"']+)["']/g)].map(([, name]) => name);
  expect(imports.filter((name = '') => builtinModules.includes(name.replace(/^node:/, '')))).toEqual([]);
  expect(imports).toEqual([]);
});

test('both forms load by the name of the package, with the same names', () => {
  const show = `console.log(Object.keys(it).filter((name) => ${JSON.stringify(NAMES)}.includes(name)).sort().join())`;
  const wanted = [...NAMES].sort().join();
  expect(printed(['-e', `const it = require('everfetch/client'); ${show}`])).toBe(wanted);
  expect(printed(['--input-type=module', '-e', `import * as it from 'everfetch/client'; ${show}`])).toBe(wanted);
});

test('a program of either kind compiles against its types', () => {
  const folder = mkdtempSync(join(root, '.cache', 'client-types-'));
  try {
    const program = `import { Everfetch, NotFoundError } from 'everfetch/client';
import type { Batch, Job } from 'everfetch/client';
export async function run(): Promise<string> {
  const client = new Everfetch({ url: 'http://a.example', signal: undefined } as object);
  const batch: Batch = await client.wait(await client.submitBatch(['http://a.example/', { url: 'http://b.example/', id: '1' }]));
  const job: Job = await client.scrape({ url: 'http://a.example/', apiParams: { render: true } });
  for await (const line of client.results(batch.id)) if (line.status === 'failed') return line.failReason ?? '';
  // @ts-expect-error: there is no such option
  client.batches({ sleeping: true });
  return job.status === 'finished' ? String(job.response?.statusCode) : new NotFoundError('', {} as never).code;
}`;
    for (const name of ['esm.mts', 'cjs.cts']) writeFileSync(join(folder, name), program);
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const files = ['esm.mts', 'cjs.cts'].map((name) => join(folder, name));
    expect(
      printed([
        tsc,
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--module',
        'node20',
        '--types',
        'node',
        ...files,
      ]),
    ).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
