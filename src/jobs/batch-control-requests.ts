import { z } from 'zod';
import { BatchOptions } from './batch-options';
import { failReasons } from './fail-reasons';
import type { FailReason } from './fail-reasons';
import { MAX_BATCH_URLS } from './job-id';
import { lenientBoolean, lenientInteger } from './lenient';
import { statusOrNone } from './request-fields';
import { parseUrl } from '../net/parse-url';

const { name, tags, maxCredits, maxPerHost } = BatchOptions.shape;

/** Body of `PATCH /batches/:id`. Null takes a value away. */
export const BatchPatch = z
  .object({ name, tags, maxCredits, maxPerHost })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'has none of name, tags, maxCredits and maxPerHost',
  });

const MAX_VALUES = 20;

/** One value, or a list of them. */
const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z
    .union([item, z.array(item).min(1, 'is empty').max(MAX_VALUES, `has more than ${MAX_VALUES} values`)])
    .transform((given) => (Array.isArray(given) ? given : [given]) as z.output<Item>[]);

const FailReasonName = z.enum(Object.keys(failReasons) as [FailReason, ...FailReason[]], {
  error: 'must be a failReason',
});

const hostName = z
  .string({ error: 'must be the name of a host' })
  .max(253, 'is longer than 253 characters')
  .refine(
    (text) => parseUrl(`http://${text}/`) !== undefined && !/[/?#@\\\s]/.test(text),
    'must be the name of a host',
  );

/** Body of `POST /batches/:id/retry-failed`: which failed URLs. Without the first three fields, all of them. */
export const RetryFailedRequest = z.object({
  failReason: oneOrMore(FailReasonName).nullish(),
  host: hostName.nullish(),
  statusCode: oneOrMore(statusOrNone).nullish(),
  dryRun: lenientBoolean.nullish(),
  ifCount: lenientInteger(0, MAX_BATCH_URLS).nullish(),
});
