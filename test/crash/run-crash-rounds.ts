import { crashRound } from './crash-round';
import type { RoundResult } from './crash-round';
import { victims } from './deployments';
import { fullDiskRound } from './full-disk-round';
import { runRounds } from './run-rounds';
import type { RoundSizes, RunOptions } from './run-rounds';
import { smallDiskObstacle } from './small-disk';
import { reportTable, writeReport } from './write-report';

export const FULL_CRASHES: RoundSizes = { rounds: 20, pages: 2_000 };

/** @returns whether everything was right */
export async function runCrashRounds(options: RunOptions): Promise<boolean> {
  const { rounds, pages, seed, say } = options;
  const results = await runRounds({ ...options, victims, round: crashRound, failed });
  const obstacle = smallDiskObstacle();
  if (obstacle === undefined) {
    const result = await fullDiskRound({ pages, seed: seed + rounds }).catch((error: unknown) =>
      failed('full disk', error instanceof Error ? error.message : String(error)),
    );
    results.push(result);
    say(`round ${results.length}: ${result.what}: ${result.problems.join('; ') || 'right'}`);
  } else say(`!!! The round with a full disk was NOT run: it needs to mount a small file system (${obstacle}).`);

  say(`\n${reportTable(results)}`);
  if (rounds >= FULL_CRASHES.rounds && pages >= FULL_CRASHES.pages)
    say(`written to ${await writeReport({ pages, seed, results })}`);
  return results.every(({ problems }) => problems.length === 0);
}

/** A round that cannot be brought to its end is a wrong one. */
const failed = (what: string, problem: string): RoundResult => ({
  what,
  progress: Number.NaN,
  recoveryMs: undefined,
  batchMs: 0,
  refetched: 0,
  callbackDuplicates: 0,
  problems: [problem],
});
