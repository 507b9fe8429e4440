/* What guard, politeness, unpacking and the search for block pages cost a sweep together: the same batch with and without them, in turns. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { runBatches, verifyBatches } from './batch-run';
import { flushDisk } from './contenders';
import { API_KEY, startService } from './embedded-service';
import type { Service, ServiceStart } from './embedded-service';
import { median } from './measure';
import type { Mode } from './page';
import { runScript } from './run-script';
import type { SafetyFigures, SafetyRound } from './safety-figures';
import { readSettings } from './settings';
import { startTarget } from './target-process';
import type { Target } from './target-process';

/** Compressed pages are unpacked when they are fetched, the others only looked at. */
const SCENARIOS = ['plain', 'gzip'] as const satisfies readonly Mode[];
/** Beyond what any host of the target is asked for: it holds nothing up, and costs what a pace costs. */
const WIDE_PACE = '*=1000/s';
const OFF = join(__dirname, 'safety-off.js');

const { urls, rounds, warmUpUrls } = readSettings();

let nextRun = 1;

type Contenders = Readonly<Record<keyof SafetyRound, Service>>;

async function main(): Promise<void> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const target = await startTarget();
    closing.push(() => target.stop());
    // One worker each: two share the limits of hosts, which the service without protections would not keep to.
    const start = async ({ env, ...options }: ServiceStart = {}): Promise<Service> => {
      const service = await startService({ ...options, env: { WORKERS: '1', ...env } });
      closing.push(() => service.stop());
      return service;
    };
    const contenders: Contenders = {
      on: await start(),
      paced: await start({ env: { HOST_LIMITS: WIDE_PACE } }),
      off: await start({ execArgv: ['--require', OFF] }),
    };
    await assertGuarded(contenders);
    const scenarios: Partial<Record<Mode, readonly SafetyRound[]>> = {};
    for (const mode of SCENARIOS) scenarios[mode] = await measure(contenders, target, mode);
    report({ urls, scenarios });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function measure(contenders: Contenders, target: Target, mode: Mode): Promise<readonly SafetyRound[]> {
  for (const service of Object.values(contenders))
    await runBatches(service, target, { mode, runs: [nextRun++], count: warmUpUrls });
  const measured: SafetyRound[] = [];
  for (let number = 1; number <= rounds; number += 1) {
    // The order turns, so that what a round leaves behind is not always paid for by the same one.
    const names = ['on', 'off', 'paced'] as const;
    const order = names.map((_, index) => names[(index + number) % names.length] ?? 'on');
    const rates: Record<keyof SafetyRound, number> = { on: 0, off: 0, paced: 0 };
    for (const name of order) rates[name] = await rateOf(contenders[name], target, mode);
    measured.push(rates);
    console.log(
      `${mode}, round ${number}: on ${rates.on.toFixed(0)}/s, paced ${rates.paced.toFixed(0)}/s, off ${rates.off.toFixed(0)}/s ` +
        `(on ÷ off ${(rates.on / rates.off).toFixed(2)}, paced ÷ off ${(rates.paced / rates.off).toFixed(2)})`,
    );
  }
  const share = (name: 'on' | 'paced') => median(measured.map((round) => round[name] / round.off)).toFixed(2);
  console.log(`${mode}, median: on ÷ off ${share('on')}, paced ÷ off ${share('paced')}`);
  return measured;
}

async function rateOf(service: Service, target: Target, mode: Mode): Promise<number> {
  flushDisk();
  const batch = await runBatches(service, target, { mode, runs: [nextRun++], count: urls });
  await verifyBatches(service, target, batch);
  return batch.urlsPerSecond;
}

/** What is measured is what it says: the one refuses a private address, the other does not know that there are any. */
async function assertGuarded({ on, paced, off }: Contenders): Promise<void> {
  const statusOf = async ({ origin }: Service) => {
    const body = JSON.stringify({ apiKey: API_KEY, url: 'http://10.255.255.1/', timeoutSec: 1 });
    const answer = await request(`${origin}/jobs`, { method: 'POST', body });
    await answer.body.dump();
    return answer.statusCode;
  };
  const statuses = await Promise.all([on, paced, off].map(statusOf));
  if (statuses.join() !== '403,403,200')
    throw new Error(`the protections are not on and off as they should be: ${statuses.join()}`);
}

function report(figures: SafetyFigures): void {
  const path = process.env['BENCH_OUT'];
  if (path) writeFileSync(path, JSON.stringify(figures));
}

runScript(main);
