import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A live process. The start is part of its identity, because numbers are reused. */
export interface RunningProcess {
  readonly pid: number;
  /** Program and arguments, separated by spaces; empty for a process that is ending. */
  readonly command: string;
  /** Differs for every process that ever has this number on this boot of the machine. */
  readonly startedAt: string;
}

/**
 * Finds a process by its number.
 * @returns undefined when no process has the number, or only a zombie, which holds neither files nor ports. A process whose
 *   first thread has ended while others are still closing files and ports looks like a zombie, and counts as running.
 */
export function findProcess(pid: number): RunningProcess | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/**
 * Ends a server that outlived its parent: asks with SIGINT, waits `patienceMs`, then kills and waits as long again. When it
 * resolves early, the files and ports of the process are free. A process that is not `isOurs` is left alone; one that is
 * ending already, and so has no command line any more, is waited for without a signal.
 */
export async function endProcess(
  pid: number,
  isOurs: (found: RunningProcess) => boolean,
  patienceMs: number,
): Promise<void> {
  const first = findProcess(pid);
  if (first === undefined) return;
  const isEnding = first.command === '';
  if (!isEnding && !isOurs(first)) return;
  // The number may be reused meanwhile, with another start; a process that ends loses its command line before files and ports.
  const isStillThere = () => findProcess(pid)?.startedAt === first.startedAt;
  for (const signal of isEnding ? [undefined] : (['SIGINT', 'SIGKILL'] as const)) {
    if (!isStillThere()) return;
    if (signal !== undefined) sendSignal(pid, signal);
    const deadline = Date.now() + patienceMs;
    while (isStillThere() && Date.now() < deadline) await sleep(50);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function fromProc(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // "pid (name) state …": the name may hold spaces and brackets, so count from the last bracket. Field 22 is the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isFirstThreadGone = fields[0] === 'Z' || fields[0] === 'X';
    if (isFirstThreadGone && readdirSync(`/proc/${pid}/task`).length <= 1) return undefined;
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
