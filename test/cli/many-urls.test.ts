import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOrigin } from '../support/origin';
import { runCliHere } from '../support/run-cli';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'everfetch-many-'))));
afterAll(() => rm(folder, { recursive: true }));

const URLS = 200_000;

/** Takes batches as the service does, but the second only when it is submitted again. */
async function startTaker() {
  const taken: { readonly key: string; readonly lines: number }[] = [];
  let refused = 0;
  const taker = await startOrigin((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const lines = Buffer.concat(parts).toString().split('\n').length - 1;
      res.setHeader('content-type', 'application/json');
      if (taken.length === 1 && refused < 4) {
        refused += 1;
        res.writeHead(429, { 'retry-after': '0' });
        return void res.end('{"status": 429, "code": "too_many_unfinished", "detail": "The key has no room."}');
      }
      const id = `01994f3c-6f2b-7a41-8d05-e17b90c${taken.length}ffff`;
      taken.push({ key: String(req.headers['idempotency-key']), lines });
      const counts = { total: lines, queued: lines, running: 0, finished: 0, failed: 0, cancelled: 0 };
      res.writeHead(202).end(JSON.stringify({ id, status: 'running', tags: [], counts }));
    });
  });
  return { url: taker.url, taken };
}

test('a file of 200,000 URLs becomes several batches, which is said, and those behind the first wait for room', async () => {
  const path = join(folder, 'urls.txt');
  await writeFile(path, Array.from({ length: URLS }, (_, index) => `https://shop.example/${index}`).join('\n'));
  const { url, taken } = await startTaker();
  const { code, stdout, stderr } = await runCliHere(['submit', '-f', path, '--url', url, '--key', 'k']);
  expect({ code, lines: taken.map(({ lines }) => lines) }).toEqual({
    code: 0,
    lines: [50_000, 50_000, 50_000, 50_000],
  });
  expect(stderr).toMatch(/^200,000 URLs are submitted as 4 batches/);
  expect(stderr).toContain('batch 2 of 4 waits: The key has no room.');
  expect(stdout.trim().split('\n')).toHaveLength(4);
  const keys = taken.map(({ key }) => key);
  expect(keys.map((key) => key.replace(/-\d$/, ''))).toEqual(
    Array.from({ length: 4 }, () => keys[0]?.replace(/-1$/, '')),
  );
});

test('one line that is wrong among them keeps all of them from being submitted', async () => {
  const path = join(folder, 'wrong.txt');
  const lines = Array.from({ length: URLS }, (_, index) => `https://shop.example/${index}`);
  await writeFile(path, [...lines, 'shop.example'].join('\n'));
  const { url, taken } = await startTaker();
  const run = await runCliHere(['submit', '-f', path, '--url', url, '--key', 'k', '--out', join(folder, 'x.ndjson')]);
  expect(run).toMatchObject({ code: 6, stdout: '', stderr: expect.stringContaining('line 200001 is not an http') });
  expect(taken).toHaveLength(0);
  await expect(readFile(join(folder, 'x.ndjson'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a submission whose fate nobody knows any more is not repeated', async () => {
  const out = join(folder, 'old.ndjson');
  const args = ['submit', 'https://shop.example/', '--out', out, '--key', 'k', '--url'];
  const away = await startOrigin((_req, res) => void res.socket?.destroy());
  expect(await runCliHere([...args, away.url])).toMatchObject({ code: 3 });
  const state = JSON.parse(await readFile(`${out}.everfetch.json`, 'utf8')) as object;
  expect(state).toMatchObject({ submittingSince: expect.any(String), batches: [], length: 0 });
  await writeFile(`${out}.everfetch.json`, JSON.stringify({ ...state, submittingSince: '2026-01-01T00:00:00Z' }));
  const again = await runCliHere([...args, away.url]);
  expect(again).toMatchObject({ code: 6, stderr: expect.stringContaining('may have come through') });
});
