import { Router } from 'express';
import { UsageQuery } from '../../jobs/account-requests';
import type { Database } from '../../store/database';
import { listUsageHours } from '../../store/usage-hours';
import { assertKnown, checkedWith, invalid } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';

export interface UsageDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
}

/** Range of a question that names none: a week. */
const DEFAULT_RANGE_MS = 7 * 24 * 3_600_000;

/** Serves `GET /account/usage`: what the key used, hour by hour. */
export function usageRouter({ database, findApiKey }: UsageDeps): Router {
  const router = Router();

  router.get('/account/usage', async (req, res) => {
    const key = await authenticate(req, res, findApiKey);
    assertKnown(req, { query: Object.keys(UsageQuery.shape) });
    const query = checkedWith(UsageQuery, req.query);
    const until = query.until ?? new Date();
    const since = query.since ?? new Date(until.getTime() - DEFAULT_RANGE_MS);
    if (since >= until) throw invalid([{ path: 'since', message: 'must be in the past' }]);
    const hours = await listUsageHours(database, key.id, { since, until });
    res.json({ items: hours.map(({ hour, ...used }) => ({ hour: hour.toISOString(), ...used })) });
  });

  return router;
}
