import { existsSync } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Config } from '../../config/config';
import { prepareDataDir, problemsOfDataDir } from '../../service/data-dir';
import { fail, ok, warn } from './finding';
import type { Finding } from './finding';

const check = 'disk';
const MB = 1_000_000;
const TOO_FULL_BYTES = 100 * MB;
const NEARLY_FULL_BYTES = 1_000 * MB;
const NEARLY_FULL_SHARE = 0.05;
/** Longest time for a sync (ms) that commits do not wait for noticeably: two are in flight, each for a hundred pages. */
const SLOW_SYNC_MS = 100;
const SYNCS = 5;
/** TMPFS_MAGIC of statfs(2). */
const TMPFS = 0x01021994;

/** Checks the disk of the data folder: that it takes files, syncs them, and has room. A folder that is not there is not made. */
export async function checkDisk({ dataDir, postgres, temporal, segments }: Config): Promise<readonly Finding[]> {
  if (postgres.url !== undefined && temporal.address !== undefined && segments.kind === 's3')
    return [ok(check, 'nothing is kept on a disk of this machine')];
  const problems = await problemsOfDataDir(dataDir);
  if (problems.length > 0) return problems.map((problem) => fail(check, problem, 'correct DATA_DIR'));
  if (!existsSync(dataDir))
    return [
      ok(check, `the data folder ${dataDir} is made by the first start`),
      ...(await roomAt(nearestFolder(dataDir))),
    ];
  await prepareDataDir(dataDir); // it is there, so this only writes a file and syncs it
  return [await syncsAt(dataDir), ...(await roomAt(dataDir))];
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}

async function syncsAt(dir: string): Promise<Finding> {
  const path = join(dir, `.sync-test-${randomUUID()}`);
  const file = await open(path, 'wx');
  const times: number[] = [];
  try {
    for (let count = 0; count < SYNCS; count += 1) {
      const startedAt = performance.now();
      await file.write(Buffer.alloc(8_192, count));
      await file.sync();
      times.push(performance.now() - startedAt);
    }
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
  const medianMs = times.sort((a, b) => a - b)[Math.floor(SYNCS / 2)] ?? 0;
  const shown = `${medianMs < 10 ? medianMs.toFixed(1) : Math.round(medianMs)} ms`;
  return medianMs > SLOW_SYNC_MS
    ? warn(
        check,
        `a sync in ${dir} takes ${shown}, and every commit waits for two`,
        'set DATA_DIR to a local disk, better an SSD',
      )
    : ok(check, `${dir} can be written to, and a sync takes ${shown}`);
}

async function roomAt(dir: string): Promise<readonly Finding[]> {
  const { type, bavail, blocks, bsize, files, ffree } = await statfs(dir);
  const freeBytes = bavail * bsize;
  const free =
    freeBytes < 10_000 * MB ? `${Math.floor(freeBytes / MB)} MB` : `${Math.floor(freeBytes / (1_000 * MB))} GB`;
  const room = 'make room there, set DATA_DIR to a larger disk, or lower RETENTION_HOURS';
  const isNearlyFull = freeBytes < NEARLY_FULL_BYTES || bavail < blocks * NEARLY_FULL_SHARE;
  return [
    freeBytes < TOO_FULL_BYTES
      ? fail(check, `the disk of ${dir} has ${free} left`, room)
      : isNearlyFull
        ? warn(check, `the disk of ${dir} has ${free} left, ${Math.floor((100 * bavail) / blocks)} %`, room)
        : ok(check, `the disk of ${dir} has ${free} left`),
    ...(files > 0 && ffree < files * NEARLY_FULL_SHARE
      ? [
          warn(
            check,
            `the file system of ${dir} has room for ${ffree} more files`,
            'remove files there, or set DATA_DIR to another file system',
          ),
        ]
      : []),
    ...(type === TMPFS
      ? [
          warn(
            check,
            `${dir} is kept in memory (tmpfs), and gone after a restart of the machine`,
            'set DATA_DIR to a disk',
          ),
        ]
      : []),
  ];
}
