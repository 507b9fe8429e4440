import { waitFor } from '../support/wait-for';
import { callProblems, logProblems, repeatedCalls } from './check-deliveries';
import { startDeliveryReceiver } from './delivery-receiver';
import type { DeliveryReceiver } from './delivery-receiver';
import { victimNames } from './deployments';
import type { Deployment, Victim } from './deployments';
import { startQuickTarget } from './quick-target';
import { createRandom } from './random';
import { submitBatch } from './submit-batch';

export interface DeliveryRoundResult {
  readonly what: string;
  /** Share of the jobs that had been called back when it happened. */
  readonly progress: number;
  /** Time from the kill until the next call arrived; undefined when none was left. */
  readonly recoveryMs: number | undefined;
  /** Time from the submission until every job had been called back. */
  readonly calledBackMs: number;
  readonly calls: number;
  /** Calls that the receiver answered with 500 or by cutting the connection. */
  readonly refused: number;
  /** Calls after one that was answered with 2xx. */
  readonly repeated: number;
  /** Empty: everything is as it should be. */
  readonly problems: readonly string[];
}

/** What a kill can hit here: the process that makes the calls, alone or with everything else. */
export const deliveryVictims = ['service', 'worker'] as const satisfies readonly Victim[];

const THAT_FAR_WITHIN_MS = 120_000;
/** Longest wait: a dead worker is noticed within 30 s, and a call that was refused twice waits for 5 s and 30 s. */
const CALLED_BACK_WITHIN_MS = 180_000;

/** What was in the sockets when the caller was killed still arrives for a moment. A new one takes a second to start. */
const AFTERGLOW_MS = 200;

export interface DeliveryRoundOptions {
  readonly deployment: Deployment;
  readonly victim: (typeof deliveryVictims)[number];
  readonly pages: number;
  readonly seed: number;
  /** Refused calls of one job. @default 2 */
  readonly mostTroubles?: number;
}

/** While a batch is called back, the caller is killed with signal 9; then every job has to be called back, as one call. */
export async function deliveryRound(options: DeliveryRoundOptions): Promise<DeliveryRoundResult> {
  const { deployment, victim, pages, seed, mostTroubles } = options;
  const random = createRandom(seed);
  const killAt = 0.05 + 0.9 * random();
  const secret = await readSecret(deployment);
  const target = await startQuickTarget(pages);
  const receiver = await startDeliveryReceiver({ secret, random, mostTroubles });
  try {
    const submittedAtMs = performance.now();
    const batch = await submitBatch(deployment, target.urls, receiver.url);
    const acknowledged = await untilCalledBack(receiver, killAt * pages, THAT_FAR_WITHIN_MS);
    await deployment.kill(victim);
    const killedAtMs = performance.now();
    await deployment.revive(victim);
    const missing = await untilCalledBack(receiver, pages, CALLED_BACK_WITHIN_MS).then(
      () => [],
      (error: Error) => [error.message], // the checks tell which
    );
    const calledBackMs = performance.now() - submittedAtMs;
    const log = await logProblems(deployment, receiver.calls, batch);
    const { calls } = receiver;
    const next = calls.find(({ atMs }) => atMs > killedAtMs + AFTERGLOW_MS);
    return {
      what: `kill -9 of ${victimNames[victim]}`,
      progress: acknowledged / pages,
      recoveryMs: next && next.atMs - killedAtMs,
      calledBackMs,
      calls: calls.length,
      refused: calls.filter(({ answer }) => answer !== 200).length,
      repeated: repeatedCalls(calls),
      problems: [...missing, ...callProblems(calls, batch), ...log],
    };
  } finally {
    await Promise.all([target.close(), receiver.close()]);
  }
}

async function readSecret(deployment: Deployment): Promise<string> {
  const { status, body } = await deployment.call('GET', '/webhooks/secret');
  if (status !== 200) throw new Error(`GET /webhooks/secret was answered with ${status}`);
  return (body as { secret: string }).secret;
}

/** @returns how many were */
async function untilCalledBack(receiver: DeliveryReceiver, jobs: number, timeoutMs: number): Promise<number> {
  const message = `the callbacks of ${Math.ceil(jobs)} jobs`;
  await waitFor(() => receiver.acknowledgedJobs() >= jobs, { timeoutMs, intervalMs: 2, message });
  return receiver.acknowledgedJobs();
}
