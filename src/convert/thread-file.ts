import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface ThreadFile {
  readonly path: string;
  readonly execArgv: readonly string[];
}

/** What a conversion thread runs. Where the sources run directly, as under Jest, it needs a loader of its own for them. */
export function threadFile(): ThreadFile {
  const compiled = join(__dirname, 'thread.js');
  if (existsSync(compiled)) return { path: compiled, execArgv: [] };
  return { path: join(__dirname, 'thread.ts'), execArgv: ['--require', 'tsx/cjs'] };
}
