import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this package. `package.json` lies two folders up, from `src` as from `dist`. */
export function packageVersion(): string {
  const text = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
