/* Loaded into the built service (`node --require`): notes every second by how much its timers were late, a line of JSON each in the file that BENCH_LOOP_DELAY names. */
const { appendFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');

const RESOLUTION_MS = 10;
const path = process.env.BENCH_LOOP_DELAY;

if (isMainThread && path) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const late = (ns) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  delay.enable();
  setInterval(() => {
    const sample = { at: Date.now(), p50Ms: late(delay.percentile(50)), p99Ms: late(delay.percentile(99)) };
    delay.reset();
    appendFileSync(path, `${JSON.stringify(sample)}\n`);
  }, 1_000).unref();
}
