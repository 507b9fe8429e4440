import { z } from 'zod';
import { Attempts } from './attempt-object';
import { failReasons } from './fail-reasons';
import type { FailReason } from './fail-reasons';
import type { VerbatimJson } from './verbatim-json';

/** Schemas of what `jobObject` returns in each state. The OpenAPI document is made from them, and tests compare answers with them. */

const time = z.iso.datetime();
const id = z.uuid().describe('UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000).');
const attempts = z.int().min(0).describe('Fetches made.');
const url = z.string().describe('The target exactly as it was sent.');
const statusUrl = z.string().describe('Where this object can be read.');
const clientId = z.string().optional().describe('The `id` that its line had, in a batch of lines.');
const meta = z.unknown().optional().describe('What was sent as `meta`.');
const ignoredParams = z
  .array(z.string())
  .optional()
  .describe(
    'Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`).',
  );
const ended = {
  finishedAt: time.optional().describe('When the job ended.'),
  expiresAt: time.optional().describe('When retention removes the job; from then on its id answers 410.'),
};

export const LastFailure = z
  .strictObject({
    reason: z
      .string()
      .describe(
        'blocked, throttled, refused, unreachable, unsuccessful, unconvertible, too-many-redirects, too-large, forbidden or disallowed; not-tried: the job ended before its first fetch.',
      ),
    statusCode: z.int().optional(),
    detail: z
      .string()
      .optional()
      .describe('Error code, name of the protection, what `successWhen` missed, or why the job was not tried.'),
    signal: z.string().optional().describe('The marker in the page that showed the block.'),
    crawlerPrice: z
      .string()
      .max(100)
      .optional()
      .describe('The header `crawler-price` of an answer 402. Nothing is ever paid.'),
    termsUrl: z
      .string()
      .max(2_048)
      .optional()
      .describe('The first link to `terms-of-service`, `license` or `payment` of an answer 402.'),
    paymentRequired: z
      .string()
      .max(2_048)
      .optional()
      .describe('The header `PAYMENT-REQUIRED` (x402) of an answer 402.'),
    blockedByUrl: z.string().max(2_048).optional().describe('The link `blocked-by` of an answer 451.'),
    at: time,
  })
  .describe('The last attempt that did not bring a page.');
export type LastFailure = Readonly<z.output<typeof LastFailure>>;

export const JobResponse = z
  .strictObject({
    headers: z
      .record(z.string(), z.string())
      .describe(
        'Headers of the target, with names in lower case, and `sa-final-url`, `sa-statuscode`, `sa-credit-cost`, `sa-screenshot`.',
      ),
    statusCode: z.int(),
    body: z
      .unknown()
      .optional()
      .describe(
        'The page as Unicode text, whatever its charset. A page that is declared as JSON and valid is the JSON value itself, unless `json_body` or the setting `JSON_BODIES` is `text`; with `autoparse` an object.',
      ),
    base64EncodedBody: z.string().optional().describe('Instead of `body` where the page is not text.'),
    bodyUrl: z
      .string()
      .optional()
      .describe('Only in a callback whose page is over 10 MB, instead of it: where the page can be read.'),
    credits: z.int().min(0).optional().describe('What was charged.'),
  })
  .describe('The page. With `?response=false` neither body field is there.');

/** The response before it is serialized: a body that is known to be JSON is inserted by `jobObjectJson` without being parsed. */
export type JobResponse = Readonly<Omit<z.output<typeof JobResponse>, 'body'>> & {
  readonly body?: string | VerbatimJson;
};

const tried = Attempts.optional();

export const RunningJob = z.strictObject({
  id,
  attempts,
  status: z.literal('running'),
  statusUrl,
  url,
  supposedToRunAt: time.optional().describe('The next attempt, once one has failed.'),
  lastFailure: LastFailure.optional(),
  clientId,
  meta,
  ignoredParams,
  tried,
});

export const FinishedJob = z.strictObject({
  id,
  attempts,
  status: z.literal('finished'),
  statusUrl,
  url,
  response: JobResponse.optional(),
  error: z
    .literal('page_damaged')
    .optional()
    .describe('In place of `response`, in a line of results and in a callback: the stored page is damaged.'),
  clientId,
  meta,
  ignoredParams,
  credits: z.int().min(0).optional().describe('What was charged.'),
  ...ended,
  tried,
});

/** A failed job has neither `response` nor `statusUrl`, because existing clients tell the states apart by that. */
export const FailedJob = z.strictObject({
  id,
  attempts,
  status: z.literal('failed'),
  failReason: z
    .enum(Object.keys(failReasons) as [FailReason, ...FailReason[]])
    .optional()
    .describe('Why it failed.'),
  statusCode: z.literal(403).optional().describe('Only with `max_cost_exceeded`.'),
  url,
  clientId,
  meta,
  ignoredParams,
  lastFailure: LastFailure.optional(),
  ...ended,
  tried,
});

export const CancelledJob = z.strictObject({
  id,
  attempts,
  status: z.literal('cancelled'),
  url,
  clientId,
  meta,
  ignoredParams,
  ...ended,
  tried,
});

/** A finished job in a list. */
export const ListedFinishedJob = FinishedJob.omit({ response: true, error: true, tried: true }).extend({
  statusCode: z.int().optional().describe('Status of the page.'),
});

export const JobObject = z.discriminatedUnion('status', [RunningJob, FinishedJob, FailedJob, CancelledJob]);
export type JobObject = z.output<typeof JobObject>;

/** Answer of a submission for each URL. */
export const AcceptedJob = z.strictObject({
  id,
  attempts: z.literal(0),
  status: z.literal('running'),
  statusUrl,
  url,
  supposedToRunAt: time.optional().describe('When the job was accepted; not in the elements of a batch.'),
  meta,
  ignoredParams,
});
