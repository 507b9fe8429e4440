import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Client, Connection } from '@temporalio/client';
import { runKeys } from '../../src/bin/keys';
import { createInstallation, startEverfetch } from '../support/everfetch-process';
import type { EverfetchProcess, Installation } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import { runEverfetch } from '../support/run-everfetch';
import { createTestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

const BIN = join(__dirname, '..', '..', 'dist', 'bin', 'everfetch.js');

let installation: Installation;
let running: EverfetchProcess | undefined;
async function stop(): Promise<void> {
  if (running !== undefined && running.child.exitCode === null && running.child.signalCode === null) {
    running.child.kill('SIGTERM');
    await running.exited;
  }
  running = undefined;
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `everfetch keys …` as a process of its own, in the environment of the installation. */
async function keys(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Run> {
  const child = spawn(process.execPath, [BIN, 'keys', ...args], {
    env: { ...installation.env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** The same in this process, for what does not depend on having one of its own. */
async function keysHere(args: readonly string[]): Promise<Run> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runKeys({ args, env: installation.env, stdout, stderr });
  const textOf = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

/** Number of workflows that a query of the list of the embedded Temporal finds, once there are any. */
async function workflowsFoundBy(query: string): Promise<number> {
  const connection = await Connection.connect({ address: `127.0.0.1:${installation.env['EMBEDDED_TEMPORAL_PORT']}` });
  try {
    const { workflow } = new Client({ connection });
    return await waitFor(async () => (await workflow.count(query)).count || undefined);
  } finally {
    await connection.close();
  }
}

const secretIn = (text: string): string => /^(whsec_[A-Za-z0-9+/]{43}=)$/m.exec(text)?.[1] ?? '';
const keyIn = (text: string): string => /^(ef_[0-9a-f]{40})$/m.exec(text)?.[1] ?? '';

/** One for both tests, because it takes seconds to make and to start: the second goes on where the first ends. */
describe('a whole installation', () => {
  beforeAll(async () => {
    installation = await createInstallation();
  });
  afterAll(async () => {
    await stop();
    await installation.remove();
  });

  test('a key made before the first start works after it; the command leaves no server and no lock behind', async () => {
    const created = await keys(['create', 'early', '--max-unfinished', '10']);
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(installation.dataDir, 'everfetch.lock'))).toBe(false);
    expect((await keys(['list'])).stdout).toMatch(/^early .* 10$/m);

    running = await startEverfetch(installation);
    const origin = await startOrigin((_req, res) => res.end('ok'));
    const job = { apiKey: keyIn(created.stdout), url: origin.url };
    expect(await running.call('POST', '/jobs', job)).toMatchObject({ status: 200 });
    await stop();

    expect(await keys(['revoke', 'early'])).toMatchObject({ code: 0, stderr: '' });
    running = await startEverfetch(installation);
    expect(await running.call('POST', '/jobs', job)).toMatchObject({ status: 401 });
  });

  test('a key made while the service runs works at once, and once revoked the next submission is 401', async () => {
    running ??= await startEverfetch(installation);
    const origin = await startOrigin((_req, res) => res.end('ok'));
    const submit = (apiKey: string) => running?.call('POST', '/jobs', { apiKey, url: origin.url });

    const created = await keys(['create', 'shop crawler', '--credits', '500', '--concurrency', '7']);
    expect(created).toMatchObject({ code: 0, stderr: '' });
    const key = keyIn(created.stdout);
    expect(key).not.toBe('');
    expect(created.stdout.split(key)).toHaveLength(2);
    expect(created.stdout).toContain('cannot be shown again');
    expect(secretIn(created.stdout)).not.toBe('');
    expect(await submit(key)).toMatchObject({ status: 200 });

    // The key of the first start is the owner's, who sees all keys, and the embedded Temporal finds by them.
    const { status, body } = (await running?.call('GET', '/keys')) ?? {};
    expect({ status, names: body?.items.map(({ name }: { name: string }) => name) }).toMatchObject({
      status: 200,
      names: expect.arrayContaining(['default', 'shop crawler']),
    });
    expect(await workflowsFoundBy("EverfetchKey = 'shop crawler' AND EverfetchHost = '127.0.0.1'")).toBe(1);

    const listed = await keys(['list']);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(/^shop crawler +no +\S+Z +- +\d+ +500 +7 +100 +\d+ +250000$/m);
    expect(listed.stdout).toMatch(/^default +yes +\S+Z +- +\d+ +none +none +100 +\d+ +250000$/m);
    expect(listed.stdout).not.toMatch(/ef_|[0-9a-f]{40}|process-key|whsec/);

    expect(await keys(['create', 'shop crawler'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('there is a key named "shop crawler" already'),
    });

    expect(await keys(['revoke', 'shop crawler'])).toMatchObject({ code: 0, stderr: '' });
    expect(await submit(key)).toMatchObject({ status: 401, body: { code: 'unknown_api_key' } });
    expect(await submit('process-key')).toMatchObject({ status: 200 });
    expect(await keys(['revoke', 'shop crawler'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has been revoked before'),
    });
    expect(await keys(['revoke', 'nobody'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no key named "nobody"'),
    });
    expect((await keys(['list'])).stdout).toMatch(/^shop crawler +no +\S+Z +\S+Z /m);
  });
});

describe('no service runs', () => {
  beforeEach(async () => {
    installation = await createInstallation();
  });
  afterEach(() => installation.remove());

  test('in a folder where nothing was started, no command makes a database that nobody would use', async () => {
    const folder = dirname(installation.dataDir);
    const { DATA_DIR: _own, ...env } = installation.env;
    const says = expect.stringMatching(/^everfetch: there is no database in \S[^\n]*data\. Run this in [^\n]*DATA_DIR/);
    for (const [args, settings] of [
      [['keys', 'list'], installation.env],
      [['keys', 'revoke', 'x'], installation.env],
      [['keys', 'secret', 'default'], installation.env],
      [['keys', 'create', 'x'], env], // the folder is only assumed
    ] as const)
      expect(await runEverfetch(args, settings, { cwd: folder })).toEqual({ code: 1, stdout: '', stderr: says });
    const verified = await runEverfetch(['verify'], installation.env);
    expect(verified).toMatchObject({ stdout: '', stderr: expect.stringContaining('there is no database in') });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('with DATABASE_URL nothing is started and the data folder stays untouched', async () => {
    const db = await createTestDatabase();
    try {
      expect(await keys(['create', 'remote'], { DATABASE_URL: db.url })).toMatchObject({ code: 0, stderr: '' });
      expect(await keys(['create', 'boss', '--admin'], { DATABASE_URL: db.url })).toMatchObject({
        code: 0,
        stderr: '',
      });
      const boss = await keys(['revoke', 'boss'], { DATABASE_URL: db.url });
      expect(boss).toMatchObject({ code: 0, stdout: expect.stringContaining('There is no admin key now') });
      const made = await db.database.query('select name, is_admin from api_keys order by name');
      expect(made).toEqual([
        { name: 'boss', is_admin: true },
        { name: 'remote', is_admin: false },
      ]);
      expect(existsSync(installation.dataDir)).toBe(false);
    } finally {
      await db.drop();
    }
  });

  test('the secret of a key is shown as often as one likes, and rotated when one says so', async () => {
    const db = await createTestDatabase();
    try {
      const env = { DATABASE_URL: db.url };
      const created = await keys(['create', 'signing'], env);
      const secret = secretIn(created.stdout);
      const shown = await keys(['secret', 'signing'], env);
      expect(shown).toMatchObject({ code: 0, stderr: '' });
      expect(secretIn(shown.stdout)).toBe(secret);
      expect(shown.stdout).not.toContain('Until');

      const rotated = await keys(['secret', 'signing', '--rotate'], env);
      expect(rotated).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/^Until \S+Z they are also/m),
      });
      expect(secretIn(rotated.stdout)).toMatch(/^whsec_/);
      expect(secretIn(rotated.stdout)).not.toBe(secret);
      expect(await keys(['secret', 'signing'], env)).toEqual(rotated);

      await keys(['revoke', 'signing'], env);
      for (const name of ['signing', 'nobody'])
        expect(await keys(['secret', name, '--rotate'], env)).toMatchObject({
          code: 1,
          stdout: '',
          stderr: expect.stringContaining(`no key named "${name}"`),
        });
    } finally {
      await db.drop();
    }
  });

  test('a database that cannot be reached is an error of one line', async () => {
    const run = await keys(['list'], { DATABASE_URL: 'postgres://someone:secret@127.0.0.1:9/everfetch' });
    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expect(run.stderr).toContain('127.0.0.1:9/everfetch (DATABASE_URL)');
    expect(run.stderr).not.toContain('secret');
  });

  test.each([
    [['create'], 'needs the name'],
    [['create', ''], '1 to 100 printable characters'],
    [['create', ' spaced'], '1 to 100 printable characters'],
    [['create', 'a\u001b[31m'], '1 to 100 printable characters'],
    [['create', 'x'.repeat(101)], '1 to 100 printable characters'],
    [['create', 'two', 'names'], 'takes one name'],
    [['create', 'a', '--credits', 'many'], '--credits must be an integer'],
    [['create', 'a', '--credits=-1'], '--credits must be an integer'],
    [['create', 'a', '--credits', '1e3'], '--credits must be an integer'],
    [['create', 'a', '--concurrency', '0'], '--concurrency must be an integer from 1'],
    [['create', 'a', '--submits-per-second', '2147483648'], '--submits-per-second must be an integer'],
    [['create', 'a', '--max-unfinished', '1.5'], '--max-unfinished must be an integer'],
    [['create', 'a', '--budget', '1'], "Unknown option '--budget'"],
    [['list', 'a'], '"list" takes no name'],
    [['list', '--credits', '1'], 'is an option of "create"'],
    [['list', '--admin'], '--admin is an option of "create"'],
    [['create', 'a', '--rotate'], '--rotate is an option of "secret"'],
    [['secret', 'a', '--credits', '1'], '--credits is an option of "create"'],
    [['secret'], 'needs the name'],
    [['rotate', 'a'], 'there is no command "rotate"'],
  ])('keys %j is refused before any database is opened', async (args, message) => {
    const run = await keysHere(args);
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(run.stderr).not.toContain('\u001b');
    expect(existsSync(installation.dataDir)).toBe(false);
  });

  test('a mistake of use ends the process with 2', async () => {
    const run = await keys(['rotate', 'a']);
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: everfetch keys') });
  });
});
