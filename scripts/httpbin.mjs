// Runs httpbin on a free loopback port, for tests that compare with it: node scripts/httpbin.mjs
// Its first line of output is its address, or `skipped: <why>`. It ends with its standard input, or by a signal. Needs Python 3.9 with venv and pip.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonWith } from './python-venv.mjs';

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

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const { python, reason } = pythonWith('httpbin', REQUIREMENTS);
if (python === undefined) skip(reason);
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
