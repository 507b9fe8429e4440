import { readFile } from 'node:fs/promises';
import { ConfigError, loadConfig } from '../../src/config/config';
import { configFields } from '../../src/config/config-fields';
import { errorCodes } from '../../src/jobs/error-codes';
import { failReasons } from '../../src/jobs/fail-reasons';

test('an empty environment gives safe defaults', () => {
  expect(loadConfig({ PUBLIC_URL: '' })).toMatchObject({
    http: { host: '127.0.0.1', port: 8080, publicUrl: 'http://127.0.0.1:8080' },
    apiKey: undefined,
    fetching: { allowPrivateTargets: '', attemptTimeoutMs: 60_000 },
    retentionHours: 72,
    jobWorkflowsUpTo: 100,
  });
});

test('every problem is named at once, and no secret is repeated', () => {
  const load = () =>
    loadConfig({ PORT: '0', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://secret@x', RETENTION_HOURS: '1' });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/4 problems:\n.*PORT.*\n.*LOG_LEVEL.*\n.*DATABASE_URL.*\n.*RETENTION_HOURS/);
  expect(load).not.toThrow(/secret/);
});

test('the public URL follows host and port and loses its last slash', () => {
  expect(loadConfig({ HOST: '::1', PORT: '9' }).http.publicUrl).toBe('http://[::1]:9');
  expect(loadConfig({ HOST: '0.0.0.0' }).http.publicUrl).toBe('http://localhost:8080');
  expect(loadConfig({ PUBLIC_URL: 'https://fetch.example/x/' }).http.publicUrl).toBe('https://fetch.example/x');
});

test("the address of Temporal's Web UI is the embedded one's unless another Temporal is used", () => {
  expect(loadConfig({ TEMPORAL_UI_PORT: '9' }).temporal.uiUrl).toBe('http://127.0.0.1:9');
  const elsewhere = { TEMPORAL_ADDRESS: 'temporal.example:7233' };
  expect(loadConfig(elsewhere).temporal.uiUrl).toBeUndefined();
  const known = { ...elsewhere, TEMPORAL_UI_URL: 'https://temporal.example/ui/' };
  expect(loadConfig(known).temporal.uiUrl).toBe('https://temporal.example/ui');
});

test('pages go to files unless a bucket is set', () => {
  expect(loadConfig({ S3_BUCKET: '' }).segments).toEqual({ kind: 'fs' });
  expect(loadConfig({ S3_BUCKET: 'pages' }).segments).toEqual({
    kind: 's3',
    bucket: 'pages',
    region: 'us-east-1',
    endpoint: undefined,
    prefix: undefined,
    forcePathStyle: false,
    accessKeyId: undefined,
    secretAccessKey: undefined,
  });
  expect(
    loadConfig({
      S3_BUCKET: 'pages',
      S3_ENDPOINT: 'http://127.0.0.1:9000',
      S3_REGION: 'garage',
      S3_PREFIX: '/team/pages/',
      S3_ACCESS_KEY_ID: 'key',
      S3_SECRET_ACCESS_KEY: 'secret',
    }).segments,
  ).toEqual({
    kind: 's3',
    bucket: 'pages',
    region: 'garage',
    endpoint: 'http://127.0.0.1:9000',
    prefix: 'team/pages',
    forcePathStyle: true,
    accessKeyId: 'key',
    secretAccessKey: 'secret',
  });
});

test.each([
  ['no', false],
  ['FALSE', false],
  ['0', false],
  ['yes', true],
  ['1', true],
])('S3_FORCE_PATH_STYLE=%s is %s', (text, expected) => {
  const config = loadConfig({ S3_BUCKET: 'pages', S3_ENDPOINT: 'https://s3.example', S3_FORCE_PATH_STYLE: text });
  expect(config.segments).toMatchObject({ forcePathStyle: expected });
});

test.each([
  [{ S3_ACCESS_KEY_ID: 'key' }, 'S3_SECRET_ACCESS_KEY is not set, it has to be, because S3_ACCESS_KEY_ID is.'],
  [{ S3_SECRET_ACCESS_KEY: 'key' }, 'S3_ACCESS_KEY_ID is not set, it has to be, because S3_SECRET_ACCESS_KEY is.'],
  [
    { S3_SECRET_ACCESS_KEY: 'a key\n', S3_ACCESS_KEY_ID: 'key' },
    'S3_SECRET_ACCESS_KEY is "***", it has to be 1 to 255 printable ASCII characters without spaces.',
  ],
  [{ S3_BUCKET: '', S3_ENDPOINT: 'https://s3.example' }, 'S3_BUCKET is not set, it has to be, because S3_ENDPOINT is.'],
  [{ S3_BUCKET: 'a/b' }, 'S3_BUCKET is "a/b", it has to be the name of a bucket.'],
  [
    { S3_ENDPOINT: 'https://user:secret@s3.example' },
    'S3_ENDPOINT is "https://***@s3.example", it has to be an address that begins with http:// or https://, without',
  ],
  [{ S3_ENDPOINT: 's3.example' }, 'S3_ENDPOINT is "s3.example", it has to be an address'],
  [{ S3_PREFIX: 'a/../b' }, 'S3_PREFIX is "a/../b", it has to be names of letters'],
  [{ S3_PREFIX: 'a//b' }, 'S3_PREFIX is "a//b", it has to be names of letters'],
  [{ S3_FORCE_PATH_STYLE: 'maybe' }, 'S3_FORCE_PATH_STYLE is "maybe", it has to be true or false.'],
  [{ PROXIES: 'http://p:1', PROXY_FILE: '/x' }, 'PROXY_FILE and PROXIES are both set, only one of them may be.'],
  [{ TEMPORAL_ADDRESS: 'temporal:70000' }, 'TEMPORAL_ADDRESS is "temporal:70000", it has to be host:port'],
  [{ PUBLIC_URL: 'ftp://u:secret@x?token=secret' }, 'PUBLIC_URL is "ftp://***@x?***", it has to be an address'],
  [{ PORT: '1\u001b[31m' }, 'PORT is "1\\u001b[31m", it has to be a number from 1 to 65535.'],
])('%j is one problem, in one line', (env, problem) => {
  const load = () => loadConfig({ S3_BUCKET: 'pages', ...env });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(problem);
  expect(load).not.toThrow(/secret|\n/);
});

test('every setting that can be wrong says with its value what is allowed, and a secret is never shown', () => {
  const wrong: Record<string, string> = {
    HOST: '',
    DATA_DIR: '',
    ALLOW_PRIVATE_TARGETS: '',
    PROXY_FILE: '',
    PRICE_FILE: '',
  };
  for (const [name, field] of Object.entries(configFields)) {
    const value =
      wrong[name] ??
      (name === 'PROXIES' || name === 'HOST_LIMITS'
        ? 'x'.repeat(1_000_001)
        : `wr\u00f6ng "${name}" ${'x'.repeat(300)}`);
    if (value === '') continue; // anything is a path, and lists are read where they are used
    let message = '';
    try {
      loadConfig({ S3_BUCKET: 'pages', S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b', [name]: value });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(
      message.startsWith(`${name} is "${'isSecret' in field ? '***"' : name === 'HOST_LIMITS' ? 'x' : 'wr\u00f6ng'}`),
    ).toBe(true);
    expect(message.endsWith(`, it has to be ${field.allowed}.`)).toBe(true);
    expect(message.length).toBeLessThan(400);
  }
});

test('.env.example and docs/configuration.md name every variable', async () => {
  for (const file of ['.env.example', 'docs/configuration.md']) {
    const text = await readFile(`${__dirname}/../../${file}`, 'utf8');
    for (const name of Object.keys(configFields)) expect(text).toContain(name);
  }
});

test('docs/errors.md and the tables in the code agree', async () => {
  const text = await readFile(`${__dirname}/../../docs/errors.md`, 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \|(?: (\d{3}) \|)? (.+) \|$/gm)].map(([, name, status, meaning]) => [
    name,
    status,
    meaning,
  ]);
  const codes = Object.entries(errorCodes).map(([code, { status, title }]) => [code, String(status), title]);
  const reasons = Object.entries(failReasons).map(([reason, meaning]) => [reason, undefined, meaning]);
  expect(rows).toEqual([...codes, ...reasons]);
});

test.each([
  ['', []],
  ['*', ['*']],
  ['https://app.example', ['https://app.example']],
  ['HTTPS://App.Example:443/, http://localhost:3000', ['https://app.example', 'http://localhost:3000']],
  ['https://bücher.example', ['https://xn--bcher-kva.example']],
  ['chrome-extension://abcdef', ['chrome-extension://abcdef']],
])('CORS_ORIGINS %j is %j', (text, origins) => {
  expect(loadConfig({ CORS_ORIGINS: text }).http.corsOrigins).toEqual(origins);
});

test.each([
  'app.example',
  'https://app.example/path',
  'https://app.example?x',
  'https://me:pw@app.example',
  'null',
  'x:y',
])('CORS_ORIGINS %j is refused', (text) => {
  expect(() => loadConfig({ CORS_ORIGINS: text })).toThrow(/^CORS_ORIGINS is ".*", it has to be origins such as/);
});

test('MISSING_FEATURES and JSON_BODIES take their words only', () => {
  expect(loadConfig({})).toMatchObject({ missingFeatures: 'refuse', jsonBodies: 'object' });
  expect(loadConfig({ MISSING_FEATURES: 'ignore', JSON_BODIES: 'text' })).toMatchObject({
    missingFeatures: 'ignore',
    jsonBodies: 'text',
  });
  expect(() => loadConfig({ MISSING_FEATURES: 'yes', JSON_BODIES: 'no' })).toThrow(
    /JSON_BODIES is ".*", it has to be object or text[^]*MISSING_FEATURES is ".*", it has to be refuse or ignore/,
  );
});
