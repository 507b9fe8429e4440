import type { Job } from '../../client/index';
import type { CliContext } from '../context';
import { printFields } from './table';
import { when } from './when';

interface SeenJob {
  readonly failReason?: string | undefined;
  readonly statusCode?: number | undefined;
  readonly response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> } | undefined;
  readonly lastFailure?:
    | {
        readonly reason: string;
        readonly statusCode?: number | undefined;
        readonly detail?: string | undefined;
        readonly at?: string;
      }
    | undefined;
  readonly clientId?: string | undefined;
  readonly credits?: number | undefined;
  readonly supposedToRunAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly expiresAt?: string | undefined;
}

/** Prints a job without its page. */
export async function printJob(context: CliContext, job: Job): Promise<void> {
  const seen: SeenJob = job;
  const { response, lastFailure } = seen;
  await printFields(context, [
    ['job', job.id],
    ['url', job.url],
    ['your id', seen.clientId],
    ['status', job.status],
    ['why', seen.failReason],
    ['attempts', String(job.attempts)],
    ['last failure', lastFailure === undefined ? undefined : failureText(lastFailure)],
    ['next attempt', job.status === 'running' ? when(seen.supposedToRunAt) : undefined],
    ['page', response?.statusCode === undefined ? undefined : pageText(response)],
    ['credits', seen.credits === undefined ? undefined : String(seen.credits)],
    ['ended', when(seen.finishedAt)],
    ['kept until', when(seen.expiresAt)],
  ]);
}

const pageText = ({ statusCode, headers = {} }: NonNullable<SeenJob['response']>): string =>
  [String(statusCode), headers['content-type']].filter((each) => each !== undefined).join(' ');

/** Why an attempt did not bring the page: `blocked 403 (cloudflare)`. */
export const failureText = ({ reason, statusCode, detail }: NonNullable<SeenJob['lastFailure']>): string =>
  [reason, statusCode === undefined ? '' : String(statusCode), detail === undefined ? '' : `(${detail})`]
    .filter((part) => part !== '')
    .join(' ');

/** Why a job has ended without a page. */
export function endText(job: Job): string {
  const { failReason, lastFailure }: SeenJob = job;
  if (job.status === 'cancelled') return 'the job was cancelled';
  const last = lastFailure === undefined ? '' : `; its last failure was ${failureText(lastFailure)}`;
  return `the page could not be fetched: ${failReason ?? 'failed'} after ${job.attempts} ${job.attempts === 1 ? 'attempt' : 'attempts'}${last}`;
}
