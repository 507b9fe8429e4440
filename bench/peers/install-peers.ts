import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What everfetch is compared with. Never dependencies of everfetch: installed into `.cache/`, which git ignores. */
const PEERS = { bullmq: '5.81.5', ioredis: '5.11.1', undici: '7.30.2' } as const;

export type PeerVersions = typeof PEERS;

const FOLDER = join(__dirname, '..', '..', '.cache', 'bench-peers');

/** Installs what is missing. @returns the folder that the peers load their packages from */
export function installPeers(): { readonly folder: string; readonly versions: PeerVersions } {
  mkdirSync(FOLDER, { recursive: true });
  if (Object.entries(PEERS).some(([name, version]) => installedVersion(name) !== version)) {
    console.log('installing the peers into .cache/bench-peers …');
    const manifest = { name: 'bench-peers', private: true, dependencies: PEERS };
    writeFileSync(join(FOLDER, 'package.json'), JSON.stringify(manifest, null, 2));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: FOLDER, stdio: 'inherit' });
  }
  return { folder: FOLDER, versions: PEERS };
}

function installedVersion(name: string): string | undefined {
  try {
    const manifest = readFileSync(join(FOLDER, 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version?: string }).version;
  } catch {
    return undefined;
  }
}
