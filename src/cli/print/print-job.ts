import type { AnyJob } from '../../client/index';
import type { CliContext } from '../context';
import { printFields } from './table';
import { when } from './when';

/** Prints a job without its page. */
export async function printJob(context: CliContext, job: AnyJob): Promise<void> {
  const { response, lastFailure } = job;
  await printFields(context, [
    ['job', job.id],
    ['url', job.url],
    ['your id', job.clientId],
    ['status', job.status],
    ['why', job.failReason],
    ['attempts', String(job.attempts)],
    ['last failure', lastFailure === undefined ? undefined : failureText(lastFailure)],
    ['next attempt', job.status === 'running' ? when(job.supposedToRunAt) : undefined],
    ['page', response?.statusCode === undefined ? undefined : pageText(response)],
    ['credits', job.credits === undefined ? undefined : String(job.credits)],
    ['ended', when(job.finishedAt)],
    ['kept until', when(job.expiresAt)],
  ]);
}

const pageText = ({ statusCode, headers }: NonNullable<AnyJob['response']>): string =>
  [String(statusCode), headers['content-type']].filter((each) => each !== undefined).join(' ');

/** Why an attempt did not bring the page: `blocked 403 (cloudflare)`. */
export const failureText = ({ reason, statusCode, detail }: NonNullable<AnyJob['lastFailure']>): string =>
  [reason, statusCode === undefined ? '' : String(statusCode), detail === undefined ? '' : `(${detail})`]
    .filter((part) => part !== '')
    .join(' ');

/** Why a job has ended without a page. */
export function endText(job: AnyJob): string {
  const { failReason, lastFailure } = job;
  if (job.status === 'cancelled') return 'the job was cancelled';
  const last = lastFailure === undefined ? '' : `; its last failure was ${failureText(lastFailure)}`;
  return `the page could not be fetched: ${failReason ?? 'failed'} after ${job.attempts} ${job.attempts === 1 ? 'attempt' : 'attempts'}${last}`;
}
