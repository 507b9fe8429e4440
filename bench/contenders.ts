import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { refetchesOf } from './batch-run';
import type { RunOrder } from './batch-run';
import { pageAt } from './page';
import type { Peer } from './peers/peer-process';
import type { Target } from './target-process';

/** A folder with 100,000 files makes the kernel wait for itself; a person who is after speed spreads them. */
const PAGE_FOLDERS = 100;
const SAMPLE = 50;

/** One run of a peer that keeps its pages; some are compared with what the target serves. @returns URLs/s */
export async function runStoringPeer(peer: Peer, target: Target, order: RunOrder): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'everfetch-bench-pages-'));
  try {
    const paths = Array.from({ length: order.count }, (_, index) =>
      join(folder, String(index % PAGE_FOLDERS), `${index}.html`),
    );
    for (let number = 0; number < PAGE_FOLDERS; number += 1) await mkdir(join(folder, String(number)));
    const seconds = await peer.run({ urls: target.urlsOf(order.mode, order.run, order.count), paths });
    await refetchesOf(target, order); // every URL was visited
    await verifyFiles(paths, order);
    return order.count / seconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
    flushDisk();
  }
}

export async function runBarePeer(peer: Peer, target: Target, order: RunOrder): Promise<number> {
  const seconds = await peer.run({ urls: target.urlsOf(order.mode, order.run, order.count), paths: [] });
  await refetchesOf(target, order);
  return order.count / seconds;
}

/** What one contender has left to write must not slow the next one down. */
export function flushDisk(): void {
  execFileSync('sync');
}

async function verifyFiles(paths: readonly string[], { mode, run, count }: RunOrder): Promise<void> {
  for (let index = 0; index < count; index += Math.ceil(count / SAMPLE)) {
    const file = await readFile(paths[index] ?? '');
    const page = mode === 'gzip' ? gunzipSync(file) : file;
    if (!page.equals(pageAt(mode, run, index))) throw new Error(`BullMQ: file ${index} of run ${run} is not the page`);
  }
}
