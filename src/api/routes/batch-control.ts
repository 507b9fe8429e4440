import { Router } from 'express';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { BatchPatch, RetryFailedRequest } from '../../jobs/batch-control-requests';
import { batchObject, endedAs } from '../../jobs/batch-object';
import type { Start } from '../../jobs/workflow-start';
import { hostOf } from '../../net/host-of';
import type { StoredBatch } from '../../store/batches';
import { changeBatch } from '../../store/change-batch';
import type { BatchChange, Changed } from '../../store/change-batch';
import { controlBatch, isEnded } from '../../store/control-batch';
import type { BatchVerb } from '../../store/control-batch';
import { previewRetry, retryFailed } from '../../store/retry-failed';
import type { RetryFilter } from '../../store/retry-failed';
import { retryTransient } from '../../store/retry-transient';
import { findBatchToStart } from '../../store/starts';
import { assertKnown, checkedWith, invalid, objectBody } from '../checked-input';
import type { KnownParameters } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import { ProblemError } from '../problem';
import { orRefused } from '../submit-batch';
import { ownBatch } from './batches';
import type { BatchesDeps } from './batches';

export interface BatchControlDeps extends BatchesDeps {
  /** Starts the workflow after the commit. It never fails and waits at most a second, because the dispatcher starts what it could not. */
  readonly startSoon: (start: Start) => Promise<void>;
  /** Tells the workflows of batches what was asked of them. It never fails, because the rows say what is left to tell. */
  readonly tellSoon: () => void;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

const VERBS: readonly BatchVerb[] = ['cancel', 'pause', 'resume'];
const PATCH_FIELDS = Object.keys(BatchPatch.shape);
const RETRY_FIELDS = Object.keys(RetryFailedRequest.shape);

/**
 * Serves what is done with a batch as a whole: `cancel`, `pause`, `resume`, `retry-failed` and `PATCH`. All of them answer the batch
 * object, but for a dry run of `retry-failed`.
 */
export function batchControlRouter(deps: BatchControlDeps): Router {
  const router = Router();
  const { database } = deps;

  /** @throws ProblemError also for a batch of another key */
  const open = async (req: Request<{ id: string }>, res: Response, known: KnownParameters): Promise<StoredBatch> => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, known);
    return ownBatch(database, key, req.params.id);
  };
  const answer = (res: Response, batch: StoredBatch) => void res.json(batchObject(batch, deps));

  for (const verb of VERBS)
    router.post(`/batches/:id/${verb}`, async (req, res) => {
      const { id } = await open(req, res, {});
      const { kind, batch } = existing(await controlBatch(database, id, verb));
      const isRepetition = verb === 'cancel' && endedAs(batch) === 'cancelled';
      if (kind === 'ended' && !isRepetition) throw endedProblem(batch);
      if (kind === 'done') deps.tellSoon();
      answer(res, batch);
    });

  router.post('/batches/:id/retry-failed', async (req, res) => {
    const batch = await open(req, res, { body: RETRY_FIELDS });
    const asked = checkedWith(RetryFailedRequest, req.body === undefined ? {} : objectBody(req.body));
    const filter = retryFilter(asked);
    if (asked.dryRun === true) {
      if (!isEnded(batch)) throw runningProblem();
      return void res.json(await previewRetry(database, batch.id, filter));
    }
    const { id } = batch;
    const ifCount = asked.ifCount ?? undefined;
    const retried = existing(await orRefused(retryTransient(() => retryFailed(database, id, filter, ifCount))));
    if (retried.kind === 'running') throw runningProblem();
    if (retried.kind === 'count-changed') throw countProblem(retried.jobs);
    deps.onDeliveries(retried.endpointIds);
    const start = retried.kind === 'retried' ? await findBatchToStart(database, id) : undefined;
    if (start !== undefined) await deps.startSoon(start);
    answer(res, retried.batch);
  });

  router.patch('/batches/:id', async (req, res) => {
    const { id } = await open(req, res, { body: PATCH_FIELDS });
    const change: BatchChange = checkedWith(BatchPatch, objectBody(req.body));
    const changed = existing(await changeBatch(database, id, change));
    if (changed.kind !== 'done') throw capProblem(changed);
    answer(res, changed.batch);
  });

  return router;
}

/** @throws ProblemError `not_found` when retention or its owner has removed the batch meanwhile */
function existing<T>(found: T | undefined): T {
  if (found === undefined) throw new ProblemError('not_found', 'There is no such batch.');
  return found;
}

function retryFilter({ failReason, host, statusCode }: z.output<typeof RetryFailedRequest>): RetryFilter {
  return {
    failReasons: failReason ?? undefined,
    host: (host ?? undefined) === undefined ? undefined : hostOf(`http://${host}/`),
    statusCodes: statusCode ?? undefined,
  };
}

const runningProblem = (): ProblemError =>
  new ProblemError('batch_running', 'The batch has not ended yet; its failed URLs can be retried then.');

const countProblem = (jobs: number): ProblemError =>
  new ProblemError('count_changed', `Nothing was retried: ${jobs} failed URLs are selected now.`, {
    members: { jobs },
  });

const endedProblem = ({ endedAt }: StoredBatch): ProblemError =>
  new ProblemError(
    'batch_ended',
    endedAt === undefined
      ? 'The batch is being cancelled; nothing of it can be changed any more.'
      : 'The batch has ended; nothing of it can be changed any more.',
  );

function capProblem(refused: Exclude<Changed, { kind: 'done' }>): ProblemError {
  switch (refused.kind) {
    case 'below-spent': {
      const message = `must be at least ${refused.spent}, which is spent or promised to what is being fetched`;
      return new ProblemError('max_credits_below_spent', `maxCredits ${message}.`, {
        details: [{ path: 'maxCredits', message }],
      });
    }
    case 'not-paused':
      return new ProblemError(
        'batch_not_paused',
        'The batch has no maxCredits and spends without asking: pause it, and wait until none of its URLs is running.',
      );
    case 'not-swept':
      return invalid([
        { path: 'maxCredits', message: 'does not go with fanOut "jobs", which the batch was made with' },
      ]);
  }
}
