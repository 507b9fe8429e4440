/* `GET /jobs/:id` of finished 20 kB pages against Express that answers the same JSON from memory, in turns, in one run. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { createLogger } from '../src/telemetry/logger';
import { startEmbeddedServers } from './embedded-servers';
import { reportFigures } from './figures';
import type { LoadResult, LoadRun } from './load-process';
import { median } from './measure';
import { pageText } from './page-text';
import { readProcess } from './processes';
import { runScript } from './run-script';
import { startServiceProcess } from './service-process';

const MUST = 0.4;
const WIDTH = 32;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const WINDOW_MS = Number(process.env['BENCH_WINDOW_MS'] ?? 4_000);
/** Different pages, as in life; each is read many times. */
const PAGES = 50;
const KEY = 'bench-key';

/** A script of this folder in a process of its own, with lines on standard input and output. */
function startScript(name: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, name)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    nextLine: async (): Promise<string> => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${name} ended`);
      return value;
    },
    async stop() {
      child.kill();
      await exited;
    },
  };
}

async function main(): Promise<void> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const servers = await startEmbeddedServers(createLogger('warn'));
    closing.push(() => servers.stop());
    const target = createServer((req, res) => {
      const text = pageText(Number(/\d+$/.exec(req.url ?? '')?.[0]));
      res.setHeader('content-type', 'text/html; charset=utf-8');
      if (req.url?.startsWith('/gzip') !== true) return void res.end(text);
      res.setHeader('content-encoding', 'gzip').end(gzipSync(text));
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const targetUrl = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
    const profile = process.env['BENCH_CPU_PROFILE_DIR'];
    const service = await startServiceProcess(servers, {
      role: 'start',
      env: { API_KEY: KEY, ALLOW_PRIVATE_TARGETS: '127.0.0.1/32' },
      execArgv: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    });
    closing.push(() => service.stop());

    const read = async (url: string): Promise<Record<string, unknown>> =>
      (await (await request(url)).body.json()) as Record<string, unknown>;
    const finishedPage = async (path: string): Promise<string> => {
      const body = JSON.stringify({ apiKey: KEY, url: targetUrl + path });
      const submitted = await request(`${service.url}/jobs`, { method: 'POST', body });
      const url = `${service.url}/jobs/${((await submitted.body.json()) as { id: string }).id}`;
      while ((await read(`${url}?response=false`))['status'] !== 'finished')
        await new Promise((resolve) => setTimeout(resolve, 20));
      return url;
    };
    const pagesOf = (kind: string) =>
      Promise.all(Array.from({ length: PAGES }, (_, index) => finishedPage(`/${kind}/${index}`)));
    const plainUrls = await pagesOf('plain');
    const gzipUrls = await pagesOf('gzip');
    target.closeAllConnections();
    target.close();

    const express = startScript('plain-express.ts');
    closing.push(() => express.stop());
    express.stdin.end(JSON.stringify(await read(plainUrls[0] ?? '')));
    const expressUrls = [
      `http://127.0.0.1:${await express.nextLine()}/jobs/${new URL(plainUrls[0] ?? '').pathname.slice(6)}`,
    ];
    const load = startScript('load-process.ts');
    closing.push(() => load.stop());
    const measure = async (urls: readonly string[], pid: number, durationMs = WINDOW_MS) => {
      const cpuMs = () => readProcess(pid)?.cpuMs ?? Number.NaN;
      const cpuBeforeMs = cpuMs();
      load.stdin.write(`${JSON.stringify({ urls, width: WIDTH, durationMs } satisfies LoadRun)}\n`);
      const result = JSON.parse(await load.nextLine()) as LoadResult;
      const cpuMicros = ((cpuMs() - cpuBeforeMs) * 1_000) / (result.perSecond * (durationMs / 1_000));
      const shown = `${result.perSecond.toFixed(0)}/s (p50 ${result.p50Ms.toFixed(1)} ms, p99 ${result.p99Ms.toFixed(1)} ms, ${cpuMicros.toFixed(0)} µs of processor)`;
      return { ...result, shown };
    };

    await measure(expressUrls, express.pid, WINDOW_MS / 2); // warm-up of both sides
    await measure([...plainUrls, ...gzipUrls], service.pid, WINDOW_MS / 2);
    const ratios: { plain: number[]; gzip: number[] } = { plain: [], gzip: [] };
    for (let round = 1; round <= ROUNDS; round++) {
      const bare = await measure(expressUrls, express.pid);
      const plain = await measure(plainUrls, service.pid);
      const gzip = await measure(gzipUrls, service.pid);
      ratios.plain.push(plain.perSecond / bare.perSecond);
      ratios.gzip.push(gzip.perSecond / bare.perSecond);
      console.log(`round ${round}: Express ${bare.shown}\n  plain ${plain.shown}\n  gzip ${gzip.shown}`);
    }
    const measured = median(ratios.plain);
    console.log(
      `ratio, median of ${ROUNDS}: plain ${measured.toFixed(2)}, gzip ${median(ratios.gzip).toFixed(2)} (must be at least ${MUST})`,
    );
    reportFigures('read-job', {
      measure:
        'GET /jobs/:id of a finished 20 kB page, share of the rate of plain Express with the same JSON in memory',
      must: `>= ${MUST}`,
      measured,
      rounds: ratios.plain,
    });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

runScript(main);
