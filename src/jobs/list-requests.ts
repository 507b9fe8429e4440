import { domainToASCII, domainToUnicode } from 'node:url';
import { z } from 'zod';
import { batchStatuses } from './batch-object';
import { MAX_NAME_LENGTH, MAX_TAG_LENGTH, label } from './batch-options';
import { failReasons } from './fail-reasons';
import type { FailReason } from './fail-reasons';
import { isBatchId } from './job-id';
import { lenientInteger } from './lenient';
import { isRange, notARange, statusOrNone, time, uuid } from './request-fields';

export const jobStatuses = ['running', 'finished', 'failed', 'cancelled'] as const;

const MAX_LIMIT = 1_000;
const MAX_SEARCH_LENGTH = 200;
const MAX_HOST_LENGTH = 255;
const MAX_CLIENT_ID_LENGTH = 255;
const MAX_CURSOR_LENGTH = 500;

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}` });

/** A text that is searched for. */
const search = label(MAX_SEARCH_LENGTH).min(1, 'must not be empty');

/** A host name, in both of its forms: URLs are kept as they were sent, so either may stand in them. */
const host = label(MAX_HOST_LENGTH).transform((text, context) => {
  const name = text.toLowerCase().replace(/\.$/, '');
  const ascii = name.startsWith('[') ? name : domainToASCII(name);
  if (ascii !== '' && !/[/?#@\\\s]/.test(name)) return [...new Set([ascii, domainToUnicode(ascii) || ascii])];
  context.addIssue({ code: 'custom', message: 'must be a host name, without scheme, port and path' });
  return z.NEVER;
});

const page = {
  limit: lenientInteger(1, MAX_LIMIT).optional(),
  cursor: z.string({ error: 'must be given once' }).max(MAX_CURSOR_LENGTH, 'is not one of this list').optional(),
};

const range = { since: time.optional(), until: time.optional() };

const jobFilters = {
  status: oneOf(jobStatuses).optional(),
  host: host.optional(),
  clientId: label(MAX_CLIENT_ID_LENGTH).min(1, 'must not be empty').optional(),
  failReason: oneOf(Object.keys(failReasons) as [FailReason, ...FailReason[]]).optional(),
  statusCode: statusOrNone.optional(),
  ...range,
  q: search.optional(),
};

interface JobFilters {
  readonly status?: (typeof jobStatuses)[number] | undefined;
  readonly failReason?: FailReason | undefined;
}

const isPossible = ({ status, failReason }: JobFilters): boolean =>
  failReason === undefined || status === undefined || status === 'failed';
const notPossible = { path: ['failReason'], message: 'goes only with the status failed' };

/** Query of `GET /batches`. */
export const BatchListQuery = z
  .object({
    status: oneOf(batchStatuses).optional(),
    tag: label(MAX_TAG_LENGTH).min(1, 'must not be empty').optional(),
    ...range,
    q: label(MAX_NAME_LENGTH).min(1, 'must not be empty').optional(),
    ...page,
  })
  .refine(isRange, notARange);

/** Query of `GET /jobs`. */
export const JobListQuery = z
  .object({
    ...jobFilters,
    tag: label(MAX_TAG_LENGTH).min(1, 'must not be empty').optional(),
    batch: uuid.refine(isBatchId, 'must be the id of a batch').optional(),
    ...page,
  })
  .refine(isRange, notARange)
  .refine(isPossible, notPossible);

/** Query of `GET /batches/:id/jobs`. */
export const BatchJobsQuery = z
  .object({ ...jobFilters, ...page })
  .refine(isRange, notARange)
  .refine(isPossible, notPossible);
