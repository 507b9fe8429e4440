import { Router } from 'express';
import type { Overview } from '../../jobs/overview-schema';
import type { Database } from '../../store/database';
import { readOverview } from '../../store/overview';
import { listWorkers } from '../../store/worker-features';
import type { AnnouncedWorker } from '../../store/worker-features';
import { assertKnown } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { SharedReadings } from '../shared-readings';

export interface OverviewDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  readonly version: string;
  readonly temporalUi: Overview['temporalUi'];
}

/** Many browsers may poll, so one reading a second serves all of a key (ms). */
const SHARED_MS = 1_000;

/** Serves `GET /overview`: what goes on, of the key that asks; an admin key sees the whole installation. */
export function overviewRouter({ database, findApiKey, version, temporalUi }: OverviewDeps): Router {
  const router = Router();
  const readings = new SharedReadings<Overview>(SHARED_MS);

  const read = async (apiKeyId: string | undefined): Promise<Overview> => {
    const [numbers, workers] = await Promise.all([readOverview(database, apiKeyId), listWorkers(database)]);
    const { unfinished, running, retrying, throughput, ...others } = numbers;
    return {
      version,
      ...(temporalUi !== undefined && { temporalUi }),
      isAdmin: apiKeyId === undefined,
      urls: { queued: unfinished - running - retrying, running, retrying },
      throughput: throughput.map(({ minute, ...counts }) => ({ minute: minute.toISOString(), ...counts })),
      workers: workers.map(workerObject),
      ...others,
    };
  };

  router.get('/overview', async (req, res) => {
    const { id, isAdmin } = await authenticate(req, res, findApiKey);
    assertKnown(req, {});
    const apiKeyId = isAdmin ? undefined : id;
    res.json(await readings.get(apiKeyId ?? 'all', () => read(apiKeyId)));
  });

  return router;
}

function workerObject({ id, seenAt, isAlive, features, load }: AnnouncedWorker): Overview['workers'][number] {
  const { hasBrowser, proxies } = features;
  return {
    ...{ id, seenAt: seenAt.toISOString(), isAlive },
    features: {
      hasBrowser,
      proxies: proxies.map(({ tier, country }) => ({ tier, ...(country !== undefined && { country }) })),
    },
    ...(isAlive && load !== undefined && { fetches: { inFlight: load.inFlight, limit: load.limit } }),
  };
}
