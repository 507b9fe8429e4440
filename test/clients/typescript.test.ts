import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { chromium } from 'playwright-core';
import * as client from '../../src/client';
import { findBrowser } from '../../src/fetch/browser/find-browser';
import { runScenario } from './run-scenario';
import type { Step } from './run-scenario';
import { steps } from './scenario.json';
import { startClientsWorld } from './world';
import type { ClientsWorld } from './world';

let world: ClientsWorld;
beforeAll(async () => (world = await startClientsWorld()));
afterAll(() => world.close());

test('the client goes through the scenario in Node.js', async () => {
  const before = world.cuts();
  expect(await runScenario(steps as Step[], await world.forRun('node'), client)).toBeUndefined();
  expect(world.cuts() - before).toBeGreaterThan(10);
});

const browser = findBrowser('auto');
const testWithBrowser = browser?.kind === 'executable' ? test : test.skip;

testWithBrowser('and as an ES module in Chromium, on a page of another origin', async () => {
  const page = await servePage();
  const program = await chromium.launch({ executablePath: (browser as { path: string }).path, args: ['--no-sandbox'] });
  try {
    const tab = await program.newPage();
    await tab.goto(page.url);
    const given = { steps: steps as Step[], world: await world.forRun('browser') };
    const problem = await tab.evaluate(async (run) => {
      const modules = ['/client.mjs', '/run-scenario.mjs'].map((path) => import(path));
      const [everfetch, runner] = await Promise.all(modules);
      return runner.runScenario(run.steps, run.world, everfetch);
    }, given);
    expect(problem).toBeUndefined();
  } finally {
    await program.close();
    await page.close();
  }
});

/** A page without content, and the modules that it loads. */
async function servePage(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const modules: Readonly<Record<string, string>> = {
    '/client.mjs': moduleOf(join(__dirname, '../../src/client/index.ts')),
    '/run-scenario.mjs': moduleOf(join(__dirname, 'run-scenario.ts')),
  };
  const server = createServer((req, res) => {
    const module = modules[req.url ?? ''];
    res.setHeader('content-type', module === undefined ? 'text/html' : 'text/javascript');
    res.end(module ?? '<!doctype html><title>client</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const moduleOf = (path: string): string =>
  buildSync({ entryPoints: [path], bundle: true, format: 'esm', platform: 'neutral', write: false }).outputFiles[0]
    ?.text ?? '';
