/* A batch of 50,000 URLs from the submission to the last page on disk: everfetch, BullMQ and a bare loop in turns, in one run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runBatches, verifyBatches } from './batch-run';
import { flushDisk, runBarePeer, runStoringPeer } from './contenders';
import { startService } from './embedded-service';
import type { Service, ServiceCpu } from './embedded-service';
import { reportFigures } from './figures';
import type { BatchFigures, BatchRound, CpuPerUrl } from './figures';
import { MODES } from './page';
import type { Mode } from './page';
import { startPeer } from './peers/peer-process';
import type { Peer } from './peers/peer-process';
import { startRedis } from './peers/redis';
import { machineCpuMs, readProcess, watchResidentMb } from './processes';
import { runScript } from './run-script';
import { readSettings } from './settings';
import { startTarget } from './target-process';
import type { Target } from './target-process';

interface Contenders {
  readonly target: Target;
  readonly service: Service;
  readonly bullmq: Peer;
  readonly bare: Peer;
}

interface Measured {
  readonly round: BatchRound;
  readonly peakResidentMb: number;
  readonly cpu: CpuPerUrl;
}

const { urls, rounds, warmUpUrls } = readSettings();
const IDLE_MS = 3_000;
/** What follows the last page, such as the end of the workflows, is paid for by the batch as well. */
const AFTERMATH_MS = 1_000;

let nextRun = 1;

async function main(): Promise<void> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const target = await startTarget();
    closing.push(() => target.stop());
    const redis = await startRedis();
    closing.push(() => redis.stop());
    const bullmq = await startPeer('bullmq.mjs', [String(redis.port)]);
    closing.push(() => bullmq.stop());
    const bare = await startPeer('bare-loop.mjs');
    closing.push(() => bare.stop());

    const scenarios: Partial<Record<Mode, Measured[]>> = {};
    let idle = { idleCores: 0, otherCores: 0 };
    for (const mode of MODES) {
      const service = await startService(); // a new one, so that the data of one scenario is no burden to the next
      try {
        const contenders = { target, service, bullmq, bare };
        await warmUp(contenders, mode);
        if (mode === 'plain') idle = await measureIdle(service);
        const measured: Measured[] = [];
        for (let number = 1; number <= rounds; number += 1) measured.push(await runRound(contenders, mode, number));
        scenarios[mode] = measured;
      } finally {
        await service.stop();
      }
    }

    const { plain = [], failing = [], gzip = [] } = scenarios;
    const roundsOf = (measured: readonly Measured[]) => measured.map(({ round }) => round);
    const figures: BatchFigures = {
      urls,
      scenarios: { plain: roundsOf(plain), failing: roundsOf(failing), gzip: roundsOf(gzip) },
      peakResidentMb: plain.map(({ peakResidentMb }) => peakResidentMb),
      cpuMsPerUrl: plain.map(({ cpu }) => cpu),
      ...idle,
    };
    reportFigures('batch', figures);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function warmUp({ target, service, bullmq, bare }: Contenders, mode: Mode): Promise<void> {
  const order = () => ({ mode, run: nextRun++, count: warmUpUrls });
  await runBatches(service, target, { mode, runs: [nextRun++], count: warmUpUrls });
  await runStoringPeer(bullmq, target, order());
  await runBarePeer(bare, target, order());
}

async function runRound({ target, service, bullmq, bare }: Contenders, mode: Mode, number: number): Promise<Measured> {
  const order = () => ({ mode, run: nextRun++, count: urls });
  flushDisk();
  const stopWatching = watchResidentMb(service.pid);
  const before = service.cpu();
  const targetBefore = readProcess(target.pid)?.cpuMs ?? 0;
  const batch = await runBatches(service, target, { mode, runs: [nextRun++], count: urls });
  await sleep(AFTERMATH_MS);
  const cpu = cpuPerUrl(before, service.cpu(), (readProcess(target.pid)?.cpuMs ?? 0) - targetBefore);
  const peakResidentMb = stopWatching();
  const refetches = await verifyBatches(service, target, batch);
  flushDisk();

  const round: BatchRound = {
    everfetch: batch.urlsPerSecond,
    refetches,
    bullmq: await runStoringPeer(bullmq, target, order()),
    bare: await runBarePeer(bare, target, order()),
  };
  console.log(
    `${mode}, round ${number}: everfetch ${round.everfetch.toFixed(0)}/s, BullMQ ${round.bullmq.toFixed(0)}/s (ratio ${(round.everfetch / round.bullmq).toFixed(2)}), ` +
      `bare loop ${round.bare.toFixed(0)}/s (ratio ${(round.everfetch / round.bare).toFixed(2)}), refetched ${round.refetches}; peak ${peakResidentMb.toFixed(0)} MB; ` +
      `CPU ms per URL: Node ${cpu.node.toFixed(3)}, PostgreSQL ${cpu.postgres.toFixed(3)}, Temporal ${cpu.temporal.toFixed(3)}, target ${cpu.target.toFixed(3)}`,
  );
  return { round, peakResidentMb, cpu };
}

function cpuPerUrl(before: ServiceCpu, after: ServiceCpu, targetMs: number): CpuPerUrl {
  return {
    node: (after.nodeMs - before.nodeMs) / urls,
    postgres: (after.postgresMs - before.postgresMs) / urls,
    temporal: (after.temporalMs - before.temporalMs) / urls,
    target: targetMs / urls,
  };
}

/** What the idle service takes from the contender that runs beside it, and what else is at work on the machine. */
async function measureIdle(service: Service): Promise<{ idleCores: number; otherCores: number }> {
  const total = ({ nodeMs, postgresMs, temporalMs }: ServiceCpu) => nodeMs + postgresMs + temporalMs;
  const serviceBefore = total(service.cpu());
  const machineBefore = machineCpuMs();
  await sleep(IDLE_MS);
  const serviceMs = total(service.cpu()) - serviceBefore;
  const idleCores = serviceMs / IDLE_MS;
  const otherCores = Math.max(0, machineCpuMs() - machineBefore - serviceMs) / IDLE_MS;
  console.log(
    `idle: everfetch ${(100 * idleCores).toFixed(1)} % of a core, all else ${(100 * otherCores).toFixed(1)} %`,
  );
  if (otherCores > 0.1) console.log('WARNING: something else is at work on this machine; the rates will be wrong.');
  return { idleCores, otherCores };
}

runScript(main);
