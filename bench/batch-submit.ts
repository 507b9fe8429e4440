/* 50,000 URLs in one submission: time until the whole answer is read, and the most memory the API process had. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { findFreePort } from '../src/embedded/ports';
import { createLogger } from '../src/telemetry/logger';
import { startEmbeddedServers } from './embedded-servers';
import { reportFigures } from './figures';
import type { BatchSubmitFigures } from './figures';
import { runScript } from './run-script';
import { readSettings } from './settings';

const { urls: URLS, rounds: ROUNDS } = readSettings();
const KEY = 'bench-key';
const BIN = join(__dirname, '..', 'dist', 'bin', 'everfetch.js');

/** Peak resident memory of a process, MB. */
async function peakRssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function main(): Promise<void> {
  const servers = await startEmbeddedServers(createLogger('warn'));
  const port = await findFreePort();
  const env = {
    ...process.env,
    PORT: String(port),
    DATA_DIR: servers.dataDir,
    DATABASE_URL: servers.databaseUrl,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    API_KEY: KEY,
    LOG_LEVEL: 'warn',
  };
  const api = spawn(process.execPath, [BIN, 'api'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = new Promise((resolve) => api.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  try {
    for (let isUp = false; !isUp;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      isUp = await request(`${url}/readyz`)
        .then(({ statusCode }) => statusCode === 200)
        .catch(() => false);
    }
    const idleMb = await peakRssMb(api.pid ?? 0);
    console.log(`idle: ${idleMb.toFixed(0)} MB`);
    const rounds: BatchSubmitFigures['rounds'][number][] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      // 60 bytes each, as the figure asks for.
      const urls = Array.from({ length: URLS }, (_, index) =>
        `https://shop.example/catalogue/${round}/products/${String(index).padStart(9, '0')}`.padEnd(60, 'x'),
      );
      const body = JSON.stringify({ apiKey: KEY, urls });
      const startedAt = process.hrtime.bigint();
      const answer = await request(`${url}/batchjobs`, { method: 'POST', body });
      const jobs = (await answer.body.json()) as unknown[];
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
      const peakMb = await peakRssMb(api.pid ?? 0);
      rounds.push({ status: answer.statusCode, jobs: jobs.length, seconds, peakMb });
      console.log(
        `round ${round}: status ${answer.statusCode}, ${jobs.length} jobs in ${seconds.toFixed(2)} s, peak ${peakMb.toFixed(0)} MB`,
      );
    }
    reportFigures('batch-submit', { urls: URLS, idleMb, rounds });
  } finally {
    api.kill('SIGTERM');
    await exited;
    await servers.stop();
  }
}

runScript(main);
