// `npm start`, `npm run demo` and the like: set-up first, then everfetch in this very process, so that signals and pids are plain.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, setup } from './setup.mjs';

// npm waits for us, and hands SIGINT and SIGTERM on. When it is gone before us, it was ended in a way that it could not
// hand on (SIGHUP, SIGKILL), and whoever started it expects the service to end, too.
if (process.env.npm_lifecycle_event !== undefined) {
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  timer.unref();
}

try {
  const cli = await setup({ quiet: true, trustsCli: true });
  if (cli !== undefined) process.env.TEMPORAL_CLI = cli;
  const bin = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'bin', 'everfetch.js');
  process.argv.splice(1, 1, bin);
  createRequire(import.meta.url)(bin);
} catch (error) {
  fail(error);
}
