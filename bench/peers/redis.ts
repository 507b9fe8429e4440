import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../src/embedded/ports';

export interface Redis {
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  stop(): Promise<void>;
}

/** Returns the version, such as `7.0.15`. Throws with advice when there is no Redis. */
export function redisVersion(): string {
  try {
    const output = execFileSync('redis-server', ['--version'], { encoding: 'utf8' });
    return /v=(\S+)/.exec(output)?.[1] ?? output.trim();
  } catch (error) {
    throw new Error(
      'The batch bench compares with BullMQ, which needs `redis-server` on PATH; on Debian and Ubuntu it is in the package redis-server (apt-get install redis-server).',
      { cause: error },
    );
  }
}

/**
 * A queue that outlives a power loss by a second at most: the append-only file is on and flushed every second, which is
 * its default. Snapshots are off, because they would only slow it down and add nothing to that.
 */
export async function startRedis(): Promise<Redis> {
  const version = redisVersion();
  const dir = await mkdtemp(join(tmpdir(), 'everfetch-bench-redis-'));
  const port = await findFreePort();
  const settings = {
    bind: '127.0.0.1',
    port,
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    loglevel: 'warning',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    await rm(dir, { recursive: true, force: true });
  };
  const deadline = Date.now() + 10_000;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error('redis-server did not start');
    }
    await sleep(50);
  }
  return { port, pid: child.pid ?? 0, version, stop };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
