import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../workflows/workflow-io';
import type { Logger } from '../telemetry/logger';
import type { TaskQueues } from './task-queues';

export interface WorkersDeps {
  /** The workers start once it has resolved. */
  readonly connection: Promise<NativeConnection>;
  readonly namespace: string;
  readonly queues: TaskQueues;
  readonly activities: Activities;
  /** Activities for pages that a browser loads; undefined when this worker has no browser and leaves such pages to others. */
  readonly rendering: { readonly activities: Activities; readonly maxPages: number } | undefined;
  readonly maxConcurrentFetches: number;
  /** Time that running activities may take after `stop` (ms). */
  readonly shutdownGraceMs: number;
  /** Path of the bundled workflows. @default that of the build */
  readonly workflowBundle?: string | undefined;
  readonly logger: Logger;
  /** Whether the process is stopping; a connection that fails is no error then. */
  readonly isStopping?: () => boolean;
}

/** Bundle of the workflows that the build makes; absent when the sources run directly, as under Jest. */
const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');

/** Chooses the bundle at `bundle`, or that of the build. If there is none, each worker bundles the sources itself (1 to 2 s). */
export const workflowSource = (bundle = BUNDLE): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> =>
  existsSync(bundle) ? { workflowBundle: { codePath: bundle } } : { workflowsPath: require.resolve('../workflows') };

export interface RunningWorkers {
  /** Resolves when all workers poll; rejects when the connection or one of the first workers cannot be made. */
  readonly ready: Promise<void>;
  /** False before all workers are ready, and while one that ended by itself is being replaced. */
  isRunning(): boolean;
  /** Drains the workers; resolves when all have stopped. */
  stop(): Promise<void>;
}

type QueueOptions = Omit<WorkerOptions, 'connection'>;

const RESTART_AFTER_MS = 1_000;
/** Activities of single jobs per fetch slot. They are more than the slots, so that jobs that wait for a busy host do not hold up others. */
const WAITING_PER_SLOT = 2;
/** Open sweeps per worker. Each holds its URLs in memory, some 100 kB, but no fetch slot while it waits for a retry. */
const MAX_SWEEPS = 64;

const HEARTBEATS = {
  maxHeartbeatThrottleInterval: '3 seconds',
  defaultHeartbeatThrottleInterval: '3 seconds',
} as const;

/** Open sweeps per worker whose pages a browser loads. */
const MAX_RENDER_SWEEPS = 16;

/** Receivers that a worker serves at a time. They are many, because one that hangs holds its place for 15 s. */
const MAX_RECEIVERS = 500;

/** Options for the queues of pages that a browser loads. They have only activities, and so need no thread for workflows. */
function renderQueues({ namespace, queues, shutdownGraceMs, rendering }: WorkersDeps): QueueOptions[] {
  if (rendering === undefined) return [];
  const { activities, maxPages } = rendering;
  const common = {
    ...{ namespace, activities },
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + 2_000,
    ...HEARTBEATS,
  };
  return [
    { ...common, taskQueue: queues.render, maxConcurrentActivityTaskExecutions: maxPages * WAITING_PER_SLOT },
    { ...common, taskQueue: queues.renderSweeps, maxConcurrentActivityTaskExecutions: MAX_RENDER_SWEEPS },
  ];
}

/**
 * Creates a worker whose workflow thread has a small heap. A young generation of 1 MB instead of 16 saves 10 MB per thread under load
 * (measured). The SDK has no option for it, but V8 reads the flag whenever it makes a heap; that of the main thread already exists.
 */
async function withSmallThreads<T>(create: () => Promise<T>): Promise<T> {
  setFlagsFromString('--max-semi-space-size=1');
  try {
    return await create();
  } finally {
    setFlagsFromString('--max-semi-space-size=0'); // restores the default
  }
}

/** Options of the worker of each queue. */
function queueOptions(deps: WorkersDeps): QueueOptions[] {
  const { namespace, queues, activities } = deps;
  const common = {
    namespace,
    ...workflowSource(deps.workflowBundle),
    shutdownGraceTime: deps.shutdownGraceMs,
    shutdownForceTime: deps.shutdownGraceMs + 2_000,
    ...HEARTBEATS,
    reuseV8Context: true,
    // Tasks of a worker that is gone wait this long (10 s by default) before another worker gets them.
    stickyQueueScheduleToStartTimeout: '4 seconds',
  } satisfies Partial<WorkerOptions>;
  return [
    {
      ...common,
      taskQueue: queues.jobs,
      activities,
      maxConcurrentActivityTaskExecutions: deps.maxConcurrentFetches * WAITING_PER_SLOT,
      maxConcurrentWorkflowTaskExecutions: 100,
      maxCachedWorkflows: 500,
    },
    {
      ...common,
      taskQueue: queues.sweeps,
      activities,
      maxConcurrentActivityTaskExecutions: MAX_SWEEPS,
      maxConcurrentWorkflowTaskExecutions: 40,
      maxCachedWorkflows: 200,
    },
    {
      ...common,
      taskQueue: queues.webhooks,
      activities,
      maxConcurrentActivityTaskExecutions: MAX_RECEIVERS,
      maxConcurrentWorkflowTaskExecutions: 40,
      maxCachedWorkflows: 200,
    },
    ...renderQueues(deps),
  ];
}

/** Runs a worker per queue once Temporal is connected. One that ends by itself, as after a long outage of Temporal, is replaced. */
export function runWorkers(deps: WorkersDeps): RunningWorkers {
  const stopping = new AbortController();
  const polling = new Set<Worker>();
  const queues = queueOptions(deps);

  async function keepRunning(first: Worker, options: WorkerOptions): Promise<void> {
    for (let worker: Worker | undefined = first; ;) {
      try {
        worker ??= await Worker.create(options);
        polling.add(worker);
        await worker.run();
      } catch (error) {
        deps.logger.error({ err: String(error), task_queue: options.taskQueue }, 'a worker ended by itself');
      }
      if (worker !== undefined) polling.delete(worker);
      worker = undefined;
      if (stopping.signal.aborted) return;
      await sleep(RESTART_AFTER_MS);
    }
  }

  async function begin(): Promise<Promise<void>[]> {
    const connection = await deps.connection;
    stopping.signal.throwIfAborted();
    const workers = await withSmallThreads(() =>
      Promise.all(
        queues.map(async (queue) => {
          const options = { ...queue, connection };
          return { options, worker: await Worker.create(options) };
        }),
      ),
    );
    return workers.map(({ options, worker }) => keepRunning(worker, options));
  }

  const begun = begin();
  begun.catch((error: unknown) => {
    if (!stopping.signal.aborted && deps.isStopping?.() !== true)
      deps.logger.error({ err: String(error) }, 'the workers cannot be made');
  });
  return {
    ready: begun.then(() => undefined),
    isRunning: () => !stopping.signal.aborted && polling.size === queues.length,
    async stop() {
      stopping.abort(new Error('the workers are stopping'));
      const running = await begun.catch((): Promise<void>[] => []);
      for (const worker of polling) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(running);
    },
  };
}
