// The queue that people would take instead: BullMQ on Redis, undici, a file per page. Producer and worker in one process.
// With IPC: {urls, paths} in, seconds out. Arguments: the folder with the peers' packages, the port of Redis.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const CONCURRENCY = Number(process.env.BENCH_BULLMQ_CONCURRENCY ?? 256);
const JOBS_PER_ADD = Number(process.env.BENCH_BULLMQ_ADD ?? 1_000);
const CONNECTIONS_PER_HOST = 16;
const QUEUE = 'pages';

const [, , peers, redisPort] = process.argv;
const load = createRequire(`${peers}/`);
const { Queue, Worker } = load('bullmq');
const { Agent, request } = load('undici');

const dispatcher = new Agent({ connections: CONNECTIONS_PER_HOST });
const connection = { host: '127.0.0.1', port: Number(redisPort) };
const queue = new Queue(QUEUE, {
  connection,
  defaultJobOptions: { attempts: 10, backoff: { type: 'custom' }, removeOnComplete: true, removeOnFail: true },
});

class Unavailable extends Error {
  constructor(statusCode, retryAfterMs) {
    super(`the target answered ${statusCode}`);
    this.retryAfterMs = retryAfterMs;
  }
}

let onPage = () => undefined;

async function fetchPage({ data: { url, path } }) {
  const { statusCode, headers, body } = await request(url, { dispatcher });
  const page = Buffer.from(await body.arrayBuffer());
  if (statusCode !== 200) throw new Unavailable(statusCode, Number(headers['retry-after'] ?? 1) * 1_000);
  await writeFile(path, page); // as it came, compressed or not; without fsync
  onPage();
}

const worker = new Worker(QUEUE, fetchPage, {
  connection,
  concurrency: CONCURRENCY,
  settings: { backoffStrategy: (_attempts, _type, error) => error?.retryAfterMs ?? 1_000 },
});
worker.on('error', (error) => console.error(error));

async function run({ urls, paths }) {
  let missing = urls.length;
  const finished = new Promise((resolve) => {
    onPage = () => (missing -= 1) === 0 && resolve();
  });
  const startedAt = process.hrtime.bigint();
  for (let from = 0; from < urls.length; from += JOBS_PER_ADD) {
    const some = urls.slice(from, from + JOBS_PER_ADD);
    await queue.addBulk(some.map((url, index) => ({ name: 'page', data: { url, path: paths[from + index] } })));
  }
  await finished;
  return Number(process.hrtime.bigint() - startedAt) / 1e9;
}

process.on('message', (order) => {
  run(order).then(
    (seconds) => process.send(seconds),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
process.send('ready');
