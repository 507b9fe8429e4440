import { Router } from 'express';
import { z } from 'zod';
import { batchObject } from '../../jobs/batch-object';
import { lenientBoolean } from '../../jobs/lenient';
import type { Database } from '../../store/database';
import { forgetBatch, requestDeletion } from '../../store/forget';
import { retryTransient } from '../../store/retry-transient';
import { assertKnown, checkedWith } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { ProblemError } from '../problem';
import { ownBatch } from './batches';

/** Overwrites the pages that are noted for these segments. It waits ten seconds at most; the rest is done behind the answer. */
export type EraseSoon = (segments: readonly string[]) => Promise<void>;

export interface ForgetDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  readonly erase: EraseSoon;
  /** Tells the workflows of batches what was asked of them. It never fails, because the rows say what is left to tell. */
  readonly tellSoon: () => void;
  readonly publicUrl: string;
  readonly retentionMs: number;
}

const Query = z.object({ cancel: lenientBoolean.optional() });

/** Serves `DELETE /batches/:id`, which forgets a batch that has ended, or one that is cancelled for it. */
export function forgetRouter(deps: ForgetDeps): Router {
  const router = Router();
  router.delete('/batches/:id', async (req, res) => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, { query: Object.keys(Query.shape) });
    const { cancel = false } = checkedWith(Query, req.query);
    const { id, endedAt } = await ownBatch(deps.database, key, req.params.id);
    const forgotten =
      endedAt === undefined ? { kind: 'running' as const } : await retryTransient(() => forgetBatch(deps.database, id));
    switch (forgotten.kind) {
      case 'forgotten':
        await deps.erase(forgotten.segments);
        return void res.status(204).end();
      case 'gone':
        throw new ProblemError('expired', 'The batch has been removed.');
      case 'running': {
        if (!cancel)
          throw new ProblemError('batch_running', 'The batch is running; with cancel=true it is cancelled first.');
        await requestDeletion(deps.database, id);
        deps.tellSoon();
        res
          .status(202)
          .set('Retry-After', '2')
          .json(batchObject(await ownBatch(deps.database, key, id), deps));
      }
    }
  });
  return router;
}
