import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

/** A worker process is given at least this much of the machine's memory (bytes); docs/architecture.md tells what it takes. */
const MEMORY_PER_WORKER = 1024 ** 3;
const MOST = 64;

export interface Machine {
  /** Cores that this process may use; a fraction under a quota. */
  readonly cores: number;
  /** Memory that this process may use (bytes). */
  readonly memory: number;
}

/**
 * How many worker processes to run where the owner has not said. One core is left to PostgreSQL, Temporal and the helper
 * threads of the workers, but from two cores on there are two workers: on two, the second one made sweeps of slow hosts a fifth
 * faster, at the same processor time per page. A machine with little memory gets fewer.
 */
export function defaultWorkers({ cores, memory }: Machine): number {
  const wanted = Math.max(Math.min(2, Math.floor(cores)), Math.floor(cores) - 1);
  return Math.min(Math.max(1, Math.min(wanted, Math.floor(memory / MEMORY_PER_WORKER))), MOST);
}

/** What this process may use, with the limits of its control group. */
export const thisMachine = (): Machine => ({
  cores: Math.min(availableParallelism(), readCpuQuota() ?? Infinity),
  memory: Math.min(totalmem(), process.constrainedMemory() || Infinity),
});

/**
 * The share of the machine's cores that the control group of this process may use, which `os.availableParallelism` does not
 * know: `cpu.max` of version 2, `cpu.cfs_quota_us` and `cpu.cfs_period_us` of version 1, the smallest up to the root.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/scheduler/sched-bwc.html
 * @param root under which `/proc` and `/sys` are looked for
 * @returns undefined without a quota, and outside of Linux
 */
export function readCpuQuota(root = '/'): number | undefined {
  const quotas: number[] = [];
  for (const line of (read(join(root, 'proc/self/cgroup')) ?? '').split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const isOfCpu = controllers.split(',').includes('cpu');
    if (path === '' || (controllers !== '' && !isOfCpu)) continue;
    const folders = isOfCpu ? [controllers, 'cpu'] : ['', 'unified'];
    for (const folder of folders)
      for (const each of upToRoot(path)) {
        const quota = quotaIn(join(root, 'sys/fs/cgroup', folder, each));
        if (quota !== undefined) quotas.push(quota);
      }
  }
  return quotas.length === 0 ? undefined : Math.min(...quotas);
}

/** A path and its parents. Inside a container the path of the host may not exist, but the root does, and has the limit. */
function upToRoot(path: string): readonly string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '..');
  return Array.from({ length: names.length + 1 }, (_, index) => names.slice(0, names.length - index).join('/'));
}

function quotaIn(folder: string): number | undefined {
  const [max, period] = (read(join(folder, 'cpu.max')) ?? '').trim().split(' ');
  const quota = max ? max : read(join(folder, 'cpu.cfs_quota_us'));
  const cores = Number(quota) / Number(period ?? read(join(folder, 'cpu.cfs_period_us')));
  return Number.isFinite(cores) && cores > 0 ? cores : undefined; // "max" and -1 stand for no limit
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
