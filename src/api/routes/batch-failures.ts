import { Router } from 'express';
import { findFailureClusters } from '../../store/failure-clusters';
import { assertKnown } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import { ownBatch } from './batches';
import type { BatchesDeps } from './batches';

/** Serves `GET /batches/:id/failures`: the failed URLs by reason, host and status. */
export function batchFailuresRouter({ database, findApiKey }: BatchesDeps): Router {
  const router = Router();
  router.get('/batches/:id/failures', async (req, res) => {
    const key = await authenticate(req, res, findApiKey);
    assertKnown(req, {});
    const { id } = await ownBatch(database, key, req.params.id);
    res.json(await findFailureClusters(database, id));
  });
  return router;
}
