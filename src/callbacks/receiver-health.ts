import { nextProbeAt } from './retry-schedule';

/** As the store keeps it. */
export interface Health {
  /** Calls that failed without a success in between. */
  readonly failures: number;
  /** When the first of them was made. */
  readonly failingSince?: Date;
  /** Only while the receiver is probed: not called before. */
  readonly nextCallAt?: Date;
}

export const HEALTHY: Health = { failures: 0 };

/** So many failures in a row are the receiver's and not those of single calls. */
const PROBED_FROM = 3;

/** From here on it is called once in a while, with one call, until one succeeds. */
export const isProbed = ({ nextCallAt }: Health): boolean => nextCallAt !== undefined;

export interface Failure {
  /** When the call was made. */
  readonly at: Date;
  readonly now: Date;
  /** What the receiver asked for: it is then left alone for that long, from the first time on. */
  readonly retryAfterMs?: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

export function afterFailure(health: Health, { at, now, retryAfterMs, random }: Failure): Health {
  const failures = retryAfterMs === undefined ? health.failures + 1 : Math.max(health.failures + 1, PROBED_FROM);
  const failingSince = health.failingSince ?? at;
  if (failures < PROBED_FROM) return { failures, failingSince };
  const probes = failures - PROBED_FROM;
  const nextCallAt = nextProbeAt({ probes, now, random, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  return { failures, failingSince, nextCallAt };
}
