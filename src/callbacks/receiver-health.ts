import type { ReceiverHealth } from '../store/receivers';
import { nextProbeAt } from './retry-schedule';

export const HEALTHY: ReceiverHealth = { failures: 0 };

/** From the third failure in a row the receiver is at fault, not the single calls. */
const PROBED_FROM = 3;

/** Whether it is called once in a while, with one call, until one succeeds. */
export const isProbed = ({ nextCallAt }: ReceiverHealth): boolean => nextCallAt !== undefined;

export interface Failure {
  /** Time at which the call was made. */
  readonly at: Date;
  readonly now: Date;
  /** Pause that the receiver asked for with `Retry-After`; it is obeyed from the first failure on. */
  readonly retryAfterMs?: number;
  /** Random number, uniform in [0, 1), for the jitter. */
  readonly random: number;
}

export function afterFailure(health: ReceiverHealth, { at, now, retryAfterMs, random }: Failure): ReceiverHealth {
  const failures = retryAfterMs === undefined ? health.failures + 1 : Math.max(health.failures + 1, PROBED_FROM);
  const failingSince = health.failingSince ?? at;
  if (failures < PROBED_FROM) return { failures, failingSince };
  const probes = failures - PROBED_FROM;
  const nextCallAt = nextProbeAt({ probes, now, random, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  return { failures, failingSince, nextCallAt };
}
