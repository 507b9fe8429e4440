import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceStart } from './embedded-service';
import { median } from './measure';

/** By how much timers of a service were late, second by second. */
export interface LoopDelay {
  /** The median of the seconds' medians. */
  readonly p50Ms: number;
  /** The 99th percentile of the worst second. */
  readonly worstP99Ms: number;
}

export interface LoopDelayWatch extends Required<Pick<ServiceStart, 'env' | 'execArgv'>> {
  /** @param sinceMs since the epoch */
  delaySince(sinceMs: number): LoopDelay;
  end(): void;
}

/** Makes a service that is started with these options note the delay of its event loop. */
export function watchLoopDelay(): LoopDelayWatch {
  const path = join(tmpdir(), `everfetch-bench-loop-${process.pid}-${Date.now()}.jsonl`);
  return {
    env: { BENCH_LOOP_DELAY: path },
    execArgv: ['--require', join(__dirname, 'loop-delay.js')],
    delaySince(sinceMs) {
      const samples = readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { at: number; p50Ms: number; p99Ms: number })
        .filter(({ at }) => at >= sinceMs);
      return {
        p50Ms: median(samples.map(({ p50Ms }) => p50Ms)),
        worstP99Ms: Math.max(0, ...samples.map(({ p99Ms }) => p99Ms)),
      };
    },
    end: () => rmSync(path, { force: true }),
  };
}
