import { readFile } from 'node:fs/promises';
import { ConfigError, loadConfig } from '../src/config';
import { configFields } from '../src/config-fields';
import { errorCodes } from '../src/contracts/error-codes';
import { failReasons } from '../src/contracts/fail-reasons';

test('an empty environment gives safe defaults', () => {
  expect(loadConfig({ PUBLIC_URL: '' })).toMatchObject({
    http: { host: '127.0.0.1', port: 8080, publicUrl: 'http://127.0.0.1:8080' },
    apiKey: undefined,
    fetching: { allowPrivateTargets: '', attemptTimeoutMs: 60_000 },
    retentionHours: 72,
    jobWorkflowsUpTo: 100,
  });
});

test('every problem is named at once, and no value is repeated', () => {
  const load = () =>
    loadConfig({ PORT: '0', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://secret@x', RETENTION_HOURS: '1' });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/4 problem.*\n.*PORT.*\n.*LOG_LEVEL.*\n.*DATABASE_URL.*\n.*RETENTION_HOURS/);
  expect(load).not.toThrow(/secret/);
});

test('the public URL follows host and port and loses its last slash', () => {
  expect(loadConfig({ HOST: '::1', PORT: '9' }).http.publicUrl).toBe('http://[::1]:9');
  expect(loadConfig({ HOST: '0.0.0.0' }).http.publicUrl).toBe('http://localhost:8080');
  expect(loadConfig({ PUBLIC_URL: 'https://fetch.example/x/' }).http.publicUrl).toBe('https://fetch.example/x');
});

test('.env.example and docs/configuration.md name every variable', async () => {
  for (const file of ['.env.example', 'docs/configuration.md']) {
    const text = await readFile(`${__dirname}/../${file}`, 'utf8');
    for (const name of Object.keys(configFields)) expect(text).toContain(name);
  }
});

test('docs/errors.md and the tables in the code agree', async () => {
  const text = await readFile(`${__dirname}/../docs/errors.md`, 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \|(?: (\d{3}) \|)? (.+) \|$/gm)].map(([, name, status, meaning]) => [
    name,
    status,
    meaning,
  ]);
  const codes = Object.entries(errorCodes).map(([code, { status, title }]) => [code, String(status), title]);
  const reasons = Object.entries(failReasons).map(([reason, meaning]) => [reason, undefined, meaning]);
  expect(rows).toEqual([...codes, ...reasons]);
});
