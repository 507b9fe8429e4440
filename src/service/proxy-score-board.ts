import { randomUUID } from 'node:crypto';
import { Poller } from '../async/poller';
import type { ProxyScore } from '../jobs/proxy-score';
import type { Database } from '../store/database';
import { noteProxyScores } from '../store/proxy-scores';
import type { Logger } from '../telemetry/logger';

export interface ProxyScoreBoardDeps {
  readonly database: Database;
  /** What has changed since it was asked the last time. */
  readonly takeNews: () => readonly ProxyScore[];
  readonly logger: Logger;
}

const EVERY_MS = 20_000;

/** Shows people by way of the database how this worker's proxies do. What cannot be written is left out: workers do not go by it. */
export function createProxyScoreBoard({ database, takeNews, logger }: ProxyScoreBoardDeps, everyMs = EVERY_MS): Poller {
  const workerId = randomUUID();
  return new Poller({
    run: () => noteProxyScores(database, workerId, takeNews()),
    everyMs,
    onError: (error) => logger.debug({ err: String(error) }, 'how proxies do cannot be noted now'),
  });
}
