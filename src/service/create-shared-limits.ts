import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { findProcess } from '../embedded/running-process';
import { SharedLimits } from '../scheduling/shares/shared-limits';
import type { Database } from '../store/database';
import { StoreUnavailableError } from '../store/store-unavailable';
import { createShareStore } from '../store/worker-shares';
import type { Logger } from '../telemetry/logger';

export interface SharedLimitsOptions {
  readonly database: Database;
  readonly logger: Logger;
  /** Called when all fetches in flight must be aborted. */
  readonly onLost: (reason: Error) => void;
}

/** Creates the limits that this worker shares with all others on the same database. */
export function createSharedLimits({ database, logger, onLost }: SharedLimitsOptions): SharedLimits {
  return new SharedLimits({
    store: createShareStore(database, { id: randomUUID(), process: nameOfProcess(process.pid) ?? '' }),
    hasEnded,
    onWorkers: (workers) => logger.debug({ workers }, 'the number of workers that share the limits has changed'),
    onError: (error) => logger.debug({ err: String(error) }, 'the share of the limits cannot be confirmed now'),
    onLost: () => {
      logger.warn('the other workers could not be reached for too long: what is being fetched is fetched again later');
      onLost(new StoreUnavailableError('this worker has lost its share of the limits'));
    },
  });
}

/**
 * Numbers of processes mean something on one machine only, and inside of it in one container. Machines may share a host name, and
 * all call the first namespace of theirs the same; no two have the same boot.
 */
function machineName(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Name that no other process ever has, made of machine, process number and time of its start. */
function nameOfProcess(pid: number): string | undefined {
  const found = findProcess(pid);
  return found && JSON.stringify([machineName(), pid, found.startedAt]);
}

/** Whether a process of this machine has ended. Those of other machines are only known by their silence. */
function hasEnded(name: string): boolean {
  const [machine, pid] = readName(name);
  return machine === machineName() && pid !== undefined && nameOfProcess(pid) !== name;
}

function readName(name: string): readonly [string?, number?] {
  try {
    return JSON.parse(name) as readonly [string, number]; // as: written above
  } catch {
    return [];
  }
}
