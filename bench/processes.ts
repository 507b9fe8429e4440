import { readFileSync, readdirSync } from 'node:fs';

export interface ProcessFigures {
  readonly pid: number;
  readonly parentPid: number;
  /** Name as the kernel keeps it, which is its first 15 characters. */
  readonly name: string;
  readonly cpuMs: number;
  /** Processor time of children that have ended, such as PostgreSQL's closed backends. */
  readonly endedChildrenCpuMs: number;
}

/** `/proc/<pid>/stat` counts in ticks of 10 ms on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** Linux only. Undefined when the process is gone. */
export function readProcess(pid: number): ProcessFigures | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const nameEnd = stat.lastIndexOf(')'); // a name may itself contain spaces and brackets
    const fields = stat.slice(nameEnd + 2).split(' ');
    const field = (number: number) => Number(fields[number - 3]); // numbered as in proc(5)
    return {
      pid,
      parentPid: field(4),
      name: stat.slice(stat.indexOf('(') + 1, nameEnd),
      cpuMs: (field(14) + field(15)) * MS_PER_TICK,
      endedChildrenCpuMs: (field(16) + field(17)) * MS_PER_TICK,
    };
  } catch {
    return undefined;
  }
}

/** A process and everything below it. */
export function processTree(rootPid: number): ProcessFigures[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const below = (pid: number): ProcessFigures[] =>
    all.filter(({ parentPid }) => parentPid === pid).flatMap((child) => [child, ...below(child.pid)]);
  return [...all.filter(({ pid }) => pid === rootPid), ...below(rootPid)];
}

/** CPU time that everything on this machine has used since it started. */
export function machineCpuMs(): number {
  const [, ...ticks] = (readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '').split(/ +/).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = ticks; // without idle and waiting for a disk
  return (user + nice + system + irq + softIrq) * MS_PER_TICK;
}

/** Resident memory, MB (2^20 bytes); 0 when the process is gone. */
export function residentMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Samples until stopped. @returns the function that stops and tells the peak */
export function watchResidentMb(pid: number, everyMs = 100): () => number {
  let peak = residentMb(pid);
  const timer = setInterval(() => (peak = Math.max(peak, residentMb(pid))), everyMs);
  return () => {
    clearInterval(timer);
    return Math.max(peak, residentMb(pid));
  };
}
