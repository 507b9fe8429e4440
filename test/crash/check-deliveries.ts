import { waitFor } from '../support/wait-for';
import type { BatchUnderTest } from './check-batch';
import type { DeliveryCall } from './delivery-receiver';
import type { Deployment } from './deployments';
import { Findings } from './findings';

/**
 * Calls made again although they had been answered with 2xx: one window of calls whose results were not yet recorded when
 * the worker was killed.
 */
export const MAX_REPEATED = 600;

const LOGGED_WITHIN_MS = 60_000;
const PAGE_LIMIT = 500;

/** What is wrong with the calls that arrived for a batch: empty when each job was called back, as the same call every time. */
export function callProblems(calls: readonly DeliveryCall[], { jobIds }: BatchUnderTest): string[] {
  const missing = new Findings('jobs have no call that was answered with 2xx');
  const ids = new Findings('webhook ids are wrong');
  const bodies = new Findings('jobs were called back with different bodies');
  const signatures = new Findings('signatures do not hold');
  const strange = new Findings('calls are of no job of the batch');
  const callsOf = callsByJob(calls);
  const jobOf = new Map<string, string>();
  for (const id of jobIds) {
    const ofJob = callsOf.get(id) ?? [];
    if (!ofJob.some(({ answer }) => answer === 200)) missing.add(`${id} (${ofJob.length} calls)`);
    for (const { webhookId, signatureProblem } of ofJob) {
      if (webhookId !== ofJob[0]?.webhookId) ids.add(`${id} has ${webhookId} and ${ofJob[0]?.webhookId}`);
      if ((jobOf.get(webhookId) ?? id) !== id) ids.add(`${webhookId} is that of ${id} and ${jobOf.get(webhookId)}`);
      jobOf.set(webhookId, id);
      if (signatureProblem !== undefined) signatures.add(`${id}: ${signatureProblem}`);
    }
    if (ofJob.some(({ body }) => body !== ofJob[0]?.body)) bodies.add(id);
  }
  const known = new Set(jobIds);
  for (const id of callsOf.keys()) if (!known.has(id)) strange.add(id);
  const repeated = repeatedCalls(calls);
  return [
    ...[missing, ids, bodies, signatures, strange].flatMap((findings) => findings.lines()),
    ...(repeated > MAX_REPEATED ? [`${repeated} calls were made again after a 2xx, more than ${MAX_REPEATED}`] : []),
  ];
}

/** Calls of jobs of which an earlier one had been answered with 2xx. */
export function repeatedCalls(calls: readonly DeliveryCall[]): number {
  return [...callsByJob(calls).values()].reduce((sum, ofJob) => {
    const first = ofJob.findIndex(({ answer }) => answer === 200);
    return sum + (first === -1 ? 0 : ofJob.length - 1 - first);
  }, 0);
}

function callsByJob(calls: readonly DeliveryCall[]): Map<string, DeliveryCall[]> {
  const callsOf = new Map<string, DeliveryCall[]>();
  for (const call of calls) {
    const ofJob = callsOf.get(call.jobId);
    if (ofJob === undefined) callsOf.set(call.jobId, [call]);
    else ofJob.push(call);
  }
  return callsOf;
}

/** What is wrong with the log: its pages have to add up to one delivery per job, each delivered under the id that was sent. */
export async function logProblems(
  deployment: Deployment,
  calls: readonly DeliveryCall[],
  { id: batchId, jobIds }: BatchUnderTest,
): Promise<string[]> {
  const count = async (status: string) => (await readLog(deployment, batchId, status)).length;
  // What was answered last may not be recorded yet; and what was not recorded before the kill is called once more.
  await waitFor(async () => (await count('pending')) === 0, { timeoutMs: LOGGED_WITHIN_MS, intervalMs: 200 }).catch(
    () => undefined, // bounded, and without a verdict: what is missing is told below
  );
  const wrong = new Findings('deliveries of the log are wrong');
  const delivered = await readLog(deployment, batchId, 'delivered');
  const jobOf = new Map(calls.map(({ webhookId, jobId }) => [webhookId, jobId]));
  for (const { id, jobId } of delivered)
    if (jobOf.get(id) !== jobId) wrong.add(`${id} is that of ${jobId}, the call with this id was of ${jobOf.get(id)}`);
  const distinct = new Set(delivered.map(({ jobId }) => jobId)).size;
  return [
    ...(delivered.length === jobIds.length && distinct === jobIds.length
      ? []
      : [`the log has ${delivered.length} delivered of ${distinct} of ${jobIds.length} jobs`]),
    ...wrong.lines(),
  ];
}

interface LoggedDelivery {
  readonly id: string;
  readonly jobId?: string;
}

async function readLog(deployment: Deployment, batchId: string, status: string): Promise<LoggedDelivery[]> {
  const items: LoggedDelivery[] = [];
  let cursor = '';
  do {
    const path = `/webhooks/deliveries?batch=${batchId}&status=${status}&limit=${PAGE_LIMIT}${cursor}`;
    const answer = await deployment.call('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path} was answered with ${answer.status}`);
    const { items: page, nextCursor } = answer.body as { items: LoggedDelivery[]; nextCursor?: string };
    items.push(...page);
    cursor = nextCursor === undefined ? '' : `&cursor=${encodeURIComponent(nextCursor)}`;
  } while (cursor !== '');
  return items;
}
