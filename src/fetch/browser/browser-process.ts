import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Everything that one browser writes. Its name tells whose it is: containers may share the folder, and their numbers of processes. */
const PREFIX = `everfetch-browser-${hostname()}-`;

export async function makeBrowserHome(): Promise<string> {
  await removeLeftHomes();
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

export async function removeBrowserHome(path: string): Promise<void> {
  // A process that is just ending may still write.
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
}

/** Of workers that were killed: their browsers ended with them (the pipe closed), their folders stayed. */
async function removeLeftHomes(): Promise<void> {
  const names = await readdir(tmpdir()).catch((): string[] => []);
  for (const name of names) {
    const [, pid] = name.startsWith(PREFIX) ? (/^(\d+)-/.exec(name.slice(PREFIX.length)) ?? []) : [];
    if (pid !== undefined && !isAlive(Number(pid))) await removeBrowserHome(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // as: thrown by process.kill; EPERM means somebody else's, alive
  }
}

/** Nothing of ours is inherited: our environment holds passwords, and the browser runs other people's scripts. */
export function browserEnvironment(home: string): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    TMPDIR: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    LANG: 'en_US.UTF-8',
    LANGUAGE: 'en_US',
    TZ: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/**
 * Memory of a process and all below it, bytes. Proportional (PSS) where the kernel tells it, because Chromium's processes share most
 * of their pages and resident sizes would count those ten times. Undefined on other systems than Linux.
 */
export function processTreeMemory(rootPid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), pid]);
  }
  const pids = [rootPid];
  for (const pid of pids) pids.push(...(childrenOf.get(pid) ?? [])); // grows while it is walked
  return pids.reduce((sum, pid) => sum + memoryOf(pid), 0);
}

function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // "pid (name) state parent …": the name may hold spaces and brackets.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function memoryOf(pid: number): number {
  const [, pss] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '') ?? [];
  const [, rss] = pss === undefined ? (/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '') ?? []) : [];
  return Number(pss ?? rss ?? 0) * 1_024;
}

/** Undefined when the process has gone meanwhile, or is somebody else's. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Whether it ended in time, in whatever way. */
export async function endsWithin(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController();
  const ended = work.then(
    () => true,
    () => true,
  );
  const late = sleep(timeoutMs, false, { signal: stop.signal }).catch(() => false);
  const isInTime = await Promise.race([ended, late]);
  stop.abort();
  return isInTime;
}
