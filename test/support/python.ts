import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../scripts/python-packages.mjs');

/** Path of a Python that has these packages. Undefined where they cannot be had, which it says. The first time they are installed, from PyPI. */
export function pythonWith(packages: 'hosted-clients' | 'python-client' | 'warc-readers'): string | undefined {
  const answer = execFileSync(process.execPath, [SCRIPT, packages], { encoding: 'utf8' }).trim();
  if (!answer.startsWith('skipped: ')) return answer;
  process.stderr.write(`tests with ${packages} ${answer}\n`);
  return undefined;
}
