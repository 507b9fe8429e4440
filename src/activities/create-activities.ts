import type { PriceList } from '../jobs/prices';
import type { Activities } from '../workflows/workflow-io';
import type { FanOut } from '../jobs/job-options';
import type { Committer } from '../pages/committer';
import type { Database } from '../store/database';
import type { FetchPool } from '../scheduling/fetch-pool';
import type { SegmentStore } from '../pages/segments/segment-store';
import { asActivity } from './as-activity';
import { createBatchActivities } from './batches';
import { createDeliver } from './deliver';
import type { DeliverDeps } from './deliver';
import { createPurge } from './purge';
import { createOpenJob } from './open-job';
import { createRecordEnding, createScrape } from './scrape';
import type { ScrapeDeps } from './scrape';
import { createSweep } from './sweep';
import type { SweepDeps } from './sweep';

export interface ActivitiesDeps extends DeliverDeps {
  readonly priceList: PriceList;
  readonly database: Database;
  readonly segments: SegmentStore;
  readonly committer: Committer;
  readonly attemptJob: ScrapeDeps['attemptJob'];
  readonly firstFetches: ScrapeDeps['firstFetches'];
  readonly pool: SweepDeps['pool'] & DeliverDeps['pool'];
  readonly plainPool: FetchPool;
  readonly cancelWatch: SweepDeps['cancelWatch'];
  readonly batchStates: SweepDeps['batchStates'];
  readonly reserveCredits: SweepDeps['reserveCredits'];
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
  readonly features: ScrapeDeps['features'];
  readonly missingFeatures: ScrapeDeps['missingFeatures'];
  readonly noteIgnored: ScrapeDeps['noteIgnored'];
  readonly fanOutOf: (urls: number) => FanOut;
}

/** The activities that a worker registers. */
export function createActivities(deps: ActivitiesDeps): Activities {
  const batches = createBatchActivities(deps);
  return {
    openJob: asActivity(createOpenJob(deps)),
    scrape: asActivity(createScrape(deps), { isLong: true }),
    recordEnding: asActivity(createRecordEnding(deps)),
    openBatch: asActivity(batches.openBatch),
    sweep: asActivity(createSweep(deps), { isLong: true }),
    listChunk: asActivity(batches.listChunk),
    countChunk: asActivity(batches.countChunk),
    closeChunk: asActivity(batches.closeChunk),
    endBatch: asActivity(batches.endBatch),
    deliver: asActivity(createDeliver(deps), { isLong: true }),
    purge: asActivity(createPurge(deps)),
  };
}
