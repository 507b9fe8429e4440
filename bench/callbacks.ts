/* Callbacks of a batch of 50,000 URLs: without any, to one receiver, and beside a dead one, in turns, in one run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runBatches, submitBatches, verifyBatches } from './batch-run';
import type { FinishedBatches } from './batch-run';
import { flushDisk } from './contenders';
import { startDeadReceiver } from './dead-receiver';
import { startService } from './embedded-service';
import type { Service, ServiceCpu } from './embedded-service';
import { reportFigures } from './figures';
import type { CallbackRun, CallbacksRound, CpuPerCall, DeadReceiverKind } from './figures';
import { readProcess, watchResidentMb } from './processes';
import { startReceiver } from './receiver-process';
import type { Receiver } from './receiver-process';
import { runScript } from './run-script';
import { readSettings } from './settings';
import { startTarget } from './target-process';
import type { Target } from './target-process';

interface Bench {
  readonly target: Target;
  readonly receiver: Receiver;
  readonly service: Service;
}

const { urls, rounds, warmUpUrls } = readSettings();
const deadUrls = Math.min(2_000, urls);
/** What follows the last call, such as noting it, is paid for by the calls as well; and a call made twice would show. */
const AFTERMATH_MS = 1_000;

let nextRun = 1;
const order = (count: number) => ({ mode: 'plain' as const, runs: [nextRun++], count });

async function main(): Promise<void> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const target = await startTarget();
    closing.push(() => target.stop());
    const receiver = await startReceiver();
    closing.push(() => receiver.stop());
    const measured: CallbacksRound[] = [];
    for (let number = 1; number <= rounds; number += 1) {
      const round = await runRound(target, receiver, number % 2 === 1 ? 'refuses' : 'silent');
      measured.push(round);
      console.log(`callbacks, round ${number}: ${shown(round)}`);
    }
    reportFigures('callbacks', { urls, deadUrls, rounds: measured });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Each round has a service of its own: the calls that a dead receiver has left would go on in the next one. */
async function runRound(target: Target, receiver: Receiver, deadReceiver: DeadReceiverKind): Promise<CallbacksRound> {
  const service = await startService();
  try {
    const bench = { target, receiver, service };
    await runCalledBack(bench, warmUpUrls);
    // A second batch every time, so that only the calls to the dead receiver are what differs.
    const second = (callback: { readonly callbackUrl?: string } = {}) =>
      submitBatches(service, target, { ...order(deadUrls), ...callback });
    const without = await withFigures(bench, async () => {
      await second();
      return runBatches(service, target, order(urls));
    });
    const alone = await withFigures(bench, async () => {
      await second();
      return runCalledBack(bench, urls);
    });
    const dead = await startDeadReceiver(deadReceiver);
    try {
      const besideDead = await withFigures(bench, async () => {
        await second({ callbackUrl: dead.url });
        return runCalledBack(bench, urls);
      });
      return {
        urlsPerSecondWithout: without.batch.urlsPerSecond,
        peakResidentMbWithout: without.peakResidentMb,
        alone: await callbackRun(bench, alone),
        besideDead: await callbackRun(bench, besideDead),
        deadReceiver,
        cpuMsPerCall: cpuPerCall(without, alone),
      };
    } finally {
      await dead.close();
    }
  } finally {
    await service.stop();
  }
}

/** Resolves when all of the batch has been called back. */
async function runCalledBack({ target, receiver, service }: Bench, count: number): Promise<FinishedBatches> {
  const batch = await runBatches(service, target, { ...order(count), callbackUrl: receiver.url });
  await receiver.untilAllCalled(questionOf(batch));
  return batch;
}

interface Measured {
  readonly batch: FinishedBatches;
  readonly peakResidentMb: number;
  readonly cpu: ServiceCpu & { readonly receiverMs: number };
}

async function withFigures(
  { target, receiver, service }: Bench,
  run: () => Promise<FinishedBatches>,
): Promise<Measured> {
  flushDisk();
  const stopWatching = watchResidentMb(service.pid);
  const cpuNow = () => ({ ...service.cpu(), receiverMs: readProcess(receiver.pid)?.cpuMs ?? 0 });
  const before = cpuNow();
  const batch = await run();
  await sleep(AFTERMATH_MS);
  const after = cpuNow();
  const peakResidentMb = stopWatching();
  await verifyBatches(service, target, batch);
  const cpu = {
    nodeMs: after.nodeMs - before.nodeMs,
    postgresMs: after.postgresMs - before.postgresMs,
    temporalMs: after.temporalMs - before.temporalMs,
    receiverMs: after.receiverMs - before.receiverMs,
  };
  return { batch, peakResidentMb, cpu };
}

async function callbackRun({ receiver }: Bench, { batch, peakResidentMb }: Measured): Promise<CallbackRun> {
  const { calls, firstAtMs, lastAtMs, p50Ms, p99Ms } = await receiver.received(questionOf(batch));
  return {
    urlsPerSecond: batch.urlsPerSecond,
    callsPerSecond: (1_000 * calls) / (lastAtMs - firstAtMs),
    callsPerSecondInAll: (1_000 * calls) / (lastAtMs - batch.submittedAtMs),
    p50Ms,
    p99Ms,
    duplicates: calls - batch.count,
    peakResidentMb,
  };
}

const questionOf = ({ submitted, count }: FinishedBatches) => ({ batchId: submitted[0]?.batchId ?? '', count });

const cpuPerCall = ({ cpu: without }: Measured, { cpu }: Measured): CpuPerCall => ({
  node: (cpu.nodeMs - without.nodeMs) / urls,
  postgres: (cpu.postgresMs - without.postgresMs) / urls,
  temporal: (cpu.temporalMs - without.temporalMs) / urls,
  receiver: cpu.receiverMs / urls,
});

function shown({ urlsPerSecondWithout, alone, besideDead, deadReceiver, cpuMsPerCall: cpu }: CallbacksRound): string {
  const run = (of: CallbackRun) =>
    `${of.urlsPerSecond.toFixed(0)} URLs/s (ratio ${(of.urlsPerSecond / urlsPerSecondWithout).toFixed(2)}), ${of.callsPerSecond.toFixed(0)} calls/s (${of.callsPerSecondInAll.toFixed(0)}/s from the submission), ` +
    `delay p50 ${of.p50Ms} p99 ${of.p99Ms} ms, ${of.duplicates} twice, peak ${of.peakResidentMb.toFixed(0)} MB`;
  return (
    `without ${urlsPerSecondWithout.toFixed(0)} URLs/s; with ${run(alone)}; beside a dead receiver (${deadReceiver}) ${run(besideDead)}, p99 ratio ${(besideDead.p99Ms / alone.p99Ms).toFixed(2)}; ` +
    `CPU ms per call: Node ${cpu.node.toFixed(3)}, PostgreSQL ${cpu.postgres.toFixed(3)}, Temporal ${cpu.temporal.toFixed(3)}, receiver ${cpu.receiver.toFixed(3)}`
  );
}

runScript(main);
