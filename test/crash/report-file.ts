import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMachine, readVersions } from '../../bench/machine';

const ROOT = join(__dirname, '..', '..');
const PATH = join('bench', 'crash-report.md');

export const DELIVERIES_HEADING = '## Deliveries';

/** Writes one of the two parts of `bench/crash-report.md` and leaves the other. @returns its path in the project */
export async function writePart(name: 'batches' | 'deliveries', text: string): Promise<string> {
  const path = join(ROOT, PATH);
  const present = existsSync(path) ? await readFile(path, 'utf8') : '';
  const begin = present.indexOf(`${DELIVERIES_HEADING}\n`);
  const batches = name === 'batches' ? text : present.slice(0, begin === -1 ? undefined : begin);
  const deliveries = name === 'deliveries' ? text : begin === -1 ? '' : present.slice(begin);
  const parts = [batches, deliveries].map((part) => part.trim()).filter((part) => part !== '');
  await writeFile(path, `${parts.join('\n\n')}\n`);
  return PATH;
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line), ''].join('\n');
}

export const verdict = (problems: readonly string[]): string =>
  problems.length === 0 ? 'right' : `WRONG: ${problems.join('; ').replaceAll('|', '\\|')}`;

/** When and on what. */
export function circumstances(): string {
  const { cores, cpu, memoryGib, kernel } = readMachine();
  const versions = Object.entries(readVersions({ withPeers: false })).map(([name, version]) => `${name} ${version}`);
  const machine = [`${cores} × ${cpu}, ${memoryGib} GiB, ${kernel}`, ...versions].join('; ');
  return `${new Date().toISOString().slice(0, 10)}, ${machine}`;
}
