import { readFileSync, readdirSync } from 'node:fs';

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
