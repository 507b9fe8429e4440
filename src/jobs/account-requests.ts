import { z } from 'zod';
import { isRange, notARange, time } from './request-fields';

/** Query of `GET /account/usage`. */
export const UsageQuery = z.object({ since: time.optional(), until: time.optional() }).refine(isRange, notARange);
