import { readFileSync } from 'node:fs';

/** Files that are not connections to targets: databases, segments, the API's clients, callbacks, programs, libraries. */
const OTHER_FILES = 1_024;
/** Besides the connection in use, a fetch leaves others open for a few seconds, in case that their hosts are asked again. */
const FILES_PER_FETCH = 4;
const MIN = 16;

/**
 * How many fetches a worker may have in flight at most: what is configured, unless the process may not open so many files.
 * @param maxOpenFiles undefined where it is not known, as outside of Linux
 */
export function maxInFlight(configured: number, maxOpenFiles: number | undefined): number {
  if (maxOpenFiles === undefined) return configured;
  return Math.min(configured, Math.max(MIN, Math.floor((maxOpenFiles - OTHER_FILES) / FILES_PER_FETCH)));
}

/** The soft limit, which Node has raised to the hard one by now; proc_pid_limits(5). */
export function readMaxOpenFiles(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined || soft === 'unlimited' ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
