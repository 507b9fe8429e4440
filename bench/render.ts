/* Pages that a script builds, loaded by the browser engine through the egress proxy: pages/s, processor time per page, memory over all pages. */
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBrowserEngine } from '../src/fetch/browser/create-browser-engine';
import { findBrowser } from '../src/fetch/browser/find-browser';
import { processTreeMemory } from '../src/fetch/browser/browser-process';
import { createEgressProxy } from '../src/fetch/egress/egress-proxy';
import { createGuard } from '../src/net/guard';
import { median, rateOf } from './measure';
import { processTree } from './processes';
import type { RenderFigures } from './render-figures';
import { runScript } from './run-script';

const MUST_PAGES_PER_SECOND = 3;
const WIDTH = Number(process.env['BENCH_WIDTH'] ?? 4);
const PAGES = Number(process.env['BENCH_PAGES'] ?? 500);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const SAMPLE_EVERY_MS = 500;
const ROWS = 200;

/** A list page as an application builds it: a script, a style sheet, and data that it fetches. */
const parts: Readonly<Record<string, readonly [type: string, body: string]>> = {
  '/app.js': [
    'text/javascript',
    `fetch('/data.json').then((answer) => answer.json()).then((rows) => {
      for (const { id, name } of rows) {
        const item = document.createElement('article');
        item.innerHTML = '<h2><a href="/item/' + id + '">' + name + '</a></h2><p class="price">' + id * 1.5 + '</p>';
        document.querySelector('main').append(item);
      }
    })`,
  ],
  '/style.css': ['text/css', 'article { display: inline-block; width: 12em; border: 1px solid #ccc; padding: 1em }'],
  '/data.json': [
    'application/json',
    JSON.stringify(Array.from({ length: ROWS }, (_, id) => ({ id, name: `Product no. ${id}` }))),
  ],
};
const PAGE =
  '<!DOCTYPE html><title>Shop</title><link rel="stylesheet" href="/style.css"><main></main><script src="/app.js"></script>';

/** The main process of the browser, a child of ours. */
function browserPid(): number {
  const children = processTree(process.pid).filter(({ parentPid }) => parentPid === process.pid);
  const found = children.find(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('--user-data-dir='));
  if (found === undefined) throw new Error('the browser does not run');
  return found.pid;
}

const cpuMsOf = (pid: number): number =>
  processTree(pid).reduce((sum, { cpuMs, endedChildrenCpuMs }) => sum + cpuMs + endedChildrenCpuMs, 0);

async function main(): Promise<void> {
  const source = findBrowser('auto');
  if (source === undefined || readdirSync('/proc').length === 0) throw new Error('needs Linux and a Chromium');
  const target = createServer((req, res) => {
    const [type, body] = parts[req.url ?? ''] ?? ['text/html', PAGE];
    res.writeHead(200, { 'content-type': type }).end(body);
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  const guard = createGuard(['127.0.0.1']);
  const egress = await createEgressProxy({ guard });
  const engine = createBrowserEngine({
    ...{ source, egress, guard, maxPages: WIDTH },
    pagesPerBrowser: Number.POSITIVE_INFINITY, // one life, or growth would not show
    maxMemoryBytes: Number.POSITIVE_INFINITY,
    onWarning: (message) => console.log(message),
  });
  const load = async (index: number): Promise<void> => {
    const page = await engine.render(
      {
        ...{ url: new URL(`http://127.0.0.1:${port}/list/${index}`), method: 'GET', body: undefined, headers: [] },
        ...{ deviceType: 'desktop' as const, cookies: [], proxy: undefined },
        render: { isScreenshotWanted: false, instructions: [] },
      },
      AbortSignal.timeout(60_000),
    );
    if (!page.body.includes(`Product no. ${ROWS - 1}<`)) throw new Error('the page is not complete');
  };
  try {
    await load(0);
    const pid = browserPid();
    let done = 0;
    const samples: { readonly pages: number; readonly mb: number }[] = [];
    const sample = () => samples.push({ pages: done, mb: (processTreeMemory(pid) ?? 0) / 2 ** 20 });
    const timer = setInterval(sample, SAMPLE_EVERY_MS);
    const before = { browser: cpuMsOf(pid), node: process.cpuUsage() };
    const rounds: { pagesPerSecond: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const pagesPerSecond = await rateOf(Math.ceil(PAGES / ROUNDS), WIDTH, async (index) => {
        await load(index);
        done += 1;
      });
      rounds.push({ pagesPerSecond });
      console.log(
        `round ${round + 1}: ${pagesPerSecond.toFixed(2)} pages/s, ${samples.at(-1)?.mb.toFixed(0) ?? '?'} MB`,
      );
    }
    clearInterval(timer);
    sample();
    const node = process.cpuUsage(before.node);
    const figures: RenderFigures = {
      ...{ width: WIDTH, pages: done, rounds },
      cpuMsPerPage: { browser: (cpuMsOf(pid) - before.browser) / done, node: (node.user + node.system) / 1_000 / done },
      browserMb: memoryFigures(samples),
    };
    console.log(JSON.stringify(figures, undefined, 2));
    const rate = median(rounds.map(({ pagesPerSecond }) => pagesPerSecond));
    console.log(`${rate.toFixed(2)} pages/s; must: at least ${MUST_PAGES_PER_SECOND}`);
    const out = process.env['BENCH_OUT'];
    if (out) writeFileSync(out, JSON.stringify(figures));
  } finally {
    await engine.close();
    await egress.close();
    target.closeAllConnections();
    target.close();
  }
}

function memoryFigures(
  samples: readonly { readonly pages: number; readonly mb: number }[],
): RenderFigures['browserMb'] {
  const mbs = samples.map(({ mb }) => mb);
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanPages, meanMb] = [mean(half.map(({ pages }) => pages)), mean(half.map(({ mb }) => mb))];
  const spread = half.reduce((sum, { pages }) => sum + (pages - meanPages) ** 2, 0);
  const slope = half.reduce((sum, { pages, mb }) => sum + (pages - meanPages) * (mb - meanMb), 0) / spread;
  return {
    first: mbs[0] ?? Number.NaN,
    min: Math.min(...mbs),
    max: Math.max(...mbs),
    last: mbs.at(-1) ?? Number.NaN,
    slopePer100Pages: slope * 100,
  };
}

runScript(main);
