import { execFileSync } from 'node:child_process';
import { devNull } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { isProgram } from './is-program';

/** Version that set-up obtains. It is pinned, because the dev server never migrates its database file. */
export const TEMPORAL_CLI_VERSION = '1.9.1';
const SUPPORTED = '>=1.9.0 <2';

type Env = Readonly<Record<string, string | undefined>>;

/** No usable Temporal CLI was found. `tried` tells for each place why it failed. */
export class TemporalCliNotFoundError extends Error {
  override readonly name = 'TemporalCliNotFoundError';
  readonly tried: readonly string[];

  constructor(tried: readonly string[], advice: string) {
    super(`No Temporal CLI was found. Tried:\n${tried.map((line) => `  - ${line}`).join('\n')}\n${advice}`);
    this.tried = tried;
  }
}

/** Path where set-up keeps the CLI: in `.cache` of the project, or in `EVERFETCH_CACHE`. */
export function temporalCliCachePath(env: Env): string {
  const cache = env['EVERFETCH_CACHE'] || join(__dirname, '..', '..', '.cache');
  return resolve(cache, 'temporal', TEMPORAL_CLI_VERSION, 'temporal');
}

/** Finds the Temporal CLI: `TEMPORAL_CLI`, else a supported `temporal` on PATH, else the one that set-up obtained. */
export function findTemporalCli(env: Env): string {
  const advice =
    'Run `npm run setup` to obtain it, or set TEMPORAL_CLI to the program, or TEMPORAL_ADDRESS to a server.';
  const chosen = env['TEMPORAL_CLI'];
  if (chosen) {
    try {
      readCliVersion(chosen);
      return resolve(chosen);
    } catch (error) {
      throw new TemporalCliNotFoundError([`TEMPORAL_CLI=${chosen}: ${(error as Error).message}`], advice);
    }
  }
  const tried = ['TEMPORAL_CLI: not set'];
  const cached = temporalCliCachePath(env);
  for (const path of [...onPath(env), cached]) {
    try {
      const version = readCliVersion(path);
      if (isSupported(version)) return path;
      tried.push(`${path}: version ${version}, but ${SUPPORTED} is needed`);
    } catch (error) {
      tried.push(`${path}: ${(error as Error).message}`);
    }
  }
  if (tried.length === 2) tried.splice(1, 0, '`temporal` on PATH: not there');
  throw new TemporalCliNotFoundError(tried, advice);
}

/** Reads the version of the CLI, as in `1.9.1`. Throws with a short reason when `path` cannot be run or is another program. */
export function readCliVersion(path: string): string {
  if (!isProgram(path)) throw new Error('there is no executable file');
  let output: string;
  try {
    // The CLI always reads the settings in the home folder, and fails when they are another user's (as under sudo).
    output = execFileSync(path, ['--version', '--env-file', devNull], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number | null };
    throw new Error(`\`--version\` failed (${code ?? `exit code ${status ?? 'none'}`})`, { cause: error });
  }
  const version = /^temporal version (\d+\.\d+\.\d+\S*)/m.exec(output)?.[1];
  if (version === undefined) throw new Error('`--version` does not answer like the Temporal CLI');
  return version;
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 1 && minor >= 9;
}

function onPath(env: Env): string[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...new Set(folders.map((folder) => join(resolve(folder), 'temporal')))].filter(isProgram);
}
