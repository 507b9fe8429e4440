import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { EVERFETCH_BIN } from './everfetch-process';
import type { Env } from './run-everfetch';

const SCRIPT = join(__dirname, 'terminal.py');

/** Whether there are pseudo-terminals here, which it says otherwise. */
export function hasTerminals(): boolean {
  if (process.platform !== 'win32' && spawnSync('python3', ['-c', 'import pty, termios']).status === 0) return true;
  process.stderr.write('tests on a terminal skipped: they need python3 with its module pty\n');
  return false;
}

export interface TerminalRun {
  readonly code: number | null;
  /** Everything that was shown, control sequences included. */
  readonly shown: string;
  /** Whether the settings of the terminal were left as they had been. */
  readonly isRestored: boolean;
}

/**
 * `everfetch <args>` on a pseudo-terminal.
 * @param onShown is told everything that was shown so far, and types what it returns
 */
export async function runOnTerminal(
  args: readonly string[],
  {
    env,
    columns,
    onShown,
  }: { readonly env: Env; readonly columns: number; readonly onShown?: (shown: string) => string },
): Promise<TerminalRun> {
  const child = spawn('python3', [SCRIPT, String(columns), process.execPath, EVERFETCH_BIN, ...args], { env });
  let [shown, notes] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    shown += part.toString();
    const typed = onShown?.(shown) ?? '';
    if (typed !== '') child.stdin.write(typed);
  });
  child.stderr.on('data', (part: Buffer) => (notes += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, shown, isRestored: /^terminal restored$/m.test(notes) };
}
