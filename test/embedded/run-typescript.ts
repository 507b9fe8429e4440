import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';

const root = join(__dirname, '..', '..');

/** Compiles `src/embedded` and what it needs into `dir`, so that a process of its own can run it and be killed. */
export function compileEmbedded(dir: string): string {
  for (const folder of ['embedded', 'telemetry']) {
    mkdirSync(join(dir, 'dist', folder), { recursive: true });
    for (const name of readdirSync(join(root, 'src', folder))) {
      const { code } = transformSync(readFileSync(join(root, 'src', folder, name), 'utf8'), {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      });
      writeFileSync(join(dir, 'dist', folder, name.replace(/\.ts$/, '.js')), code);
    }
  }
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  return join(dir, 'dist');
}

export interface Script {
  readonly process: ChildProcess;
  readonly output: () => string;
}

/** Runs JavaScript that finds the compiled modules in `dist`; `env` comes on top of ours. */
export function runScript(dist: string, code: string, env: Readonly<Record<string, string>> = {}): Script {
  const options = { cwd: dist, env: { ...process.env, ...env } };
  const child = spawn(process.execPath, ['-e', code], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  return { process: child, output: () => output };
}
