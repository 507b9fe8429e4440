/* `npm run bench`: all scripts one after another, or those that are named; then results.json and the tables of README.md. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ScriptName } from './figures';
import { readMachine, readVersions } from './machine';
import { redisVersion } from './peers/redis';
import { readResults, writeResults } from './results';
import { runScript } from './run-script';
import { QUICK_ENV } from './settings';
import { renderResults } from './tables';
import { RESULTS_PATH, writeReadme } from './write-readme';

const ROOT = join(__dirname, '..');
const SCRIPTS: readonly ScriptName[] = [
  'single-jobs',
  'batch-submit',
  'read-job',
  'retention',
  'batch',
  'real-web',
  'real-web-https',
  'handshakes',
  'names',
  'dead-hosts',
  'levels',
  'sizes',
  'callbacks',
  'safety',
  'render',
];
/** Scripts that are another one with an argument. */
const VARIANTS: Partial<Record<ScriptName, readonly [script: string, argument: string]>> = {
  'real-web-https': ['real-web', '--https'],
};
const WITH_PEERS: ReadonlySet<ScriptName> = new Set(['batch', 'real-web', 'real-web-https']);
const TRIAL_PATH = join(ROOT, '.cache', 'bench-trial.json');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter((name) => !SCRIPTS.some((script) => script === name));
  if (unknown.length > 0)
    throw new Error(`There is no bench named ${unknown.join(', ')}; there are ${SCRIPTS.join(', ')}.`);
  const isThere = (name: ScriptName) => existsSync(join(__dirname, `${VARIANTS[name]?.[0] ?? name}.ts`));
  const chosen = SCRIPTS.filter((name) => isThere(name) && (positionals.length === 0 || positionals.includes(name)));
  if (chosen.some((name) => WITH_PEERS.has(name))) redisVersion(); // says at once, not after an hour, that Redis is missing

  const isTrial = values.quick || Object.keys(process.env).some((name) => name.startsWith('BENCH_'));
  const env = { ...(values.quick && QUICK_ENV), ...process.env };
  const path = isTrial ? TRIAL_PATH : RESULTS_PATH;
  for (const name of chosen) {
    console.log(`\n== ${name}`);
    const result = {
      measuredAt: new Date().toISOString(),
      machine: readMachine(),
      versions: readVersions({ withPeers: WITH_PEERS.has(name) }),
      figures: await figuresOf(name, env),
    };
    // The result is written at once, so that a later script that fails does not lose it.
    mkdirSync(join(ROOT, '.cache'), { recursive: true });
    await writeResults(path, { ...readResults(path), [name]: result });
  }
  if (isTrial) console.log(`\nA trial: bench/README.md stays as it is.\n\n${renderResults(readResults(path))}`);
  else writeReadme();
}

async function figuresOf(name: ScriptName, env: NodeJS.ProcessEnv): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'everfetch-bench-out-'));
  try {
    const out = join(folder, 'figures.json');
    const [script, ...args] = VARIANTS[name] ?? [name];
    const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, `${script}.ts`), ...args], {
      cwd: ROOT,
      env: { ...env, BENCH_OUT: out },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`bench/${name}.ts failed`);
    return JSON.parse(readFileSync(out, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

runScript(main);
