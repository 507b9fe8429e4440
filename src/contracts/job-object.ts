import type { FailReason } from './fail-reasons';
import type { RefusalTerms } from './fetch-outcome';

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
  /** With `autoparse`, what the page declares about itself, as an object. */
  readonly body?: unknown;
  readonly base64EncodedBody?: string;
  /** In a callback whose page is too large to be sent: where it can be read. */
  readonly bodyUrl?: string;
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
}

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** What we know of the page stands among its headers, as strings: existing clients read it there. */
function withOurHeaders(
  response: JobResponse | undefined,
  { id, credits, hasScreenshot }: JobRecord,
  publicUrl: string,
): JobResponse | undefined {
  if (response === undefined) return undefined;
  const ours = {
    ...(credits !== undefined && { 'sa-credit-cost': String(credits) }),
    ...(hasScreenshot === true && { 'sa-screenshot': `${publicUrl}/jobs/${id}/screenshot` }),
  };
  return { ...response, headers: { ...response.headers, ...ours } };
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
  switch (job.status) {
    case 'running':
      return present({
        ...base,
        statusUrl,
        url: job.url,
        supposedToRunAt: job.nextAttemptAt?.toISOString(),
        lastFailure: job.lastFailure,
        meta: job.meta,
      });
    case 'finished':
      return present({
        ...base,
        statusUrl,
        url: job.url,
        response: withOurHeaders(options.response, job, options.publicUrl),
        error: options.error,
        meta: job.meta,
        ...ended,
        credits: job.credits,
      });
    case 'failed':
      return present({
        ...base,
        failReason: job.failReason,
        statusCode: job.failReason === 'max_cost_exceeded' ? 403 : undefined,
        url: job.url,
        meta: job.meta,
        lastFailure: job.lastFailure,
        ...ended,
      });
    case 'cancelled':
      return present({ ...base, url: job.url, meta: job.meta, ...ended });
  }
}
