import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { findPostgresBinaries } from '../src/embedded/postgres-binaries';
import { findTemporalCli, readCliVersion } from '../src/embedded/temporal-cli';
import { installPeers } from './peers/install-peers';
import { redisVersion } from './peers/redis';

/** Nothing that names a person's machine: no host name, no path. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly kernel: string;
}

export function readMachine(): Machine {
  const [first] = cpus();
  return {
    cores: cpus().length,
    cpu: first?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release().split('-', 1)[0]}`, // without what a builder appends
  };
}

export type Versions = Readonly<Record<string, string>>;

/** `withPeers`: for a script that compares with them. */
export function readVersions({ withPeers }: { readonly withPeers: boolean }): Versions {
  const { bullmq, undici } = withPeers ? installPeers().versions : {};
  return {
    everfetch: everfetchVersion(),
    node: process.versions.node,
    postgres: findPostgresBinaries(undefined).version,
    'temporal CLI': readCliVersion(findTemporalCli(process.env)),
    ...(bullmq !== undefined &&
      undici !== undefined && { bullmq, 'undici of the peers': undici, redis: redisVersion() }),
  };
}

/** Version such as `0.1.0 (1a2b3c4)`, with `-dirty` when files differ from the commit. */
function everfetchVersion(): string {
  const root = join(__dirname, '..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  try {
    // Its own results are no change of what is measured.
    const options = {
      cwd: root,
      encoding: 'utf8' as const,
      stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'],
    };
    const commit = execFileSync('git', ['describe', '--always', '--tags'], options).trim();
    const changes = execFileSync('git', ['status', '--porcelain', '--', 'src', 'package-lock.json'], options).trim();
    return `${version} (${commit}${changes === '' ? '' : '-dirty'})`;
  } catch {
    return version;
  }
}
