import type { FailReason } from './fail-reasons';
import type { JobObject, JobResponse, LastFailure } from './job-object-schema';
import { screenshotUrl } from './screenshot-url';

export type JobStatus = JobObject['status'];

/** The fields of a job that clients see in its status URL, in callbacks and in listings. */
export interface JobRecord {
  readonly id: string;
  readonly url: string;
  readonly status: JobStatus;
  readonly attempts: number;
  /** The caller's own id of a URL of a batch. */
  readonly clientId?: string;
  readonly meta?: unknown;
  readonly nextAttemptAt?: Date;
  readonly lastFailure?: LastFailure;
  readonly failReason?: FailReason;
  readonly endedAt?: Date;
  readonly hasScreenshot?: boolean;
  /** Credits that were charged, once the job has ended. */
  readonly credits?: number;
  /** Parameters that were left out, because this server lacks what they need. */
  readonly ignoredParams?: readonly string[];
}

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Adds our own `sa-…` headers to those of the target, and the price as a number beside them, because existing clients read both. */
function withOurs(
  response: JobResponse | undefined,
  { id, credits, hasScreenshot }: JobRecord,
  publicUrl: string,
): JobResponse | undefined {
  if (response === undefined) return undefined;
  const ours = {
    ...(credits !== undefined && { 'sa-credit-cost': String(credits) }),
    ...(hasScreenshot === true && { 'sa-screenshot': screenshotUrl(publicUrl, id) }),
  };
  return { ...response, headers: { ...response.headers, ...ours }, ...(credits !== undefined && { credits }) };
}

/**
 * The job object of the HTTP API, with exactly the fields of its state.
 * A failed job has neither `response` nor `statusUrl`, because existing clients tell the states apart by that.
 */
export function jobObject(
  job: JobRecord,
  options: {
    readonly publicUrl: string;
    readonly retentionMs: number;
    readonly response?: JobResponse | undefined;
    /** Set where a finished job is listed without its page, because the stored page is damaged. */
    readonly error?: 'page_damaged' | undefined;
  },
): Record<string, unknown> {
  const statusUrl = `${options.publicUrl}/jobs/${job.id}`;
  const ended = {
    finishedAt: job.endedAt?.toISOString(),
    expiresAt:
      job.endedAt === undefined ? undefined : new Date(job.endedAt.getTime() + options.retentionMs).toISOString(),
  };
  const base = { id: job.id, attempts: job.attempts, status: job.status };
  const { clientId, meta, ignoredParams } = job;
  switch (job.status) {
    case 'running':
      return present({
        ...base,
        statusUrl,
        url: job.url,
        supposedToRunAt: job.nextAttemptAt?.toISOString(),
        lastFailure: job.lastFailure,
        clientId,
        meta,
        ignoredParams,
      });
    case 'finished':
      return present({
        ...base,
        statusUrl,
        url: job.url,
        response: withOurs(options.response, job, options.publicUrl),
        error: options.error,
        clientId,
        meta,
        ignoredParams,
        ...ended,
        credits: job.credits,
      });
    case 'failed':
      return present({
        ...base,
        failReason: job.failReason,
        statusCode: job.failReason === 'max_cost_exceeded' ? 403 : undefined,
        url: job.url,
        clientId,
        meta,
        ignoredParams,
        lastFailure: job.lastFailure,
        ...ended,
      });
    case 'cancelled':
      return present({ ...base, url: job.url, clientId, meta, ignoredParams, ...ended });
  }
}

/** The job object of lists: without the page, of which only the status is there. */
export function listedJobObject(
  job: JobRecord & { readonly statusCode?: number },
  options: { readonly publicUrl: string; readonly retentionMs: number },
): Record<string, unknown> {
  const object = jobObject(job, options);
  return job.status === 'finished' && job.statusCode !== undefined ? { ...object, statusCode: job.statusCode } : object;
}
