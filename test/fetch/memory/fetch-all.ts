import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createFetcher } from '../../../src/fetch/create-fetcher';
import { requestOf } from '../request-of';

/** Runs as a process of its own, to measure its memory. It sends its parent what came of the fetches. */
const [port, pages] = process.argv.slice(2).map(Number);
/** Time that a commit may take (ms). */
const HOLD_MS = 10;

async function fetchAll(): Promise<void> {
  const count = pages ?? 0;
  const fetcher = createFetcher({
    allowPrivateTargets: ['127.0.0.0/8'],
    attemptTimeoutMs: 120_000,
    connectionsPerHost: count,
  });
  const { signal } = new AbortController();
  const sizes = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const url = `http://127.0.0.1:${port}/${index % 2 === 0 ? 'told' : 'untold'}`;
      const outcome = await fetcher.fetchPage(requestOf(url), { attempt: 1, signal });
      if (outcome.kind !== 'page') return outcome.kind;
      await delay(HOLD_MS);
      outcome.page.release();
      return outcome.page.body.length;
    }),
  );
  const [, peakKilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  process.send?.({ sizes, peakMegabytes: Number(peakKilobytes) / 1024, bytesLeft: fetcher.bytesInFlight });
  await fetcher.close();
  process.disconnect();
}

void fetchAll();
