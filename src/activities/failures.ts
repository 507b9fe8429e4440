import { types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import type { Trouble } from '../jobs/fetch-outcome';
import type { HostBusyError } from '../scheduling/pacing/host-gate';

/** A failure of our own storage costs the target nothing, so the retry comes soon. */
const STORE_RETRY_MS = 5_000;
const STOPPING_RETRY_MS = 1_000;

/** Describes a trouble for people. The text is short, because Temporal keeps 4 KiB of it and shows it in the Web UI. */
function describeTrouble(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'blocked':
      return `blocked by ${trouble.vendor} (status ${trouble.statusCode}, ${trouble.signal})`;
    case 'throttled':
      return `throttled with status ${trouble.statusCode}`;
    case 'refused':
      return `refused with status ${trouble.statusCode}`;
    case 'unreachable':
      return `unreachable: ${trouble.code}`;
    case 'too-many-redirects':
      return `${trouble.hops} redirects without an end`;
    case 'too-large':
      return `more than ${trouble.limitBytes} bytes`;
    case 'unsuccessful':
      return `not what was asked for: ${trouble.rule}`;
    case 'unconvertible':
      return `could not be converted: ${trouble.reason}`;
    case 'disallowed':
      return `robots.txt of ${trouble.host} does not allow it`;
    case 'forbidden':
      return `${trouble.host} ${trouble.reason}`;
  }
}

/** Removes the stack of expected trouble, which would be in every history and show people our file names instead of the reason. */
function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}

/** Failure for expected trouble with a target. The category BENIGN keeps it out of the worker's warnings and failure metrics. */
export function troubleFailure(trouble: Trouble, nextRetryDelayMs: number): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      type: trouble.kind,
      message: describeTrouble(trouble),
      category: 'BENIGN',
      nextRetryDelay: nextRetryDelayMs,
    }),
  );
}

/** Failure for a key that has as many fetches in flight as it may have. No attempt was made. */
export function keyBusyFailure(nextRetryDelayMs: number): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      type: 'key_busy',
      message: 'waiting: the key has as many fetches in flight as it may have',
      category: 'BENIGN',
      nextRetryDelay: nextRetryDelayMs,
    }),
  );
}

/** Failure for a URL of a batch that is paused, or is being cancelled. No attempt was made. */
export function batchHeldFailure(nextRetryDelayMs: number): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      type: 'batch_held',
      message: 'waiting: the batch is paused, or is being cancelled',
      category: 'BENIGN',
      nextRetryDelay: nextRetryDelayMs,
    }),
  );
}

/** Failure for a host that must not be asked now. No attempt was made. */
export function hostBusyFailure({ host, reason }: HostBusyError, nextRetryDelayMs: number): ApplicationFailure {
  const why = {
    resting: 'has asked for a rest',
    paced: 'has others before it, at the pace that is set for it',
    crowded: 'has many others before it',
  };
  return withoutStack(
    ApplicationFailure.create({
      type: `host_${reason}`,
      message: `waiting: ${host} ${why[reason]}`,
      category: 'BENIGN',
      nextRetryDelay: nextRetryDelayMs,
    }),
  );
}

/**
 * Failure for a worker that stops before the fetch has begun. Another worker, or this one after its restart, takes the job at once.
 * No attempt was made.
 */
function workerStoppingFailure(): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      type: 'worker_stopping',
      message: 'waiting: the worker is being stopped',
      category: 'BENIGN',
      nextRetryDelay: STOPPING_RETRY_MS,
    }),
  );
}

/** Failure for a request of a Temporal client that is invalid and will stay so. */
export function invalidRequestFailure(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: 'invalid_request', message, nonRetryable: true });
}

/** Failure for a job or batch that never existed or has been purged. */
export function notFoundFailure(id: string): ApplicationFailure {
  return invalidRequestFailure(`there is no job or batch ${id}`);
}

/** @param what beginning of a sentence that says which row has this id */
export function idAlreadyUsedFailure(what: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'id_already_used',
    message: `${what}. Nothing was fetched. Start it under another workflow id: one with a new UUID, or any text`,
    nonRetryable: true,
  });
}

/**
 * Turns any error into a failure. It uses `isNativeError`, because under Jest the errors that Node itself makes are not `instanceof
 * Error`.
 */
export function toFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!types.isNativeError(error)) return ApplicationFailure.create({ type: 'internal', message: String(error) });
  if (error.name === 'PoolStoppedError') return workerStoppingFailure();
  if (error.name === 'StoreUnavailableError') {
    return withoutStack(
      ApplicationFailure.create({
        type: 'store_unavailable',
        message: error.message,
        category: 'BENIGN',
        nextRetryDelay: STORE_RETRY_MS,
      }),
    );
  }
  return ApplicationFailure.create({ type: 'internal', message: error.message, cause: error });
}
