/* Submissions while retention removes a million expired rows and their segments, against submissions alone, in turns, in one run. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Agent, request } from 'undici';
import { asActivity } from '../src/activities/as-activity';
import { createPurge } from '../src/activities/purge';
import { createDatabase } from '../src/store/database';
import { createFsSegmentStore } from '../src/pages/segments/fs-segment-store';
import { createLogger } from '../src/telemetry/logger';
import { startEmbeddedServers } from './embedded-servers';
import { fillExpired } from './expired-rows';
import { reportFigures } from './figures';
import { median, percentile } from './measure';
import { runScript } from './run-script';
import { startServiceProcess } from './service-process';

const MUST = 0.8;
const ROWS = Number(process.env['BENCH_ROWS'] ?? 1_000_000);
/** Most rounds; they end earlier when nothing expired is left. */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 100);
const ALONE_MS = Number(process.env['BENCH_WINDOW_MS'] ?? 6_000);
const WITH_PURGE_MS = 2 * ALONE_MS;
const WIDTH = 16;
/** One of five submissions is a batch. */
const BATCH_EVERY = 5;
const BATCH_URLS = 100;
const KEY = 'bench-key';

interface Window {
  readonly perSecond: number;
  readonly jobMs: readonly number[];
  readonly batchMs: readonly number[];
}

async function submitFor(url: string, dispatcher: Agent, isOver: () => boolean): Promise<Window> {
  const jobMs: number[] = [];
  const batchMs: number[] = [];
  const target = 'https://shop.example/catalogue/products/';
  const job = JSON.stringify({ apiKey: KEY, url: `${target}1` });
  const batch = JSON.stringify({ apiKey: KEY, urls: Array.from({ length: BATCH_URLS }, (_, n) => `${target}${n}`) });
  const startedAt = performance.now();
  let next = 0;
  const loop = async () => {
    while (!isOver()) {
      const isBatch = next++ % BATCH_EVERY === 0;
      const sentAt = performance.now();
      const { statusCode, body } = await request(`${url}/${isBatch ? 'batchjobs' : 'jobs'}`, {
        dispatcher,
        method: 'POST',
        body: isBatch ? batch : job,
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`a submission was answered with ${statusCode}`);
      (isBatch ? batchMs : jobMs).push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, loop));
  return { perSecond: next / ((performance.now() - startedAt) / 1_000), jobMs, batchMs };
}

const shown = ({ perSecond, jobMs, batchMs }: Window): string =>
  `${perSecond.toFixed(0)}/s, job p50 ${percentile(jobMs, 0.5).toFixed(0)} p95 ${percentile(jobMs, 0.95).toFixed(0)} ms, batch p50 ${percentile(batchMs, 0.5).toFixed(0)} p95 ${percentile(batchMs, 0.95).toFixed(0)} ms`;

async function main(): Promise<void> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const logger = createLogger('warn');
    const servers = await startEmbeddedServers(logger);
    closing.push(() => servers.stop());
    const service = await startServiceProcess(servers, { role: 'api', env: { API_KEY: KEY, LOG_LEVEL: 'warn' } });
    closing.push(() => service.stop());
    const database = createDatabase(servers.databaseUrl, { logger });
    closing.push(() => database.close());
    await database.query('update api_keys set submits_per_second = 1000000, max_unfinished = 1000000000');
    const pagesDir = join(servers.dataDir, 'pages');
    await fillExpired(database, { rows: ROWS, pagesDir });
    const [size] = await database.query<{ rows: number; deliveries: number; chunks: number }>(
      'select (select count(*) from jobs) as rows, (select count(*) from webhook_deliveries) as deliveries, (select count(*) from batch_chunks) as chunks',
    );
    console.log(`filled: ${size?.rows} rows, ${size?.deliveries} deliveries, ${size?.chunks} chunks of 500 URLs`);

    // The activity itself, on a connection of its own as in a worker; it is cancelled between the windows and goes on after.
    const purge = asActivity(
      createPurge({ database, segments: createFsSegmentStore(pagesDir), retentionMs: 72 * 3_600_000 }),
    );
    let isPurged = false;
    let purgeMs = 0;
    const purging = async (work: () => Promise<Window>): Promise<Window> => {
      const environment = new MockActivityEnvironment();
      const startedAt = performance.now();
      const running = environment.run(purge).then(
        () => {
          isPurged = true;
          purgeMs += performance.now() - startedAt;
        },
        (error: unknown) => {
          if ((error as Error).name !== 'CancelledFailure') throw error;
          purgeMs += performance.now() - startedAt;
        },
      );
      const result = await work();
      environment.cancel();
      await running;
      return result;
    };

    const http = new Agent({ connections: WIDTH });
    closing.push(() => http.destroy());
    const until = (durationMs: number) => {
      const endsAt = performance.now() + durationMs;
      return () => performance.now() > endsAt;
    };
    await submitFor(service.url, http, until(3_000)); // warm-up
    const ratios: number[] = [];
    let before = await submitFor(service.url, http, until(ALONE_MS));
    for (let round = 1; round <= ROUNDS && !isPurged; round += 1) {
      const isOver = until(WITH_PURGE_MS);
      const during = await purging(() => submitFor(service.url, http, () => isOver() || isPurged));
      const after = await submitFor(service.url, http, until(ALONE_MS));
      const ratio = during.perSecond / ((before.perSecond + after.perSecond) / 2);
      const [left] = await database.query<{ rows: number }>(
        `select count(*) as rows from jobs where ended_at < now() - interval '72 hours'`,
      );
      console.log(
        `round ${round}: alone ${shown(before)}\n  with purge ${shown(during)}\n  ratio ${ratio.toFixed(2)}, ${left?.rows} rows left`,
      );
      ratios.push(ratio);
      before = after;
    }
    const isMeasuredWhole = isPurged;
    while (!isPurged) await purging(async () => (await sleep(1_000), { perSecond: 0, jobMs: [], batchMs: [] }));
    const [left] = await database.query<{ rows: number; batches: number }>(
      `select (select count(*) from jobs where ended_at < now() - interval '72 hours') as rows, (select count(*) from batches where ended_at is not null) as batches`,
    );
    const hours = (await createFsSegmentStore(pagesDir).listHours()).length;
    console.log(
      `purged in ${(purgeMs / 1_000).toFixed(0)} s${isMeasuredWhole ? '' : ', the end without submissions'}; left: ${left?.rows} rows, ${left?.batches} ended batches, ${hours} hours of segments`,
    );
    const measured = median(ratios);
    console.log(
      `submissions with purge, share of those without, median of ${ratios.length}: ${measured.toFixed(2)} (must be at least ${MUST})`,
    );
    reportFigures('retention', {
      measure: `submissions per second while ${ROWS} expired rows and their segments are removed, share of the rate without`,
      must: `>= ${MUST}`,
      measured,
      rounds: ratios,
    });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

runScript(main);
