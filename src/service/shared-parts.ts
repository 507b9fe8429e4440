import { setMaxListeners } from 'node:events';
import type { WorkerProcessCounts } from '../api/routes/health';
import type { Config } from '../config/config';
import type { FanOut } from '../jobs/job-options';
import type { PriceList } from '../jobs/prices';
import { parseAllowList } from '../net/allow-list';
import { useNameServers } from '../net/dns/shared-names';
import { createGuard } from '../net/guard';
import type { Guard } from '../net/guard';
import { createOpenPage } from '../pages/open-page';
import { presentResponse } from '../pages/present-response';
import { createReadResponse } from '../pages/read-response';
import type { JobTextDeps } from '../pages/job-text';
import type { SegmentStore } from '../pages/segments/segment-store';
import type { OnDamage } from '../pages/undamaged';
import { ensureDefaultKey } from '../store/api-keys';
import { createDatabase } from '../store/database';
import type { Database } from '../store/database';
import { migrate } from '../store/migrate';
import { findNeglectedEndpoints } from '../store/receivers';
import { DamagedPages } from '../telemetry/damaged-pages';
import type { Logger } from '../telemetry/logger';
import { createNoteIgnored } from '../telemetry/note-ignored';
import type { NoteIgnored } from '../telemetry/note-ignored';
import { EndpointWaker } from '../temporal/endpoint-waker';
import { openTemporal } from '../temporal/open-temporal';
import type { Temporal } from '../temporal/open-temporal';
import { taskQueues } from '../temporal/task-queues';
import type { TaskQueues } from '../temporal/task-queues';
import { createSegmentStore } from './create-segment-store';
import { FeatureBoard } from './feature-board';
import { loadPriceList } from './setting-files';
import type { Parts } from './parts';

export type Role = 'api' | 'worker';

export interface ServiceOptions {
  readonly config: Config;
  readonly roles: readonly Role[];
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly logger: Logger;
  /** Prefix of the queues' names, which differs between installations in the same namespace. @default 'everfetch' */
  readonly queuePrefix?: string;
  /** Path of the bundled workflows. @default that of the build */
  readonly workflowBundle?: string | undefined;
  /** Counts the worker processes of the same start that run besides this one. @default none */
  readonly furtherWorkers?: () => WorkerProcessCounts;
}

/** Parts that both API and worker need. */
export interface SharedParts extends JobTextDeps {
  readonly config: Config;
  readonly logger: Logger;
  /** Aborted when the process begins to stop; nothing new begins after it. */
  readonly stopping: AbortSignal;
  readonly database: Database;
  readonly segments: SegmentStore;
  readonly onDamage: OnDamage;
  readonly guard: Guard;
  readonly queues: TaskQueues;
  readonly temporal: Temporal;
  readonly waker: EndpointWaker;
  readonly board: FeatureBoard;
  readonly priceList: PriceList;
  readonly features: () => ReturnType<FeatureBoard['current']>;
  readonly missingFeatures: Config['missingFeatures'];
  readonly noteIgnored: NoteIgnored;
  readonly fanOutOf: (urls: number) => FanOut;
  /** Wakes the receivers for which a commit has written callbacks. */
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

/** Opens database, pages and Temporal. Only the database must be reachable, because submissions are accepted while Temporal is away. */
export async function openSharedParts(
  options: ServiceOptions,
  parts: Parts,
  stopping: AbortSignal,
): Promise<SharedParts> {
  const { config, logger, roles } = options;
  setMaxListeners(0, stopping); // there is one per open sweep and receiver
  const priceList = await loadPriceList(config.priceFile);
  const database = createDatabase(options.databaseUrl, { logger });
  parts.push('database', () => database.close());
  await migrate(database);
  if (config.apiKey !== undefined) await ensureDefaultKey(database, config.apiKey);

  useNameServers(config.fetching.dnsServers);
  const segments = createSegmentStore(config);
  const damagedPages = new DamagedPages(logger);
  const onDamage: OnDamage = (error) => damagedPages.note(error);

  const queues = taskQueues(options.queuePrefix);
  const isEager = roles.includes('api') && roles.includes('worker');
  const { namespace } = config.temporal;
  const temporal = openTemporal({
    address: options.temporalAddress,
    namespace,
    queues,
    isEager,
    publicUrl: config.http.publicUrl,
    logger,
    signal: stopping,
  });
  parts.push('Temporal', () => temporal.close());
  const board = new FeatureBoard({ database, logger });
  parts.push('feature board', () => board.stop());
  const waker = new EndpointWaker({
    wakeEndpoint: (id) => temporal.wakeEndpoint(id),
    findNeglected: (which) => findNeglectedEndpoints(database, which),
    logger,
  });
  waker.run();
  parts.push('waker', () => waker.stop());

  return {
    ...{ config, logger, stopping, database, segments, onDamage, queues, temporal, waker, board, priceList },
    guard: createGuard(parseAllowList(config.fetching.allowPrivateTargets)),
    readResponse: createReadResponse({ segments, present: presentResponse, onDamage }),
    openPage: createOpenPage(segments, onDamage),
    onDeliveries: (endpointIds) => waker.wake(endpointIds),
    fanOutOf: (urls) => (urls <= config.jobWorkflowsUpTo ? 'jobs' : 'sweep'),
    features: () => board.current(),
    missingFeatures: config.missingFeatures,
    noteIgnored: createNoteIgnored(logger),
    publicUrl: config.http.publicUrl,
    retentionMs: config.retentionHours * 3_600_000,
    jsonBodies: config.jsonBodies,
  };
}
