import { hostOf } from '../net/host-of';
import { arrayLiteral } from './database';
import type { StoredJob } from './jobs';

/** An attempt of a job, with the time that it took (ms). */
interface TimedAttempt {
  readonly job: Pick<StoredJob, 'batchId' | 'url'>;
  readonly durationMs?: number;
}

interface SlowHost {
  readonly batchId: string;
  readonly host: string;
  attempts: number;
  totalMs: number;
}

/** Attempts that take less are of no interest to someone who looks for slow hosts. */
const SLOW_MS = 2_000;
/** Hosts that one commit notes, so that a batch has a few thousand rows of them at most. */
const MAX_HOSTS = 10;

/** Columns of the statement that writes outcomes: the hosts whose attempts in this commit took longest. Mostly there are none. */
export function slowHostColumns(attempts: readonly TimedAttempt[]): string[] {
  const hosts = new Map<string, SlowHost>();
  for (const { job, durationMs = 0 } of attempts) {
    const { batchId } = job;
    if (durationMs < SLOW_MS || batchId === undefined) continue;
    const host = hostOf(job.url);
    const known = hosts.get(`${batchId} ${host}`) ?? { batchId, host, attempts: 0, totalMs: 0 };
    known.attempts += 1;
    known.totalMs += durationMs;
    hosts.set(`${batchId} ${host}`, known);
  }
  const slowest = [...hosts.values()].sort((a, b) => b.totalMs - a.totalMs).slice(0, MAX_HOSTS);
  const column = (pick: (host: SlowHost) => string | number) => arrayLiteral(slowest.map(pick));
  return [
    column(({ batchId }) => batchId),
    column(({ host }) => host),
    column(({ attempts: count }) => count),
    column(({ totalMs }) => Math.round(totalMs)),
  ];
}
