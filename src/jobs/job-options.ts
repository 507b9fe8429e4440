import { z } from 'zod';
import { ApiParams } from './api-params';
import { urlProblem } from './check-url';
import { lenientBoolean, lenientInteger } from './lenient';
import { SuccessRule } from './success-rule';
import { MAX_TIMEOUT_SEC } from './time-limits';

const MAX_META_BYTES = 4_096;

/** Field names are tokens (RFC 9110 §5.1); a value with CR, LF or NUL would end the header early. */
const headers = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'is not a header name'),
  z
    .union([z.string(), z.number(), z.boolean()], { error: 'must be a string' })
    .transform(String)
    // Field values are bytes (RFC 9110 §5.5): what is not in ISO-8859-1 cannot be sent.
    .refine(
      (value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value),
      'contains a control character or one outside ISO-8859-1',
    )
    .refine((value) => value.length <= 16_384, 'is longer than 16384 characters'),
  {
    error: (issue) =>
      issue.code === 'invalid_key' ? 'is not a header name' : 'must be an object of header names and values',
  },
);

export const MAX_HEADERS = 200;

/** An absolute http or https URL, as it was sent. */
const httpUrl = z.string({ error: 'must be a string' }).superRefine((value, context) => {
  const problem = urlProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Receiver of a callback. */
export const WebhookTarget = z.object(
  { type: z.literal('webhook', { error: 'must be "webhook"' }), url: httpUrl },
  { error: 'must be {"type":"webhook","url":"…"}' },
);
export type WebhookTarget = z.output<typeof WebhookTarget>;

/** Everything about a job but its URL. HTTP clients, Temporal clients and the store share this one shape. */
export const JobOptions = z.object({
  method: z
    .string({ error: 'must be a string' })
    .transform((value) => value.toUpperCase())
    .pipe(
      z.enum(['GET', 'POST', 'PUT', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'], {
        error: 'must be GET, POST, PUT, HEAD, PATCH, DELETE or OPTIONS',
      }),
    )
    .nullish(),
  headers: headers.nullish(),
  body: z.string({ error: 'must be a string' }).nullish(),
  callback: WebhookTarget.nullish(),
  expectUnsuccessReport: lenientBoolean.nullish(),
  timeoutSec: lenientInteger(1, MAX_TIMEOUT_SEC).nullish(),
  meta: z
    .unknown()
    .refine(
      (value) => value === undefined || Buffer.byteLength(JSON.stringify(value)) <= MAX_META_BYTES,
      `is larger than ${MAX_META_BYTES} bytes as JSON`,
    )
    .optional(),
  /** Rule that a page has to meet before the job counts as finished. */
  successWhen: SuccessRule.nullish(),
  apiParams: ApiParams.optional(),
});

/** Options as the caller chose them: defaults are not filled in. */
export type JobOptions = z.output<typeof JobOptions>;

/** Options as they are stored. */
export interface AcceptedOptions extends JobOptions {
  /** Parameters that were left out, because this server lacks what they need (`MISSING_FEATURES=ignore`). */
  readonly ignoredParams?: readonly string[];
}

/**
 * How a batch is fetched. `jobs`: a workflow per URL. `sweep`: one activity fetches hundreds of URLs, and only those in lasting
 * trouble get a workflow each.
 */
export const FanOut = z.enum(['jobs', 'sweep'], { error: 'must be "jobs" or "sweep"' });
export type FanOut = z.output<typeof FanOut>;

/** Drops fields that are null or undefined, so that the stored JSON holds only what the caller chose. */
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== null)) as T;
}
