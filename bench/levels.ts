/* Other levels of load than a full batch of the slow web: a trickle of pages, a single job beside a batch, and the memory of a thousand fetches in flight. */
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { runBatches, submitBatches } from './batch-run';
import { API_KEY, startService } from './embedded-service';
import type { Service } from './embedded-service';
import { reportFigures } from './figures';
import type { LevelsRound } from './figures';
import { percentile } from './measure';
import { watchResidentMb } from './processes';
import { runScript } from './run-script';
import { readSettings } from './settings';
import { SLOW_HOSTS } from './slow-web';
import { startTarget } from './target-process';
import type { Target } from './target-process';

const { urls, rounds, warmUpUrls } = readSettings();
const TRICKLE_HOSTS = SLOW_HOSTS.slice(0, 10);
const TRICKLE_PER_SECOND = 20;
const WATCH_MS = 15_000;
/** What a batch leaves to do after its end, and what a start does late. */
const SETTLE_MS = 3_000;
const JOBS_BESIDE = 30;
const IN_FLIGHT = 1_000;

let nextRun = 1;

async function main(): Promise<void> {
  const target = await startTarget({ isSlow: true });
  try {
    const measured: LevelsRound[] = [];
    for (let number = 1; number <= rounds; number += 1) {
      const round = {
        ...(await trickle(target)),
        besideBatchP50Ms: await jobsBesideBatch(target),
        residentMb: await memory(target),
      };
      measured.push(round);
      console.log(
        `round ${number}: ${(100 * round.idleCores).toFixed(1)} % of a core idle, ${(100 * round.trickleCores).toFixed(1)} % with ${TRICKLE_PER_SECOND} pages/s; ` +
          `a single job beside a batch ${round.besideBatchP50Ms.toFixed(0)} ms; ${round.residentMb.toFixed(0)} MB with ${IN_FLIGHT} fetches in flight`,
      );
    }
    reportFigures('levels', { pagesPerSecond: TRICKLE_PER_SECOND, inFlight: IN_FLIGHT, urls, rounds: measured });
  } finally {
    await target.stop();
  }
}

/** Cores that an idle service takes, and one that gets twenty pages a second of hosts with a pace. */
async function trickle(target: Target): Promise<Pick<LevelsRound, 'idleCores' | 'trickleCores'>> {
  const pace = TRICKLE_HOSTS.map((host) => `${host}=${TRICKLE_PER_SECOND / TRICKLE_HOSTS.length}/s`);
  return withService({ HOST_LIMITS: pace.join(',') }, async (service) => {
    await runBatches(service, target, { mode: 'plain', runs: [nextRun++], count: warmUpUrls / 10 });
    await sleep(SETTLE_MS);
    const idleCores = await coresOf(service);
    const urlsPerHost = SLOW_HOSTS.length / TRICKLE_HOSTS.length;
    const paced: Target = {
      ...target,
      urlsOf: (mode, run, count) =>
        target.urlsOf(mode, run, count * urlsPerHost).filter((url) => TRICKLE_HOSTS.includes(new URL(url).hostname)),
    };
    const count = (TRICKLE_PER_SECOND * 2 * WATCH_MS) / 1_000;
    await submitBatches(service, paced, { mode: 'plain', runs: [nextRun++], count });
    await sleep(SETTLE_MS);
    return { idleCores, trickleCores: await coresOf(service) };
  });
}

async function coresOf(service: Service): Promise<number> {
  const cpuMs = () => Object.values(service.cpu()).reduce((sum: number, ms: number) => sum + ms, 0);
  const [before, startedAt] = [cpuMs(), performance.now()];
  await sleep(WATCH_MS);
  return (cpuMs() - before) / (performance.now() - startedAt);
}

/** Median time from the submission of a single job to its result, without the second that its target may take, while a batch is fetched (ms). */
async function jobsBesideBatch(target: Target): Promise<number> {
  return withService({}, async (service) => {
    const run = nextRun++;
    await submitBatches(service, target, { mode: 'plain', runs: [run], count: urls });
    await sleep(SETTLE_MS);
    const quick = await startTarget();
    try {
      const times: number[] = [];
      for (const url of quick.urlsOf('plain', run, JOBS_BESIDE)) {
        const startedAt = performance.now();
        await scrape(service, url);
        times.push(performance.now() - startedAt);
      }
      return percentile(times, 0.5);
    } finally {
      await quick.stop();
    }
  });
}

async function scrape({ origin }: Service, url: string): Promise<void> {
  const body = JSON.stringify({ apiKey: API_KEY, url });
  const answer = await request(`${origin}/scrape`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`a single job took too long: ${answer.statusCode}`);
}

/** Highest resident memory of the Node process during a batch (MB). */
function memory(target: Target): Promise<number> {
  return withService({ MAX_CONCURRENT_FETCHES: String(IN_FLIGHT) }, async (service) => {
    await runBatches(service, target, { mode: 'plain', runs: [nextRun++], count: warmUpUrls });
    const stopWatching = watchResidentMb(service.pid);
    await runBatches(service, target, { mode: 'plain', runs: [nextRun++], count: urls / 2 });
    return stopWatching();
  });
}

async function withService<T>(
  env: Readonly<Record<string, string>>,
  work: (service: Service) => Promise<T>,
): Promise<T> {
  const service = await startService({ env });
  try {
    return await work(service);
  } finally {
    await service.stop();
  }
}

runScript(main);
