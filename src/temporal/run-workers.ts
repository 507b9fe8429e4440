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
  /** Workers begin once it has resolved. */
  readonly connection: Promise<NativeConnection>;
  readonly namespace: string;
  readonly queues: TaskQueues;
  readonly activities: Activities;
  /** What loads pages in a browser; undefined when this worker has none, and leaves such pages to others. */
  readonly rendering: { readonly activities: Activities; readonly maxPages: number } | undefined;
  readonly maxConcurrentFetches: number;
  /** How long running activities may go on after `stop`. */
  readonly shutdownGraceMs: number;
  /** Path of the bundled workflows. @default that of the build */
  readonly workflowBundle?: string | undefined;
  readonly logger: Logger;
  /** Whether the process stops: a connection that does not come any more is no error then. */
  readonly isStopping?: () => boolean;
}

/** Built with the project; absent when the sources run directly, as under Jest. */
const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');

/** Takes the bundle at `bundle`, or that of the build; where there is none, each worker bundles the sources itself (1 to 2 s). */
export const workflowSource = (bundle = BUNDLE): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> =>
  existsSync(bundle) ? { workflowBundle: { codePath: bundle } } : { workflowsPath: require.resolve('../workflows') };

export interface RunningWorkers {
  /** Resolves when all of them poll; rejects when the connection or the first ones cannot be made. */
  readonly ready: Promise<void>;
  /** False before they are ready, and while one that has ended by itself is made again. */
  isRunning(): boolean;
  /** Drains them; resolves when all have stopped. */
  stop(): Promise<void>;
}

type QueueOptions = Omit<WorkerOptions, 'connection'>;

const RESTART_AFTER_MS = 1_000;
/** Activities of single jobs per fetch slot: those of a busy host wait in the pool, and the others must still get there. */
const WAITING_PER_SLOT = 2;
/** Open sweeps. One that waits for a retry holds no fetch slot; each holds its URLs in memory, some 100 kB. */
const MAX_SWEEPS = 64;

const HEARTBEATS = {
  maxHeartbeatThrottleInterval: '3 seconds',
  defaultHeartbeatThrottleInterval: '3 seconds',
} as const;

/** Open sweeps of pages for a browser. */
const MAX_RENDER_SWEEPS = 16;

/** Receivers that are called, probed or waited for. One that hangs takes its place for 15 s, and keeps none from the others. */
const MAX_RECEIVERS = 500;

/** Queues of pages for a browser. They have activities only, and so need no thread for workflows. */
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
 * Each worker runs its workflows in a thread with a heap of its own. Ours are small, and a young generation of 1 MB instead of
 * 16 saves 10 MB a thread under load (measured). The SDK does not pass on the limits of its threads, but V8 reads the flag
 * whenever a heap is made; ours has been made already.
 */
async function withSmallThreads<T>(create: () => Promise<T>): Promise<T> {
  setFlagsFromString('--max-semi-space-size=1');
  try {
    return await create();
  } finally {
    setFlagsFromString('--max-semi-space-size=0'); // the default again
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
    // Tasks for a worker that is gone wait this long for it (10 s by default) before any other gets them.
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

/** Runs a worker per queue from the moment that Temporal is connected. One that ends by itself, as after a long outage of Temporal, is made again. */
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
