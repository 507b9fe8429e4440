import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export interface GuardedSpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child, which inherits nothing of ours. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Time between SIGINT and SIGKILL when this process is gone, in whole seconds. */
  readonly orphanPatienceSeconds: number;
}

export type GuardedChild = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * The shell starts a watcher and then becomes the child (`exec`), so pid, signals and exit code are the child's own.
 * - The watcher reads a pipe that only we hold open. A line means "the child has ended, go"; the end of the file means
 *   that we are gone, however that happened: it stops the child with SIGINT (the fast shutdown of PostgreSQL).
 * - It is started through a second fork: PostgreSQL takes an unknown child of its own that fails for a crash.
 * - It keeps neither stdout nor stderr, or those pipes would stay open when the child ends.
 * - `$$` is the pid of the outer shell in every subshell.
 */
const GUARD = `
exec 3<&0 </dev/null
( ( trap '' HUP INT TERM
    exec >/dev/null 2>&1
    read -r _ <&3 && exit 0
    kill -INT $$
    seconds=0
    while kill -0 $$ && [ "$seconds" -lt "$EVERFETCH_GUARD_SECONDS" ]; do sleep 1; seconds=$((seconds + 1)); done
    kill -KILL $$
  ) & )
unset EVERFETCH_GUARD_SECONDS
exec "$@" 3<&-
`;

/** Spawns a child in a process group of its own (Ctrl-C in a terminal does not reach it) that never outlives us. */
export function guardedSpawn(options: GuardedSpawnOptions): GuardedChild {
  const isGuarded = process.platform !== 'win32';
  const [command, args] = isGuarded
    ? ['/bin/sh', ['-c', GUARD, 'everfetch-guard', options.command, ...options.args]]
    : [options.command, options.args];
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: isGuarded,
    env: { ...options.env, EVERFETCH_GUARD_SECONDS: String(options.orphanPatienceSeconds) },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.uid !== undefined && { uid: options.uid }),
    ...(options.gid !== undefined && { gid: options.gid }),
  });
  child.on('error', () => undefined); // the caller waits for 'exit' or 'error'; without a listener the error would be thrown
  child.stdin.on('error', () => undefined); // the watcher may end first
  child.once('exit', () => child.stdin.end('ended\n'));
  return child;
}

const KEPT_LINES = 30;
const MAX_LINE_CHARS = 8_192;

/** Splits what a child writes into lines, hands them on, and keeps the last ones for error messages. */
export class ChildOutput {
  readonly #onLine: (line: string) => void;
  readonly #kept: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** The last lines, oldest first. */
  get lastLines(): string {
    return this.#kept.join('\n');
  }

  read(stream: Readable): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARS); // a line that never ends must not fill the memory
      for (const line of lines) this.#take(line);
    });
    stream.on('end', () => this.#take(rest));
    stream.on('error', () => undefined); // the child has ended, which its exit event tells
  }

  clear(): void {
    this.#kept.length = 0;
  }

  #take(line: string): void {
    const text = line.trimEnd();
    if (text === '') return;
    this.#kept.push(text.slice(0, 1_000));
    if (this.#kept.length > KEPT_LINES) this.#kept.shift();
    this.#onLine(text);
  }
}
