import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Prefix of the folder of one browser. It holds the host name, because containers may share the folder and have the same process ids. */
const PREFIX = `everfetch-browser-${hostname()}-`;

export async function makeBrowserHome(): Promise<string> {
  await removeLeftHomes();
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

export async function removeBrowserHome(path: string): Promise<void> {
  // A process that is just exiting may still write.
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
}

/** Removes folders of workers that were killed: their browsers ended with them, because the pipe closed, but the folders stayed. */
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
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // as: thrown by process.kill; EPERM means that it is alive but another user's
  }
}

/** The whole environment of the browser. It inherits nothing, because ours holds passwords and the browser runs foreign scripts. */
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
 * Memory of a process and its descendants in bytes; undefined on other systems than Linux. It is proportional (PSS) where the kernel tells
 * that, because Chromium's processes share most of their pages, and resident sizes would count those ten times.
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
  for (const pid of pids) pids.push(...(childrenOf.get(pid) ?? [])); // the list grows while it is walked
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

/** Reads a file of /proc; undefined when the process has gone meanwhile, or is another user's. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Tells whether `work` settled within `timeoutMs`, in whatever way. */
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
