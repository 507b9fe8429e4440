import type { FailReason } from './fail-reasons';
import type { RefusalTerms } from './fetch-outcome';
import type { VerbatimJson } from './verbatim-json';

export type JobStatus = 'running' | 'finished' | 'failed' | 'cancelled';

/** The last attempt that did not end the job. */
export interface LastFailure extends RefusalTerms {
  /** Kind of trouble: blocked, throttled, refused, unreachable, unsuccessful, unconvertible, too-many-redirects, too-large. */
  readonly reason: string;
  readonly statusCode?: number;
  /** Error code, name of the protection, or what `successWhen` missed. */
  readonly detail?: string;
  /** Of a block: the marker that decided. */
  readonly signal?: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface JobResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly statusCode: number;
  /** Text, or JSON that `jobObjectJson` splices in. */
  readonly body?: string | VerbatimJson;
  readonly base64EncodedBody?: string;
  /** In a callback whose page is too large to be sent: where it can be read. */
  readonly bodyUrl?: string;
  /** What was charged, as `sa-credit-cost` among the headers and `credits` of the job. */
  readonly credits?: number;
}

/** What is known of a job, wherever it is shown: status URL, callback, listing. */
export interface JobRecord {
  readonly id: string;
  readonly url: string;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly meta?: unknown;
  readonly nextAttemptAt?: Date;
  readonly lastFailure?: LastFailure;
  readonly failReason?: FailReason;
  readonly endedAt?: Date;
  readonly hasScreenshot?: boolean;
  /** What was charged, once the job has ended. */
  readonly credits?: number;
  /** Parameters that were left out, because the installation has not been given what they need. */
  readonly ignoredParams?: readonly string[];
}

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** What we know of the page stands among its headers, as strings, and the price as a number beside them: existing clients read both. */
function withOurs(
  response: JobResponse | undefined,
  { id, credits, hasScreenshot }: JobRecord,
  publicUrl: string,
): JobResponse | undefined {
  if (response === undefined) return undefined;
  const ours = {
    ...(credits !== undefined && { 'sa-credit-cost': String(credits) }),
    ...(hasScreenshot === true && { 'sa-screenshot': `${publicUrl}/jobs/${id}/screenshot` }),
  };
  return { ...response, headers: { ...response.headers, ...ours }, ...(credits !== undefined && { credits }) };
}

/**
 * The job object of the HTTP surface: exactly the fields that a state has.
 * A failed job has neither `response` nor `statusUrl`, because existing clients tell the states apart by that.
 */
export function jobObject(
  job: JobRecord,
  options: {
    readonly publicUrl: string;
    readonly retentionMs: number;
    readonly response?: JobResponse | undefined;
    /** Why a finished job comes without its page, where other pages have to go on. */
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
  const { meta, ignoredParams } = job;
  switch (job.status) {
    case 'running':
      return present({
        ...base,
        statusUrl,
        url: job.url,
        supposedToRunAt: job.nextAttemptAt?.toISOString(),
        lastFailure: job.lastFailure,
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
        meta,
        ignoredParams,
        lastFailure: job.lastFailure,
        ...ended,
      });
    case 'cancelled':
      return present({ ...base, url: job.url, meta, ignoredParams, ...ended });
  }
}
