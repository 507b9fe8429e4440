import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is known about a live process; a number alone says little, because numbers are used again. */
export interface RunningProcess {
  readonly pid: number;
  /** Program and arguments, separated by spaces. */
  readonly command: string;
  /** Differs for every process that ever has this number on this boot of the machine. */
  readonly startedAt: string;
}

/** Undefined when no process has the number, or only a zombie: that one holds neither files nor ports. */
export function findProcess(pid: number): RunningProcess | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/**
 * Ends a server that outlived its parent: asks with SIGINT, waits `patienceMs`, then kills.
 * `isOurs` is asked again before each signal, since the number may have gone to somebody else meanwhile.
 */
export async function endProcess(
  pid: number,
  isOurs: (found: RunningProcess) => boolean,
  patienceMs: number,
): Promise<void> {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const deadline = Date.now() + patienceMs;
    if (!isStillThere(pid, isOurs)) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    while (isStillThere(pid, isOurs) && Date.now() < deadline) await sleep(50);
  }
}

function isStillThere(pid: number, isOurs: (found: RunningProcess) => boolean): boolean {
  const found = findProcess(pid);
  return found !== undefined && isOurs(found);
}

function fromProc(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // "pid (name) state …": the name may hold spaces and brackets, so count from the last bracket. Field 22 is the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, command, startedAt: `${boot}/${fields[19] ?? ''}` };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): RunningProcess | undefined {
  try {
    const ask = (column: string) =>
      execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
    if (ask('stat').startsWith('Z')) return undefined;
    return { pid, command: ask('command'), startedAt: ask('lstart') };
  } catch {
    return undefined;
  }
}
