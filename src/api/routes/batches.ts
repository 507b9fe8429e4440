import { Router } from 'express';
import { batchObject } from '../../jobs/batch-object';
import { isBatchId } from '../../jobs/job-id';
import { findBatch } from '../../store/batches';
import type { Database } from '../../store/database';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { ProblemError } from '../problem';

export interface BatchesDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  readonly publicUrl: string;
  readonly retentionMs: number;
}

/** `GET /batches/:id`. Another key's batch does not exist. */
export function batchesRouter(deps: BatchesDeps): Router {
  const router = Router();
  router.get('/batches/:id', async (req, res) => {
    const key = await authenticate(req, deps.findApiKey);
    res.locals['keyName'] = key.name;
    const id = req.params.id.toLowerCase();
    const batch = isBatchId(id) ? await findBatch(deps.database, id) : undefined;
    if (batch?.apiKeyId !== key.id) throw new ProblemError('not_found', 'There is no such batch.');
    res.json(batchObject(batch, deps));
  });
  return router;
}
