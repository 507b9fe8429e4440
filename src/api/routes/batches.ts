import { Router } from 'express';
import { batchObject } from '../../jobs/batch-object';
import { isBatchId } from '../../jobs/job-id';
import type { ApiKey } from '../../store/api-keys';
import { findBatch } from '../../store/batches';
import type { StoredBatch } from '../../store/batches';
import { isExpiredId } from '../../store/jobs';
import type { Database } from '../../store/database';
import { createLimitOf } from '../batch-limit';
import type { BatchLimitDeps } from '../batch-limit';
import { assertKnown } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { ProblemError } from '../problem';

export interface BatchesDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  readonly publicUrl: string;
  readonly retentionMs: number;
}

/** Serves `GET /batches/:id`. */
export function batchesRouter(deps: BatchesDeps & BatchLimitDeps): Router {
  const router = Router();
  const limitOf = createLimitOf(deps);
  router.get('/batches/:id', async (req, res) => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, {});
    const batch = await ownBatch(deps.database, key, req.params.id);
    const limitedBy = await limitOf(batch);
    res.json({ ...batchObject(batch, deps), ...(limitedBy !== undefined && { limitedBy }) });
  });
  return router;
}

/**
 * The batch, when it belongs to the key.
 * @throws ProblemError `not_found`, also for a batch of another key, or `expired`
 */
export async function ownBatch(db: Database, key: ApiKey, idAsSent: string): Promise<StoredBatch> {
  const id = idAsSent.toLowerCase();
  const batch = isBatchId(id) ? await findBatch(db, id) : undefined;
  if (batch === undefined && isBatchId(id) && (await isExpiredId(db, id)))
    throw new ProblemError(
      'expired',
      'The batch has been removed: its retention is over, or it was deleted on request.',
    );
  if (batch?.apiKeyId !== key.id) throw new ProblemError('not_found', 'There is no such batch.');
  return batch;
}
