import { isDeepStrictEqual } from 'node:util';
import type { BatchCounts, JobSeen } from './api-client';
import type { Receipt } from './receiver';

/** The page that the shop serves for a URL, and so the result that the service must have. */
export interface ExpectedResult {
  readonly url: string;
  readonly statusCode: number;
  readonly body?: string | undefined;
  readonly base64EncodedBody?: string | undefined;
  readonly finalUrl: string;
  /** Visit at which the page is served. More attempts are no mistake, because some never reach the shop. */
  readonly minAttempts: number;
}

export interface Mismatch {
  readonly url: string;
  readonly problem: string;
}

/** Lists the differences between a job object and the page that the shop serves. */
export function checkJob(job: JobSeen, expected: ExpectedResult): Mismatch[] {
  const problems: string[] = [];
  if (job.url !== expected.url) problems.push(`url is ${job.url}`);
  if (job.status !== 'finished')
    problems.push(`status is ${job.status}${job.failReason === undefined ? '' : ` (${job.failReason})`}`);
  else if (job.response === undefined) problems.push('finished without a response');
  else {
    const { statusCode, body, base64EncodedBody, headers } = job.response;
    if (statusCode !== expected.statusCode) problems.push(`statusCode is ${statusCode}, not ${expected.statusCode}`);
    const bodyProblem =
      textDifference('body', body, expected.body) ??
      textDifference('base64EncodedBody', base64EncodedBody, expected.base64EncodedBody);
    if (bodyProblem !== undefined) problems.push(bodyProblem);
    const finalUrl = headers['sa-final-url'];
    if (finalUrl !== expected.finalUrl)
      problems.push(`sa-final-url is ${finalUrl ?? 'missing'}, not ${expected.finalUrl}`);
    if (job.attempts < expected.minAttempts) {
      problems.push(`attempts is ${job.attempts}, but the page takes ${expected.minAttempts} at least`);
    }
  }
  return problems.map((problem) => ({ url: expected.url, problem }));
}

/** Checks that every finished job is acknowledged once, that its callback equals its status URL, and that nothing else is called back. */
export function checkCallbacks(jobs: readonly JobSeen[], receipts: readonly Receipt[]): Mismatch[] {
  const byJob = new Map<string, Receipt[]>();
  for (const receipt of receipts) {
    const list = byJob.get(receipt.job.id);
    if (list === undefined) byJob.set(receipt.job.id, [receipt]);
    else list.push(receipt);
  }
  const mismatches: Mismatch[] = [];
  for (const job of jobs) {
    const calls = byJob.get(job.id) ?? [];
    byJob.delete(job.id);
    const acknowledged = calls.filter((call) => call.isAcknowledged).length;
    if (acknowledged === 0 && job.status === 'finished')
      mismatches.push({ url: job.url, problem: 'no callback was received' });
    if (acknowledged > 1) mismatches.push({ url: job.url, problem: `its callback came ${acknowledged} times` });
    if (calls.some((call) => !isSameResult(call.job, job))) {
      mismatches.push({ url: job.url, problem: 'its callback differs from its status URL' });
    }
  }
  for (const calls of byJob.values()) {
    for (const { job } of calls)
      mismatches.push({ url: job.url, problem: `callback for a job that was not asked for (${job.id})` });
  }
  return mismatches;
}

/** Checks that the counts of a batch sum to its total; returns the problem, if there is one. */
export function checkCounts(counts: BatchCounts): string | undefined {
  const { total, queued, running, finished, failed, cancelled } = counts;
  const sum = queued + running + finished + failed + cancelled;
  return sum === total ? undefined : `the counts of the batch sum to ${sum}, not ${total}: ${JSON.stringify(counts)}`;
}

function isSameResult(one: JobSeen, other: JobSeen): boolean {
  const result = ({ id, url, status, attempts, response }: JobSeen) => ({ id, url, status, attempts, response });
  return isDeepStrictEqual(result(one), result(other));
}

function textDifference(name: string, found: string | undefined, expected: string | undefined): string | undefined {
  if (found === expected) return undefined;
  if (found === undefined) return `${name} is missing`;
  if (expected === undefined) return `there is a ${name} of ${found.length} characters where none was expected`;
  let at = 0;
  while (found[at] === expected[at]) at += 1;
  const around = (text: string): string => JSON.stringify(text.slice(at, at + 30));
  return `${name} differs from character ${at} on: ${around(found)} instead of ${around(expected)}`;
}
