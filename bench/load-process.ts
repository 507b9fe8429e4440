/* GET requests from a process of its own, one line of standard input per run: `{urls, width, durationMs}` in, `{perSecond, p50Ms, p99Ms}` out. */
import { createInterface } from 'node:readline';
import { Client } from 'undici';
import { percentile } from './measure';
import { runScript } from './run-script';

export interface LoadRun {
  readonly urls: readonly string[];
  /** Connections, each with one request in flight. */
  readonly width: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Below `request()` in undici, which would make a stream per answer: the client must not be what is measured. */
function get(client: Client, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.dispatch(
      { method: 'GET', path },
      {
        onRequestStart: () => undefined,
        onResponseStart(_controller, status) {
          if (status !== 200) reject(new Error(`${path} answered ${status}`));
        },
        onResponseData: () => undefined,
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

async function run({ urls, width, durationMs }: LoadRun): Promise<LoadResult> {
  const targets = urls.map((url) => new URL(url));
  const latencies: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  const loop = async () => {
    const client = new Client(targets[0]?.origin ?? '');
    while (performance.now() - startedAt < durationMs) {
      const path = targets[next++ % targets.length]?.pathname ?? '/';
      const sentAt = performance.now();
      await get(client, path);
      latencies.push(performance.now() - sentAt);
    }
    await client.close();
  };
  await Promise.all(Array.from({ length: width }, loop));
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await run(JSON.parse(line) as LoadRun)));
  }
}

runScript(main);
