// The upper bound: 128 fetches in flight, every body read to its end, nothing kept, nothing retried but a 503.
// Runs as a process with IPC: {urls} in, seconds out. Its argument is the folder with the peers' packages.
import { createRequire } from 'node:module';

const WIDTH = 128;
const CONNECTIONS_PER_HOST = 16;

const { Agent, request } = createRequire(`${process.argv[2]}/`)('undici');
const dispatcher = new Agent({ connections: CONNECTIONS_PER_HOST });

async function fetchOnce(url) {
  const { statusCode, headers, body } = await request(url, { dispatcher });
  await body.arrayBuffer();
  return statusCode === 200 ? undefined : Number(headers['retry-after'] ?? 1) * 1_000;
}

async function run(urls) {
  const retries = [];
  let next = 0;
  const visit = async (url) => {
    const retryAfterMs = await fetchOnce(url);
    if (retryAfterMs === undefined) return;
    // Waits outside of the loops: a URL that waits holds no place.
    retries.push(new Promise((resolve) => setTimeout(resolve, retryAfterMs)).then(() => visit(url)));
  };
  const loop = async () => {
    for (let index = next++; index < urls.length; index = next++) await visit(urls[index]);
  };
  const startedAt = process.hrtime.bigint();
  await Promise.all(Array.from({ length: WIDTH }, loop));
  for (let retry = retries.shift(); retry !== undefined; retry = retries.shift()) await retry;
  return Number(process.hrtime.bigint() - startedAt) / 1e9;
}

process.on('message', ({ urls }) => {
  run(urls).then(
    (seconds) => process.send(seconds),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
process.send('ready');
