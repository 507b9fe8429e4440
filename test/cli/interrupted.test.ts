import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../crash/random';
import { EVERFETCH_BIN } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import { jsonLines, runCliHere } from '../support/run-cli';
import { runEverfetch } from '../support/run-everfetch';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

jest.setTimeout(180_000);

const INTERRUPTIONS = 20;
const URLS = 600;

let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startTestService({ env: { MAX_CONCURRENT_FETCHES: '4', MAX_FETCHES_PER_HOST: '4' } });
  folder = await mkdtemp(join(tmpdir(), 'everfetch-interrupted-'));
});
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

test(`a command that is interrupted ${INTERRUPTIONS} times at random writes each result exactly once`, async () => {
  const seed = Date.now() % 1_000_000;
  const random = createRandom(seed);
  const site = await startOrigin((req, res) => void setTimeout(() => res.end(`page of ${req.url ?? ''}`), 20));
  const env = { PATH: process.env['PATH'] ?? '', EVERFETCH_URL: service.url, EVERFETCH_API_KEY: TEST_KEY };

  const interrupted = async (name: string, out: string) => {
    const urls = Array.from({ length: URLS }, (_, index) => `${site.url}/${name}/${index}`);
    const file = join(folder, `${name}.txt`);
    await writeFile(file, urls.join('\n'));
    const args = ['submit', '-f', file, '--name', name, '--out', out];
    for (let round = 0; round < INTERRUPTIONS; round += 1) {
      const child = spawn(process.execPath, [EVERFETCH_BIN, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (part: Buffer) => (said += part.toString()));
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      await sleep(100 + random() * 500);
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
    return { urls, run: await runEverfetch(args, env) };
  };

  const [lines, pages] = await Promise.all([
    interrupted('lines', join(folder, 'out.ndjson')),
    interrupted('pages', `${join(folder, 'out')}/`),
  ]);
  expect({ seed, code: lines.run.code, said: lines.run.stderr }).toMatchObject({ seed, code: 0 });
  expect({ seed, code: pages.run.code, said: pages.run.stderr }).toMatchObject({ seed, code: 0 });

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
