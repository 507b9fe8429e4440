import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { checkOpenFiles } from '../../src/cli/doctor/check-open-files';
import { checkService } from '../../src/cli/doctor/check-service';
import type { Finding } from '../../src/cli/doctor/finding';
import { placeOf } from '../../src/cli/doctor/place';
import { runDoctor } from '../../src/cli/doctor/run-doctor';
import { loadConfig } from '../../src/config/config';
import { findFreePort } from '../../src/embedded/ports';
import { startConnectProxy } from '../support/connect-proxy';
import { startFakePostgres } from '../support/fake-postgres';
import { TEST_KEY, startTestService } from '../support/test-service';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'everfetch-doctor-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Answers of the page server of a test, and a server that is closed with it. */
async function serve(listener: Parameters<typeof createServer>[1]): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function doctor(args: readonly string[], env: Readonly<Record<string, string>>) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runDoctor({ args, env, stdout, stderr });
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

async function findings(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const { code, out } = await doctor(['--json', ...args], env);
  const all = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Finding);
  const of = (check: string): readonly Finding[] => all.filter((finding) => finding.check === check);
  return { code, all, of };
}

test('of an installation that is well nothing fails but the PostgreSQL of the tests, which does not sync', async () => {
  const service = await startTestService();
  const page = await serve((_req, res) => res.end());
  const proxy = await startConnectProxy();
  try {
    const env = {
      DATABASE_URL: service.db.url,
      TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
      DATA_DIR: dir,
      BROWSER: 'off',
      PROXIES: `http://127.0.0.1:${proxy.port}`,
      EVERFETCH_URL: service.url,
      EVERFETCH_API_KEY: TEST_KEY,
    };
    const { code, all, of } = await findings(env, ['--target', page.url.replace('127.0.0.1', 'localhost')]);
    expect(all.filter(({ state }) => state === 'fail')).toMatchObject([
      { check: 'postgres', message: expect.stringContaining('fsync is off') },
    ]);
    expect(code).toBe(2);
    expect([...new Set(all.map(({ check }) => check))]).toEqual([
      ...['settings', 'service', 'postgres', 'temporal', 'disk', 'open-files', 'browser', 'proxies', 'clock', 'dns'],
    ]);
    expect(of('service').map(({ message }) => message)).toEqual([
      `everfetch answers at ${service.url}`,
      'it knows the API key',
    ]);
    expect(of('clock').map(({ message }) => message)).toEqual([
      'this clock and that of PostgreSQL agree',
      'this clock and that of the service agree',
    ]);
    expect(of('proxies')).toMatchObject([{ message: expect.stringContaining('connects to localhost:') }]);
    expect(of('dns')).toMatchObject([{ message: expect.stringContaining('localhost has ') }]);
  } finally {
    await service.stop();
    page.server.close();
  }
});

test('each thing that is broken is named, with how to mend it, and the others are checked all the same', async () => {
  const [nobody, demanding] = [await findFreePort(), await startConnectProxy({ credentials: 'user:secret' })];
  const browser = join(dir, 'chromium');
  writeFileSync(browser, '#!/bin/sh\nexit 1\n');
  chmodSync(browser, 0o755);
  const env = {
    DATABASE_URL: `postgres://user:secret@127.0.0.1:${nobody}/everfetch`,
    TEMPORAL_ADDRESS: `127.0.0.1:${nobody}`,
    DATA_DIR: join(browser, 'below-a-file'),
    BROWSER: browser,
    PROXIES: `http://user:wrong-secret@127.0.0.1:${demanding.port}\nsocks5://127.0.0.1:${nobody}`,
    HOST_LIMITS: 'a.example=fast',
    EVERFETCH_URL: `http://127.0.0.1:${nobody}`,
  };
  const { code, all, of } = await findings(env, ['--target', 'http://nowhere.invalid/']);
  expect(code).toBe(2);
  const said = (check: string) => of(check).map(({ state, message, mend }) => [state, `${message}; ${mend}`]);
  const failing = (...texts: readonly string[]) => texts.map((each) => ['fail', expect.stringContaining(each)]);
  expect(said('settings')).toEqual(failing('HOST_LIMITS is "a.example=fast"', 'DATA_DIR is '));
  expect(said('service')).toEqual(failing('(ECONNREFUSED); start it there, or correct EVERFETCH_URL'));
  expect(said('postgres')).toEqual(failing('nobody listens there; start it, or set DATABASE_URL'));
  expect(said('temporal')).toEqual(failing('nobody listens there; start it, or set TEMPORAL_ADDRESS'));
  expect(said('browser')).toEqual(failing('it does not start as a browser (exit code 1)'));
  expect(said('proxies')).toEqual(failing('correct its user and password', 'start it, or take it out'));
  expect(said('dns')).toEqual(failing('nowhere.invalid cannot be looked up'));
  expect(of('disk').map(({ state }) => state)).toContain('fail');
  expect(of('clock')).toMatchObject([{ state: 'warn' }]);
  expect(JSON.stringify(all)).not.toContain('secret');
});

test('a service whose parts, workers, key and clock are not as they should be', async () => {
  const { url, server } = await serve((req, res) => {
    const answers: Readonly<Record<string, readonly [number, unknown]>> = {
      '/healthz': [200, { status: 'ok', workers: 1, workersWanted: 2, workersEnded: 3 }],
      '/readyz': [503, { status: 'unavailable', postgres: 'ok', temporal: 'unavailable', segments: 'ok' }],
    };
    const [status, body] = answers[req.url ?? ''] ?? [401, {}];
    res.writeHead(status, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end(JSON.stringify(body));
  });
  try {
    const { code, of } = await findings({ EVERFETCH_URL: url, EVERFETCH_API_KEY: 'x' }, ['--target', url]);
    expect(code).toBe(2);
    expect(of('settings')).toMatchObject([{ state: 'warn', message: expect.stringContaining('no settings of an') }]);
    expect(of('service').map(({ state, message }) => `${state}: ${message}`)).toEqual([
      `ok: everfetch answers at ${url}`,
      'fail: the service cannot use its temporal',
      'fail: 1 of 2 worker processes run',
      'warn: worker processes have ended 3 times by themselves since the start',
      'fail: it answers 401 to the API key',
    ]);
    expect(of('clock')).toMatchObject([
      { state: 'fail', message: expect.stringMatching(/is 3\d\d\d s behind this one$/) },
    ]);
  } finally {
    server.close();
  }
});

test('a service alone that is well ends with 0', async () => {
  const { url, server } = await serve((req, res) =>
    res.end(
      req.url === '/healthz' ? '{"status":"ok"}' : '{"status":"ok","postgres":"ok","temporal":"ok","segments":"ok"}',
    ),
  );
  try {
    const { code, all } = await findings({ EVERFETCH_URL: url }, ['--target', url]);
    expect(code).toBe(0);
    expect(all.map(({ check, state }) => `${check} ${state}`)).toEqual(['settings warn', 'service ok', 'clock ok']);
  } finally {
    server.close();
  }
});

test('with neither service nor settings it says so', async () => {
  const place = placeOf({}, new URL('https://example.com/'));
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const [finding] = await checkService({ ...place, hasSettings: false, service: { ...place.service, url } });
  expect(finding).toMatchObject({ state: 'fail', message: expect.stringContaining('no settings of one here') });
});

test('what listens there may be something else', async () => {
  const { url, server } = await serve((_req, res) => res.end('<h1>It works!</h1>'));
  const postgres = await startFakePostgres({ kind: 'error', sqlState: '3D000', message: 'no such database' });
  try {
    const env = {
      EVERFETCH_URL: url,
      DATABASE_URL: `postgres://a:b@127.0.0.1:${postgres.port}/x`,
      DATA_DIR: dir,
      BROWSER: 'off',
    };
    const { of } = await findings(env, ['--target', url]);
    expect(of('service')).toMatchObject([{ state: 'fail', message: `what answers at ${url} is not everfetch` }]);
    expect(of('postgres')).toMatchObject([{ state: 'fail', mend: expect.stringContaining('create it') }]);
    expect(of('proxies')).toMatchObject([{ state: 'ok', message: 'none are configured' }]);
  } finally {
    server.close();
    await postgres.close();
  }
});

test('few open files are a warning that says what follows from them', () => {
  const config = loadConfig({ MAX_CONCURRENT_FETCHES: '2000' });
  expect(checkOpenFiles(config, 1_100)).toMatchObject([
    { state: 'warn', message: expect.stringContaining('at most 19') },
  ]);
  expect(checkOpenFiles(config, 1_048_576)).toMatchObject([{ state: 'ok' }]);
});

test('its text has a line for each finding and one for how to mend it', async () => {
  const env = { EVERFETCH_URL: `http://127.0.0.1:${await findFreePort()}` };
  const { out } = await doctor(['--target', 'http://127.0.0.1/'], env);
  expect(out).toMatch(/^warn {2}settings {4}no settings of an installation .*\n {18}→ run this in the folder/);
  expect(out).toMatch(/\n\n1 of \d+ checks fail\.\n$/);
});

test.each([
  [['--target', 'example.com'], 1, '--target must be a URL'],
  [['--targte', 'x'], 1, 'Unknown option'],
  [['extra'], 1, 'extra'],
  [['--help'], 0, 'Usage: everfetch doctor'],
] as const)('%j ends with %d', async (args, code, says) => {
  const run = await doctor(args, {});
  expect(run.code).toBe(code);
  expect(code === 0 ? run.out : run.err).toContain(says);
});
