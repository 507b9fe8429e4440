import { z } from 'zod';
import { failReasons } from './fail-reasons';
import type { FailReason } from './fail-reasons';

const count = z.int().min(0);

/** Answer of `GET /batches/:id/failures`. */
export const FailureClusters = z.strictObject({
  clusters: z
    .array(
      z.strictObject({
        failReason: z.enum(Object.keys(failReasons) as [FailReason, ...FailReason[]]),
        host: z.string(),
        statusCode: z
          .int()
          .optional()
          .describe(
            'Status of the last answer; absent when the last attempt had none (`statusCode=none` selects these).',
          ),
        jobs: count.describe('How many failed like this.'),
        exampleJobId: z.uuid().describe('One of them.'),
      }),
    )
    .max(200)
    .describe('The largest first.'),
  isComplete: z.boolean().describe('False when there are more than 200 clusters; the smallest are left out then.'),
});

/** Answer of `POST /batches/:id/retry-failed` with `dryRun`. */
export const RetryPreview = z.strictObject({
  jobs: count.describe('URLs that would be given their time once more.'),
  credits: count.describe('What they would cost at most, without surcharges.'),
});
