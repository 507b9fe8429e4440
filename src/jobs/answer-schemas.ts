import { z } from 'zod';
import { batchStatuses, pauseReasons } from './batch-object';
import { errorCodes } from './error-codes';
import type { ErrorCode } from './error-codes';
import { failReasons } from './fail-reasons';
import { proxyTiers } from './features';
import type { FailReason } from './fail-reasons';
import { limitReasons } from './limited-by';
import { CancelledJob, FailedJob, ListedFinishedJob, RunningJob } from './job-object-schema';

/** Schemas of all answers but the job object. The OpenAPI document is made from them, and tests compare answers with them. */

const time = z.iso.datetime();
const count = z.int().min(0);
const code = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]).describe('Stable; see docs/errors.md.');

export const BatchObject = z.strictObject({
  id: z.uuid(),
  name: z.string().optional(),
  tags: z.array(z.string()),
  status: z.enum(batchStatuses).describe('While it is paused, nothing new is fetched, and the time given goes on.'),
  pausedBecause: z
    .enum(pauseReasons)
    .optional()
    .describe(
      'Only while it is paused: somebody asked for it, or the next URL would cost more than `maxCredits` allows.',
    ),
  counts: z
    .strictObject({
      total: count,
      queued: count.describe('Never begun.'),
      running: count.describe('Being fetched, or waiting for the next try; as of the last second.'),
      finished: count,
      failed: count,
      cancelled: count,
    })
    .describe('The other counts always sum to `total`.'),
  credits: count.describe('What was charged so far.'),
  maxCredits: z.int().min(1).optional().describe('What it may cost at most.'),
  maxPerHost: z
    .int()
    .min(1)
    .optional()
    .describe('How many of its URLs of one host are fetched at the same time at most.'),
  dedupe: z.literal(true).optional().describe('Equal URLs with equal options are fetched and charged once.'),
  failuresByReason: z
    .partialRecord(z.enum(Object.keys(failReasons) as [FailReason, ...FailReason[]]), count)
    .optional()
    .describe('How many have failed of each kind.'),
  slowestHosts: z
    .array(
      z.strictObject({
        host: z.string(),
        attempts: count.describe('How many took two seconds or longer.'),
        meanMs: count.describe('What these took on average.'),
      }),
    )
    .max(10)
    .optional()
    .describe('The hosts that take longest to answer.'),
  throughput: z
    .array(z.strictObject({ minute: time, finished: count, failed: count }))
    .max(60)
    .optional()
    .describe(
      'How many ended in each of the last 60 minutes, the oldest first; a minute in which none did is left out. Once the batch has ended, the last minutes before that.',
    ),
  etaSeconds: z
    .int()
    .min(1)
    .optional()
    .describe(
      'How long it goes on: from the rate of the last minute and from what waits for its next try. Absent when nothing ended in the last minute, and while the batch is paused.',
    ),
  limitedBy: z
    .strictObject({
      reason: z.enum(limitReasons),
      sentence: z.string().describe('The same for people, with numbers.'),
    })
    .optional()
    .describe(
      'What keeps it from going faster now, as of the last seconds. Only in `GET /batches/{id}` while it runs or is paused; absent when nothing can be said.',
    ),
  createdAt: time,
  endedAt: time.optional(),
  expiresAt: time.optional().describe('When retention removes the results.'),
  resultsUrl: z.string().describe('Where all results can be read as a stream.'),
});

const nextCursor = z.string().optional().describe('Where the next page begins; absent on the last page.');

export const ListedBatch = BatchObject.omit({
  failuresByReason: true,
  slowestHosts: true,
  throughput: true,
  etaSeconds: true,
  limitedBy: true,
}).describe('A batch without what only `GET /batches/{id}` shows.');

export const BatchPage = z.strictObject({ items: z.array(ListedBatch), nextCursor });

export const JobPage = z.strictObject({
  items: z.array(z.discriminatedUnion('status', [RunningJob, ListedFinishedJob, FailedJob, CancelledJob])),
  nextCursor,
});

export const AccountObject = z.strictObject({
  concurrencyLimit: count.describe('URLs fetched at the same time.'),
  concurrentRequests: count.describe('URLs not ended yet.'),
  failedRequestCount: count,
  requestCount: count.describe('Credits used.'),
  requestLimit: count.describe('Credits of this key; 1,000,000,000 where it has no limit.'),
  burst: count.describe('Submissions per second.'),
  subscriptionDate: z.string().describe('When the key was made.'),
  creditsLeft: z.int(),
});

export const UsageHours = z.strictObject({
  items: z
    .array(
      z.strictObject({
        hour: time.describe('When it began (UTC).'),
        credits: count,
        finished: count,
        failed: count,
        cancelled: count,
      }),
    )
    .max(2_200)
    .describe('The oldest first; an hour in which nothing ended is left out.'),
});

export const HostObject = z
  .strictObject({
    host: z.string().describe('In lower case, as URLs have it.'),
    pace: z
      .strictObject({ perSecond: z.number().describe('Requests a second, of all workers together.') })
      .optional()
      .describe('Only with an entry in `HOST_LIMITS`.'),
    concurrency: z.int().min(1).describe('Most fetches in flight, of all workers together.'),
    restsUntil: time.optional().describe('While it rests because it has asked for that; not asked before.'),
    throttledCount: count.describe(
      'Rests that it has asked for lately; forgotten an hour after the last of its times.',
    ),
    lastThrottledAt: time.optional().describe('When it last asked for a rest.'),
    proxies: z
      .array(
        z.strictObject({
          name: z.string().describe('Scheme, host and port.'),
          tier: z.enum(proxyTiers),
          country: z.string().optional(),
          score: z
            .number()
            .min(0)
            .max(1)
            .describe('How much of its share of the traffic to this host it gets: 1 is all of it.'),
          restsUntil: time.optional().describe('Until when it is not used at all.'),
        }),
      )
      .max(1_000)
      .optional()
      .describe(
        'Only for an admin key. Proxies that something speaks against, at this host or at all, within the last hour; the worst first. All others have the score 1.',
      ),
  })
  .describe('What the installation knows of a target host.');

export const UrlCost = z.strictObject({ cost: count, credits: count.describe('The same number as `cost`.') });

export const ErrorDetail = z.strictObject({
  path: z.string().describe('Like `urls[3]` or `apiParams.max_cost`.'),
  message: z.string(),
});

export const ErrorObject = z
  .looseObject({
    error: z.string().describe('One sentence for people.'),
    code,
    details: z.array(ErrorDetail).max(100).optional(),
    expiredAt: time.optional().describe('Only with `expired`.'),
  })
  .describe('Errors of /jobs, /batchjobs and /account.');

export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code,
    errors: z.array(ErrorDetail).max(100).optional(),
    requestId: z.string().optional().describe('Finds the request in the log.'),
  })
  .describe('Errors of all other routes (RFC 9457).');

export const Health = z.strictObject({
  status: z.literal('ok'),
  /** Absent when no worker runs in the same process. */
  fetches: z.strictObject({ inFlight: z.int().min(0), limit: z.int().min(1) }).optional(),
  /** Number of running worker processes of this start; absent when there are none. */
  workers: z.int().min(0).optional(),
  /** Number of worker processes that this start is to have; less run while one is started again. */
  workersWanted: z.int().min(0).optional(),
  /** How often one of them ended without being told to. */
  workersEnded: z.int().min(0).optional(),
});

const part = z.enum(['ok', 'unavailable']);
export const Readiness = z.strictObject({ status: part, postgres: part, temporal: part, segments: part });
