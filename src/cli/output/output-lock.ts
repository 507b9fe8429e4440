import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CliError, fileError } from '../cli-error';

/**
 * Takes an output for this process alone. A lock whose process is gone is taken over; so is one with our own number, which a process of
 * before had (in a container the numbers repeat).
 * @returns releases it
 */
export function lockOutput(outputPath: string): () => void {
  const path = `${outputPath}.everfetch.lock`;
  for (let isSecond = false; ; isSecond = true) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw fileError('nothing can be written beside', outputPath, error);
      const holder = holderOf(path);
      if (isSecond || (holder !== undefined && holder !== process.pid && isRunning(holder)))
        throw new CliError(
          'file',
          `${outputPath} is being written by another everfetch (process ${holder ?? '?'}); if it is not, remove ${path}.`,
        );
      rmSync(path, { force: true });
    }
  }
}

function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
