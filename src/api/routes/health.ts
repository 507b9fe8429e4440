import { Router } from 'express';

export interface WorkerProcessCounts {
  /** How many there are to be. */
  readonly wanted: number;
  /** How many run and take work. */
  readonly running: number;
  /** How often one has ended unexpectedly since the start; each time it is started again. */
  readonly ended: number;
}

export interface HealthDeps {
  /** How many pages are being fetched by a worker in this process, and how many may be; undefined without one. */
  readonly fetches?: () => { readonly inFlight: number; readonly limit: number } | undefined;
  /** The worker processes of this start; undefined when it has none. */
  readonly workers?: () => WorkerProcessCounts | undefined;
  /** Each rejects when its part cannot do its work now. */
  readonly checks: Readonly<Record<'postgres' | 'temporal' | 'segments', () => Promise<unknown>>>;
}

/** Serves `/healthz` (the process answers) and `/readyz` (it can do its work, and if not, which part cannot). */
export function healthRouter({ checks, fetches, workers }: HealthDeps): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => {
    const { running, wanted, ended } = workers?.() ?? {};
    res.json({ status: 'ok', fetches: fetches?.(), workers: running, workersWanted: wanted, workersEnded: ended });
  });
  router.get('/readyz', async (_req, res) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        const isOk = await check().then(
          () => true,
          () => false,
        );
        return [name, isOk ? 'ok' : 'unavailable'] as const;
      }),
    );
    const isReady = results.every(([, state]) => state === 'ok');
    if (!isReady) res.set('Retry-After', '2');
    res.status(isReady ? 200 : 503).json({ status: isReady ? 'ok' : 'unavailable', ...Object.fromEntries(results) });
  });
  return router;
}
