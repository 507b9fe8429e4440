import { Router } from 'express';
import { z } from 'zod';
import { lenientInteger } from '../../jobs/lenient';
import { createJobTexts } from '../../pages/job-text';
import type { JobTextDeps } from '../../pages/job-text';
import { findJob } from '../../store/jobs';
import { acceptSingleJob } from '../accept-single-job';
import type { AcceptDeps } from '../accept-single-job';
import { idempotencyOf } from '../accepting-problems';
import { assertKnown, checkedWith, invalid } from '../checked-input';
import { rateLimitHeaders } from '../rate-limit-headers';
import { sendJob } from '../send-job';
import { takeSubmission } from '../take-submission';
import type { TakeSubmissionDeps } from '../take-submission';
import type { Submission } from '../parse-submission';
import { waitingPlaceOf } from '../waiting-for-jobs';
import type { WaitingDeps } from '../waiting-for-jobs';
import { existingJob, secondsUntil } from './existing-job';

export interface ScrapeDeps extends AcceptDeps, TakeSubmissionDeps, JobTextDeps, WaitingDeps {}

/**
 * Serves `POST /scrape`: takes a job as `POST /jobs` does and answers it once it has ended, or as it is when the time to wait is over. The
 * job goes on whatever becomes of the connection.
 */
export function scrapeRouter(deps: ScrapeDeps): Router {
  const router = Router();
  const texts = createJobTexts(deps);
  const Query = z.object({ wait: lenientInteger(1, 120).default(deps.syncWaitSec) });

  router.post('/scrape', async (req, res) => {
    assertKnown({ query: req.query, body: undefined }, { query: Object.keys(Query.shape) });
    const { wait } = checkedWith(Query, req.query);
    const place = waitingPlaceOf(deps, res);
    const { key, submission } = await takeSubmission(deps, { req, res }, 'jobs');
    if (submission.kind === 'batch') throw invalid([{ path: 'urls', message: 'is for POST /batches; send one url' }]);
    assertAllKnown(submission);
    const { url, options } = submission;
    const idempotent = idempotencyOf(req, submission.kind);
    const { id, isReplayed, allowance } = await acceptSingleJob(deps, { key, url, options, idempotent });
    if (allowance !== undefined) res.set(rateLimitHeaders(allowance));
    if (isReplayed) res.set('Idempotency-Replayed', 'true');
    await place.ended(id, wait * 1_000);
    if (res.closed) return;
    const job = await existingJob(deps, (each) => findJob(deps.database, each), id);
    if (job.status === 'running')
      res.status(202).set({ Location: `/jobs/${id}`, 'Retry-After': String(secondsUntil(job.nextAttemptAt)) });
    await sendJob(texts, { req, res }, job);
  });
  return router;
}

/** On a route of our own a typo is an error; a parameter that this server lacks the means for is left out and named, as everywhere. */
function assertAllKnown({ ignored, options: { ignoredParams = [] } }: Submission): void {
  const unknown = ignored.filter((path) => !ignoredParams.includes(path.replace(/^apiParams\./, '')));
  if (unknown.length > 0) throw invalid(unknown.slice(0, 100).map((path) => ({ path, message: 'is not known here' })));
}
