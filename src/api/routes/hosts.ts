import { Router } from 'express';
import { parseHost } from '../../net/parse-host';
import type { Database } from '../../store/database';
import { findHostRecord } from '../../store/host-pacing';
import { findProxyScores } from '../../store/proxy-scores';
import type { ProxyAtHost } from '../../store/proxy-scores';
import { assertKnown, invalid } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';

export interface HostLimits {
  /** Time between two requests of all workers together (ms); 0 for no pace. */
  readonly intervalMs: number;
  /** Most fetches in flight, all workers together. */
  readonly concurrency: number;
}

export interface HostsDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  /** The owner's limits of a host. */
  readonly hostLimitsOf: (host: string) => HostLimits;
}

/** Serves `GET /hosts/:host`: what the installation knows of a target, whoever had it fetched. */
export function hostsRouter({ database, findApiKey, hostLimitsOf }: HostsDeps): Router {
  const router = Router();

  router.get('/hosts/:host', async (req, res) => {
    const { isAdmin } = await authenticate(req, res, findApiKey);
    assertKnown(req, {});
    const host = parseHost(req.params.host);
    if (host === undefined)
      throw invalid([{ path: 'host', message: 'must be a host name or an address, without scheme, port and path' }]);
    const { intervalMs, concurrency } = hostLimitsOf(host);
    const { restsUntil, restCount, lastRestAt } = await findHostRecord(database, host);
    res.json({
      host,
      ...(intervalMs > 0 && { pace: { perSecond: perSecond(intervalMs) } }),
      concurrency,
      ...(restsUntil !== undefined && { restsUntil: restsUntil.toISOString() }),
      throttledCount: restCount,
      ...(lastRestAt !== undefined && { lastThrottledAt: lastRestAt.toISOString() }),
      // Names of proxies are the owner's business.
      ...(isAdmin && { proxies: (await findProxyScores(database, host)).map(proxyObject) }),
    });
  });

  return router;
}

/** Rounded to what a pace of one in an hour still needs, because 10/s must not read 9.999999999999998. */
const perSecond = (intervalMs: number): number => Math.round(1e9 / intervalMs) / 1e6;

const proxyObject = ({ restsUntil, ...proxy }: ProxyAtHost): Record<string, unknown> => ({
  ...proxy,
  ...(restsUntil !== undefined && { restsUntil: restsUntil.toISOString() }),
});
