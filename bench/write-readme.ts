import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readResults } from './results';
import { renderResults } from './tables';

const BEGIN = '<!-- results:begin -->';
const END = '<!-- results:end -->';

export const RESULTS_PATH = join(__dirname, 'results.json');
const README_PATH = join(__dirname, 'README.md');

/** Puts the tables of results.json between the markers of README.md: no figure there is typed by hand. */
export function writeReadme(): void {
  const readme = readFileSync(README_PATH, 'utf8');
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`bench/README.md has lost its markers ${BEGIN} and ${END}`);
  const tables = renderResults(readResults(RESULTS_PATH));
  writeFileSync(README_PATH, `${readme.slice(0, begin + BEGIN.length)}\n\n${tables}\n\n${readme.slice(end)}`);
}

if (require.main === module) writeReadme();
