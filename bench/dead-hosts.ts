/* 20,000 URLs on 5,000 hosts of which 5 % never answer, 5 % refuse and 2 % drip: how long until 99 % of the good pages are there, beside the good pages alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { runBatches, submitBatches } from './batch-run';
import { flushDisk } from './contenders';
import { API_KEY, startService } from './embedded-service';
import { reportFigures } from './figures';
import type { DeadHostsRound } from './figures';
import { pathOf } from './page';
import { runScript } from './run-script';
import { readSettings } from './settings';
import { fateOf, loopbackHosts } from './slow-web';
import type { Fate } from './slow-web';
import { startTarget } from './target-process';
import type { Target } from './target-process';
import { startUnreachableHosts } from './unreachable-hosts';

const { urls, rounds, warmUpUrls } = readSettings({ BENCH_URLS: '20000', ...process.env });
const URLS_PER_HOST = 4;
const HOSTS = Math.ceil(urls / URLS_PER_HOST);
const SHARE = 0.99;
const POLL_MS = 100;
const GIVE_UP_AFTER_MS = 300_000;
/** With its blocks of 250 addresses, one block has room for 63,750 hosts. */
const ADDRESSES = loopbackHosts(HOSTS);

let nextRun = 1;

async function main(): Promise<void> {
  const target = await startTarget({ isSlow: { hosts: HOSTS, hasDeadHosts: true } });
  const unreachable = await startUnreachableHosts(
    ADDRESSES.filter((_, index) => fateOf(index) === 'unreachable'),
    target.port,
  );
  try {
    const measured: DeadHostsRound[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const withoutSeconds = await secondsUntilMost(target, (fate) => fate === 'answers');
      const withSeconds = await secondsUntilMost(target, () => true);
      measured.push({ withoutSeconds, withSeconds });
      console.log(
        `round ${round}: ${withoutSeconds.toFixed(2)} s without dead hosts, ${withSeconds.toFixed(2)} s with them (${(withSeconds / withoutSeconds).toFixed(2)})`,
      );
    }
    reportFigures('dead-hosts', { urls, hosts: HOSTS, rounds: measured });
  } finally {
    await unreachable.stop();
    await target.stop();
  }
}

/** Seconds from the submission until 99 % of the pages that can be had are there. Each run has a service of its own, because what fails is retried for a day. */
async function secondsUntilMost(target: Target, isWanted: (fate: Fate) => boolean): Promise<number> {
  const service = await startService({ env: { BROWSER: 'off' } });
  try {
    const good = among(target, (fate) => fate === 'answers');
    await runBatches(service, good, { mode: 'plain', runs: [nextRun++], count: warmUpUrls });
    flushDisk();
    const wanted = among(target, isWanted);
    const run = nextRun++;
    const needed = Math.floor(SHARE * good.urlsOf('plain', run, urls).length);
    const startedAt = performance.now();
    const [batchId = ''] = await submitBatches(service, wanted, { mode: 'plain', runs: [run], count: urls });
    while ((await finishedOf(service.origin, batchId)) < needed) {
      if (performance.now() - startedAt > GIVE_UP_AFTER_MS) throw new Error('the good pages are not there in time');
      await sleep(POLL_MS);
    }
    return (performance.now() - startedAt) / 1_000;
  } finally {
    await service.stop();
  }
}

async function finishedOf(origin: string, batchId: string): Promise<number> {
  const { body } = await request(`${origin}/batches/${batchId}`, { headers: { 'x-api-key': API_KEY } });
  const { counts } = (await body.json()) as { counts: Record<string, number> };
  return counts['finished'] ?? 0;
}

/** The URLs of a run on hosts of these fates; the others are left out. */
const among = (target: Target, isWanted: (fate: Fate) => boolean): Target => ({
  ...target,
  urlsOf: (mode, run, count) =>
    Array.from({ length: urls }, (_, index) => index)
      .filter((index) => isWanted(fateOf(index % HOSTS)))
      .slice(0, count)
      .map((index) => `http://${ADDRESSES[index % HOSTS]}:${target.port}${pathOf(mode, run, index)}`),
});

runScript(main);
