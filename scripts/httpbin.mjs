// Runs httpbin on a free loopback port, for tests that compare with it: node scripts/httpbin.mjs
// Its first line of output is its address, or `skipped: <why>`. It ends with its standard input, or by a signal. Needs Python 3.9 with venv and pip.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Every package with its version, so that the server that tests compare with does not change by itself. */
const REQUIREMENTS = [
  'httpbin==0.10.4',
  'Flask==3.1.3',
  'Werkzeug==3.1.9',
  'Jinja2==3.1.6',
  'MarkupSafe==3.0.4',
  'blinker==1.9.0',
  'brotlicffi==1.2.1.0',
  'cffi==2.1.1',
  'click==8.5.1',
  'decorator==5.3.1',
  'greenlet==2.0.2',
  'itsdangerous==2.2.0',
  'pycparser==3.12',
  'six==1.17.0',
];
const READY_WITHIN_MS = 30_000;

const home = join(dirname(dirname(fileURLToPath(import.meta.url))), '.cache', 'httpbin');
const python = join(home, process.platform === 'win32' ? 'Scripts' : 'bin', 'python');

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}

/** Finds Python; undefined when it is missing or too old. */
function findPython() {
  const isEnough = 'import ensurepip, venv, sys; sys.exit(0 if sys.version_info >= (3, 9) else 1)';
  return ['python3', 'python'].find((name) => spawnSync(name, ['-c', isEnough]).status === 0);
}

/** Creates the virtual environment with the pinned versions, once. */
function install() {
  const marker = join(home, `installed-${REQUIREMENTS[0]}`);
  if (existsSync(marker)) return;
  const found = findPython();
  if (found === undefined) skip('Python 3.9 or newer with venv and pip is not here');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(dirname(home), { recursive: true });
  const options = { stdio: ['ignore', 'ignore', 'inherit'] };
  if (spawnSync(found, ['-m', 'venv', home], options).status !== 0)
    throw new Error('a virtual environment could not be made');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...REQUIREMENTS];
  if (spawnSync(python, pip, options).status !== 0) throw new Error(`${REQUIREMENTS[0]} could not be installed`);
  writeFileSync(marker, '');
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

install();
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
// Werkzeug speaks HTTP/1.0 by default, and then neither sends chunks nor keeps connections.
const program = `
from werkzeug.serving import WSGIRequestHandler, run_simple
from httpbin import app
WSGIRequestHandler.protocol_version = 'HTTP/1.1'
run_simple('127.0.0.1', ${port}, app, threaded=True)
`;
const server = spawn(python, ['-c', program], { stdio: ['ignore', 'ignore', 'ignore'] });
const exited = new Promise((resolve) => server.once('exit', resolve));
const stop = () => server.kill('SIGTERM');
process.stdin.once('end', stop).resume();
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

const deadline = Date.now() + READY_WITHIN_MS;
for (let isReady = false; !isReady;) {
  if (server.exitCode !== null || Date.now() > deadline) {
    stop();
    console.error('httpbin did not start');
    process.exit(1);
  }
  await sleep(50);
  isReady = await fetch(`${url}/status/200`).then(
    (response) => response.ok,
    () => false,
  );
}
console.log(url);
await exited;
process.exit(0);
