import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../workflows/workflow-io';
import type { Logger } from '../telemetry/logger';
import type { TaskQueues } from './task-queues';

export interface WorkersDeps {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly queues: TaskQueues;
  readonly activities: Activities;
  /** For pages that a browser loads; undefined: this worker has none, and leaves them to others. */
  readonly rendering: { readonly activities: Activities; readonly maxPages: number } | undefined;
  readonly maxConcurrentFetches: number;
  /** How long running activities may go on after `stop`. */
  readonly shutdownGraceMs: number;
  /** Where the bundled workflows lie. @default that of the build */
  readonly workflowBundle?: string | undefined;
  readonly logger: Logger;
}

/** Built with the project; absent when the sources run directly, as under Jest. */
const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');

/** Takes the bundle at `bundle`, or that of the build; where there is none, each worker bundles the sources itself (1 to 2 s). */
export const workflowSource = (bundle = BUNDLE): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> =>
  existsSync(bundle) ? { workflowBundle: { codePath: bundle } } : { workflowsPath: require.resolve('../workflows') };

export interface RunningWorkers {
  /** Drains and ends; resolves when all have stopped. */
  stop(): Promise<void>;
  /** Rejects when a worker ends by itself and cannot be made again. */
  readonly isRunning: () => boolean;
}

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

/** They have activities only, and so no thread for workflows. */
function renderQueues(
  { connection, namespace, queues, shutdownGraceMs }: WorkersDeps,
  rendering: WorkersDeps['rendering'],
): WorkerOptions[] {
  if (rendering === undefined) return [];
  const { activities, maxPages } = rendering;
  const common = {
    ...{ connection, namespace, activities },
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

/**
 * A worker per queue. One that ends by itself, as after a long outage of Temporal, is made again.
 * @throws when the first ones cannot be made
 */
export async function runWorkers(deps: WorkersDeps): Promise<RunningWorkers> {
  const { connection, namespace, queues, activities, logger } = deps;
  const common = {
    connection,
    namespace,
    ...workflowSource(deps.workflowBundle),
    shutdownGraceTime: deps.shutdownGraceMs,
    shutdownForceTime: deps.shutdownGraceMs + 2_000,
    ...HEARTBEATS,
    reuseV8Context: true,
    // Tasks for a worker that is gone wait this long for it (10 s by default) before any other gets them.
    stickyQueueScheduleToStartTimeout: '4 seconds',
  } satisfies Partial<WorkerOptions>;
  const options: WorkerOptions[] = [
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
    ...renderQueues(deps, deps.rendering),
  ];
  let isStopping = false;
  const current = new Set<Worker>();
  const first = await withSmallThreads(() => Promise.all(options.map((each) => Worker.create(each))));

  async function keepRunning(worker: Worker, each: WorkerOptions): Promise<void> {
    for (let next: Worker | undefined = worker; ;) {
      try {
        next ??= await Worker.create(each);
        current.add(next);
        await next.run();
      } catch (error) {
        logger.error({ err: String(error), task_queue: each.taskQueue }, 'a worker ended by itself');
      }
      if (next !== undefined) current.delete(next);
      next = undefined;
      if (isStopping) return;
      await new Promise((resolve) => setTimeout(resolve, RESTART_AFTER_MS));
    }
  }

  const running = first.map((worker, index) => keepRunning(worker, options[index] as WorkerOptions));
  return {
    isRunning: () => !isStopping && current.size === options.length,
    async stop() {
      isStopping = true;
      for (const worker of current) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(running);
    },
  };
}
