/* A batch against the web as it is: 500 hosts, answers after half a second and more. everfetch with default settings, BullMQ at three widths, and Scrapy where Python is. With `--https` over TLS. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runBatches, verifyBatches } from './batch-run';
import { flushDisk, runStoringPeer } from './contenders';
import { startService } from './embedded-service';
import type { Service } from './embedded-service';
import { reportFigures } from './figures';
import type { RealWebRound } from './figures';
import { watchLoopDelay } from './loop-delay';
import { startPeer } from './peers/peer-process';
import { createScrapyPeer, findScrapy } from './peers/scrapy';
import { startRedis } from './peers/redis';
import type { Redis } from './peers/redis';
import { watchResidentMb } from './processes';
import { runScript } from './run-script';
import { readSettings } from './settings';
import { SLOW_HOSTS } from './slow-web';
import { startTarget } from './target-process';
import type { Target } from './target-process';

const { urls, rounds, warmUpUrls } = readSettings();
const WIDTHS = [128, 1_000, 2_000];
/** What takes minutes for all URLs gets fewer: its rate is the same from the first second on, because it is bound by its width or its CPU. */
const FEW_URLS = Math.ceil(urls / 5);
const isNarrow = (width: number): boolean => width < 1_000;
/** Enough that the code is compiled in each of the processes; such a service runs for weeks. */
const LONG_WARM_UP_URLS = FEW_URLS;
/** More makes Scrapy no quicker, because its one process is busy all the time by then. */
const SCRAPY_WIDTH = 1_000;
/** What follows the last page, such as the end of the workflows, is paid for by the batch as well. */
const AFTERMATH_MS = 1_000;

/** `--workers 1,2,4` measures everfetch alone, with so many worker processes in turn. */
const { https, workers } = parseArgs({
  options: { https: { type: 'boolean', default: false }, workers: { type: 'string' } },
}).values;
/** TLS 1.3, as most of the web has it; `BENCH_TLS=1.2` for the older. */
const TLS_VERSION = process.env['BENCH_TLS'] === '1.2' ? 'TLSv1.2' : 'TLSv1.3';
const folder = mkdtempSync(join(tmpdir(), 'everfetch-bench-tls-'));
const authorityPath = join(folder, 'authority.pem');
/** Given to everfetch and to BullMQ. */
const trust: Readonly<Record<string, string>> = https ? { NODE_EXTRA_CA_CERTS: authorityPath } : {};

let nextRun = 1;

async function compareWorkers(counts: readonly string[]): Promise<void> {
  const target = await startTarget({ isSlow: true });
  try {
    for (let number = 1; number <= rounds; number += 1)
      for (const count of counts) {
        const own = await runEverfetch(target, { WORKERS: count });
        console.log(
          `round ${number}, ${count} workers: ${own.everfetch.toFixed(0)}/s, ${own.cpuMs.toFixed(2)} ms of CPU per page, ` +
            `${own.pagesPerSegment.toFixed(0)} pages per segment`,
        );
      }
  } finally {
    await target.stop();
  }
}

async function main(): Promise<void> {
  if (workers !== undefined) return compareWorkers(workers.split(','));
  const target = await startTarget({ isSlow: https ? { tls: { maxVersion: TLS_VERSION, authorityPath } } : true });
  const redis = await startRedis();
  const scrapy = https ? undefined : findScrapy(); // it would need another way to be told of the authority
  try {
    const measured: RealWebRound[] = [];
    for (let number = 1; number <= rounds; number += 1) {
      const own = await runEverfetch(target);
      const bullmq: Record<string, number> = {};
      for (const width of WIDTHS) bullmq[width] = await runBullmq(target, redis, width);
      const ofScrapy = scrapy === undefined ? undefined : await runScrapy(target, scrapy);
      measured.push({ ...own, bullmq, ...(ofScrapy !== undefined && { scrapy: ofScrapy }) });
      const others = WIDTHS.map((width) => `${width}: ${bullmq[width]?.toFixed(0)}/s`).join(', ');
      console.log(
        `round ${number}: everfetch ${own.everfetch.toFixed(0)}/s, ${own.cpuMs.toFixed(2)} ms of CPU per page, ${own.pagesPerSegment.toFixed(0)} pages per segment, ` +
          `peak ${own.peakResidentMb.toFixed(0)} MB, loop late by ${own.loop.p50Ms.toFixed(0)} ms (99th percentile of the worst second: ${own.loop.worstP99Ms.toFixed(0)} ms); BullMQ at ${others}; Scrapy ${ofScrapy?.toFixed(0) ?? '–'}/s`,
      );
      if (own.handshakes) console.log(`handshakes: ${own.handshakes.full} full, ${own.handshakes.resumed} resumed`);
    }
    const figures = { urls, hosts: SLOW_HOSTS.length, rounds: measured };
    reportFigures(https ? 'real-web-https' : 'real-web', figures);
  } finally {
    await redis.stop();
    await target.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runEverfetch(
  target: Target,
  env: Readonly<Record<string, string>> = {},
): Promise<Omit<RealWebRound, 'bullmq' | 'scrapy'>> {
  const loop = watchLoopDelay();
  const service = await startService({ env: { ...trust, ...loop.env, ...env }, execArgv: loop.execArgv });
  try {
    await runBatches(service, target, { mode: 'plain', runs: [nextRun++], count: LONG_WARM_UP_URLS });
    flushDisk();
    const stopWatching = watchResidentMb(service.pid);
    await target.handshakes();
    const startedAtMs = Date.now();
    const [cpuBefore, segmentsBefore] = [cpuMsOf(service), segmentsOf(service)];
    const batch = await runBatches(service, target, { mode: 'plain', runs: [nextRun++], count: urls });
    await sleep(AFTERMATH_MS);
    const figures = {
      everfetch: batch.urlsPerSecond,
      cpuMs: (cpuMsOf(service) - cpuBefore) / urls,
      pagesPerSegment: urls / (segmentsOf(service) - segmentsBefore),
      peakResidentMb: stopWatching(),
      loop: loop.delaySince(startedAtMs),
      ...(https && { handshakes: await target.handshakes() }),
    };
    await verifyBatches(service, target, batch);
    return figures;
  } finally {
    await service.stop();
    loop.end();
  }
}

async function runBullmq(target: Target, redis: Redis, width: number): Promise<number> {
  const env = { ...trust, BENCH_BULLMQ_CONCURRENCY: String(width) };
  const peer = await startPeer('bullmq.mjs', [String(redis.port)], env);
  try {
    // At 128 the processor is hardly needed, so that nothing would come of more.
    const count = isNarrow(width) ? warmUpUrls : LONG_WARM_UP_URLS;
    await runStoringPeer(peer, target, { mode: 'plain', run: nextRun++, count });
    return await runStoringPeer(peer, target, {
      mode: 'plain',
      run: nextRun++,
      count: isNarrow(width) ? FEW_URLS : urls,
    });
  } finally {
    await peer.stop();
  }
}

const runScrapy = (target: Target, python: string): Promise<number> =>
  runStoringPeer(createScrapyPeer(python, SCRAPY_WIDTH), target, { mode: 'plain', run: nextRun++, count: FEW_URLS });

function cpuMsOf(service: Service): number {
  const { nodeMs, postgresMs, temporalMs } = service.cpu();
  return nodeMs + postgresMs + temporalMs;
}

const segmentsOf = ({ dataDir }: Service): number =>
  readdirSync(join(dataDir, 'pages'), { recursive: true }).filter((name) => String(name).endsWith('.warc')).length;

runScript(main);
