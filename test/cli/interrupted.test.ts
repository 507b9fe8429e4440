import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunState } from '../../src/cli/output/run-state';
import { createRandom } from '../crash/random';
import { EVERFETCH_BIN } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import { jsonLines, runCliHere } from '../support/run-cli';
import { runEverfetch } from '../support/run-everfetch';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

const INTERRUPTIONS = 20;
const URLS = 462; // a multiple of 21 and of 11

let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startTestService({ env: { ATTEMPT_TIMEOUT_SEC: '60' } });
  folder = await mkdtemp(join(tmpdir(), 'everfetch-interrupted-'));
});
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A site that answers so many requests of a batch, and further ones when more are allowed: so there is always something left to come. */
async function startMeteredSite() {
  const allowed = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();
  const serve = (name: string) => {
    const queue = waiting.get(name) ?? [];
    for (let left = allowed.get(name) ?? 0; left > 0 && queue.length > 0; left -= 1) {
      queue.shift()?.();
      allowed.set(name, left - 1);
    }
  };
  const site = await startOrigin((req, res) => {
    const name = (req.url ?? '').split('/')[1] ?? '';
    waiting.set(name, [...(waiting.get(name) ?? []), () => res.end(`page of ${req.url ?? ''}`)]);
    serve(name);
  });
  return {
    url: site.url,
    allow(name: string, more: number) {
      allowed.set(name, (allowed.get(name) ?? 0) + more);
      serve(name);
    },
  };
}

/** Resolves when a file has grown, or after ten seconds. */
async function grown(path: string): Promise<void> {
  const sizeOf = async () => (await stat(path).catch(() => undefined))?.size ?? 0;
  const before = await sizeOf();
  await waitFor(async () => (await sizeOf()) > before, { timeoutMs: 10_000 }).catch(() => undefined);
}

test(`a command that is interrupted ${INTERRUPTIONS} times at random writes each result exactly once`, async () => {
  const seed = Date.now() % 1_000_000;
  const random = createRandom(seed);
  const site = await startMeteredSite();
  const env = { PATH: process.env['PATH'] ?? '', EVERFETCH_URL: service.url, EVERFETCH_API_KEY: TEST_KEY };

  const interrupted = async (name: string, out: string, written: string, times: number) => {
    const urls = Array.from({ length: URLS }, (_, index) => `${site.url}/${name}/${index}`);
    const file = join(folder, `${name}.txt`);
    await writeFile(file, urls.join('\n'));
    const args = ['submit', '-f', file, '--name', name, '--out', out];
    const noted = async () => {
      const state = await readFile(`${out.replace(/\/$/, '')}.everfetch.json`, 'utf8').catch(() => '{}');
      return (JSON.parse(state) as Partial<RunState>).counts?.finished ?? 0;
    };
    // On a busy machine it takes more rounds until one has come as far as to note a result.
    for (let round = 0; round < times || (await noted()) === 0; round += 1) {
      const child = spawn(process.execPath, [EVERFETCH_BIN, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (part: Buffer) => (said += part.toString()));
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      if (round < times) site.allow(name, URLS / (times + 1));
      // Half of them are interrupted while they write, the others anywhere from their start on.
      if (random() < 0.5) await grown(written);
      await sleep(random() * 400);
      const signal = random() < 0.5 ? 'SIGKILL' : 'SIGINT';
      child.kill(signal);
      const code = await ended;
      // One that is interrupted before it listens to signals ends by the signal itself.
      if (signal === 'SIGINT' && code !== null && code !== 0)
        expect({ code, said }).toEqual({
          code: 130,
          said: expect.stringMatching(/interrupted\. The same command again goes on/),
        });
    }
    const before = await noted();
    site.allow(name, URLS);
    return { urls, before, run: await runEverfetch(args, env) };
  };

  const [lines, pages] = await Promise.all([
    interrupted('lines', join(folder, 'out.ndjson'), join(folder, 'out.ndjson'), INTERRUPTIONS),
    interrupted('pages', `${join(folder, 'out')}/`, join(folder, 'out', 'index.ndjson'), INTERRUPTIONS / 2),
  ]);
  expect({ seed, code: lines.run.code, said: lines.run.stderr }).toMatchObject({ seed, code: 0 });
  expect({ seed, code: pages.run.code, said: pages.run.stderr }).toMatchObject({ seed, code: 0 });

  for (const { before } of [lines, pages]) {
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(URLS);
  }

  const written = jsonLines(await readFile(join(folder, 'out.ndjson'), 'utf8'));
  expect(written.map(({ url }) => url).sort()).toEqual([...lines.urls].sort());
  for (const { url, response } of written) expect(response.body).toBe(`page of ${new URL(url).pathname}`);

  const index = jsonLines(await readFile(join(folder, 'out', 'index.ndjson'), 'utf8'));
  expect(index.map(({ url }) => url).sort()).toEqual([...pages.urls].sort());
  expect((await readdir(join(folder, 'out'))).filter((name) => !name.includes('.part')).sort()).toEqual(
    [...index.map(({ file }) => file), 'index.ndjson'].sort(),
  );
  for (const { url, file } of index)
    expect(await readFile(join(folder, 'out', file), 'utf8')).toBe(`page of ${new URL(url).pathname}`);

  const listed = await runCliHere(['list', '--json'], { env });
  expect(
    jsonLines(listed.stdout)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['lines', 'pages']);
});
