import { z } from 'zod';
import { urlProblem } from './check-url';
import { deliveryStatuses } from './delivery-object-schema';
import { isBatchId } from './job-id';
import { lenientInteger } from './lenient';
import { isRange, notARange, time, uuid } from './request-fields';

const DeliveryStatus = z.enum(deliveryStatuses);

const statuses = z
  .union([DeliveryStatus, z.array(DeliveryStatus).min(1).max(20)], {
    error: `must be ${deliveryStatuses.slice(0, -1).join(', ')} or ${deliveryStatuses.at(-1)}, or a list of these`,
  })
  .transform((given) => [...new Set(typeof given === 'string' ? [given] : given)]);

/** All URLs of one origin are the same receiver, so any of them may name it. */
const endpoint = z
  .string({ error: 'must be a URL' })
  .superRefine((value, context) => {
    const problem = urlProblem(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .transform((url) => new URL(url).origin);

/** Query of the list of deliveries. */
export const DeliveryQuery = z
  .object({
    job: uuid.optional(),
    batch: uuid.refine(isBatchId, 'must be the id of a batch').optional(),
    endpoint: endpoint.optional(),
    status: statuses.optional(),
    since: time.optional(),
    until: time.optional(),
    limit: lenientInteger(1, 1_000).optional(),
    cursor: z.guid({ error: 'must be the nextCursor of an earlier answer' }).optional(),
  })
  .refine(isRange, notARange);

/** Selects the deliveries that are to be repeated. */
export const ReplayRequest = z
  .object({ since: time, until: time.optional(), status: statuses.optional(), endpoint: endpoint.optional() })
  .refine(isRange, notARange);
