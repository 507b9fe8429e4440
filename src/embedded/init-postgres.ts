import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './embedded-server-error';
import type { PostgresHome } from './postgres-home';

/** Makes the cluster, once: in a draft that becomes `clusterDir` when it is whole, so a crash half-way does no harm. */
export async function initPostgres(home: PostgresHome, nativeDir: string, signal?: AbortSignal): Promise<void> {
  const { clusterDir, dir, user, passwordFile } = home;
  if (existsSync(clusterDir)) return;
  const prefix = `${basename(clusterDir)}.draft-`;
  for (const name of await readdir(dir))
    if (name.startsWith(prefix)) await rm(join(dir, name), { recursive: true, force: true });

  const draft = join(dir, `${prefix}${randomUUID()}`);
  const args = [
    ...['--pgdata', draft, '--username', 'everfetch', '--auth', 'scram-sha-256', '--pwfile', passwordFile],
    ...['--encoding', 'UTF8', '--locale', 'C'], // does not depend on the locales of the machine
  ];
  try {
    await promisify(execFile)(join(nativeDir, 'bin', 'initdb'), args, {
      cwd: dir,
      env: { LC_ALL: 'C' },
      ...user,
      ...(signal && { signal }),
    });
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    signal?.throwIfAborted();
    const { stderr = '', message } = error as { stderr?: string; message: string };
    const hint = stderr.includes('shared libraries') ? '\nRun `npm run setup`, which links its libraries.' : '';
    throw new EmbeddedServerError(`PostgreSQL's initdb failed: ${stderr.trim() || message}${hint}`, { cause: error });
  }
  await rename(draft, clusterDir);
  const folder = await open(dirname(clusterDir)); // initdb syncs its files; the new name is ours to sync
  await folder.sync().finally(() => folder.close());
}
