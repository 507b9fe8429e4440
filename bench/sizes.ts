/* Rates of batches of 1,000, 10,000 and 50,000 URLs, and of five of 50,000 side by side. */
import { runBatches, verifyBatches } from './batch-run';
import { flushDisk } from './contenders';
import { startService } from './embedded-service';
import { reportFigures } from './figures';
import type { SizesFigures } from './figures';
import { watchResidentMb } from './processes';
import { runScript } from './run-script';
import { readSettings } from './settings';
import { startTarget } from './target-process';
import type { Target } from './target-process';

const { sizes, parallelBatches, rounds, warmUpUrls } = readSettings();
const steps = [...sizes.map((urls) => ({ urls, batches: 1 })), { urls: Math.max(...sizes), batches: parallelBatches }];

let nextRun = 1;

async function main(): Promise<void> {
  const target = await startTarget();
  try {
    const measured: SizesFigures['rounds'][number][] = [];
    const peakResidentMb: number[] = [];
    for (let number = 1; number <= rounds; number += 1) {
      const { round, peakMb } = await runRound(target);
      measured.push(round);
      peakResidentMb.push(peakMb);
      const rates = round.map(
        ({ urls, batches, urlsPerSecond }) =>
          `${batches > 1 ? `${batches} × ` : ''}${urls}: ${urlsPerSecond.toFixed(0)}/s`,
      );
      console.log(`sizes, round ${number}: ${rates.join(', ')}; peak ${peakMb.toFixed(0)} MB`);
    }
    reportFigures('sizes', { rounds: measured, peakResidentMb });
  } finally {
    await target.stop();
  }
}

/** Each round has a service and a data folder of its own, which also bounds the disk space of the bench. */
async function runRound(target: Target): Promise<{ round: SizesFigures['rounds'][number]; peakMb: number }> {
  const service = await startService();
  try {
    const take = (count: number) => Array.from({ length: count }, () => nextRun++);
    await runBatches(service, target, { mode: 'plain', runs: take(1), count: warmUpUrls });
    const stopWatching = watchResidentMb(service.pid);
    const round: SizesFigures['rounds'][number][number][] = [];
    for (const { urls, batches } of steps) {
      flushDisk();
      const finished = await runBatches(service, target, { mode: 'plain', runs: take(batches), count: urls });
      const refetches = await verifyBatches(service, target, finished);
      round.push({ urls, batches, urlsPerSecond: finished.urlsPerSecond, refetches });
    }
    return { round, peakMb: stopWatching() };
  } finally {
    await service.stop();
  }
}

runScript(main);
