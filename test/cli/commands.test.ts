import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { findFreePort } from '../../src/embedded/ports';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { startRelay } from '../support/relay';
import { jsonLines, runCliHere } from '../support/run-cli';
import type { CliOptions, CliRun } from '../support/run-cli';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startTestService();
  folder = await mkdtemp(join(tmpdir(), 'everfetch-cli-'));
});
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

const cli = (args: readonly string[], options: CliOptions = {}): Promise<CliRun> =>
  runCliHere(args, {
    ...options,
    env: { EVERFETCH_URL: service.url, EVERFETCH_API_KEY: TEST_KEY, XDG_CONFIG_HOME: folder, ...options.env },
  });

/** Answers `/ok…` with a page that names it, `/json` with a number that only text can hold; everything else leads to a private address. */
const startSite = () =>
  startOrigin((req, res) => {
    if (req.url === '/json') res.setHeader('content-type', 'application/json').end('{"id": 9007199254740993}');
    else if (req.url?.startsWith('/ok') === true)
      res.setHeader('content-type', 'text/html').end(`<p>page of ${req.url}`);
    else res.writeHead(302, { location: 'http://10.1.2.3/' }).end();
  });

/** A command that runs until `stop` is called. */
function started(args: readonly string[], options: CliOptions = {}) {
  const controller = new AbortController();
  let [stdout, stderr] = ['', ''];
  const done = cli(args, {
    ...options,
    signal: controller.signal,
    onStdout: (text) => (stdout = text),
    onStderr: (text) => (stderr = text),
  });
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    done,
    stop: async (): Promise<CliRun> => {
      controller.abort();
      return done;
    },
  };
}

const idIn = (text: string): string => /^([0-9a-f-]{36})$/m.exec(text)?.[1] ?? '';

test('a batch is submitted, waited for, looked at, and its failures are tried again', async () => {
  const site = await startSite();
  const urls = [`${site.url}/ok1`, `${site.url}/ok2`, `${site.url}/inside`];
  const submitted = await cli(['submit', ...urls, '--name', 'first', '--tag', 'a', '--tag', 'b', '--wait']);
  expect(submitted).toMatchObject({ code: 2, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
  expect(submitted.stderr).toMatch(/2 of 3 finished, 1 failed \(forbidden_target 1\), \d credits\.\n$/);
  const id = idIn(submitted.stdout);

  const status = await cli(['status', id]);
  expect(status.stdout).toMatch(/name +first\ntags +a, b\nstatus +finished\ndone +3 of 3/);
  expect(jsonLines((await cli(['status', id, '--json'])).stdout)).toMatchObject([
    { id, counts: { finished: 2, failed: 1 } },
  ]);
  expect((await cli(['list', '--tag', 'a'])).stdout).toMatch(new RegExp(`^ID .*\n${id}  finished  3/3 +1 .* first\n$`));
  const [failed] = jsonLines((await cli(['list', id, '--status', 'failed', '--json'])).stdout);
  expect(failed).toMatchObject({ url: urls[2], failReason: 'forbidden_target' });
  expect((await cli(['list', '--jobs', '--query', '/ok2'])).stdout).toContain(urls[1]);
  expect(await cli(['list', '--status', 'paused'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'nothing is there.\n',
  });

  expect(await cli(['get', failed.id])).toMatchObject({ code: 0, stdout: expect.stringContaining('forbidden_target') });
  expect(await cli(['get', failed.id, '--body'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^everfetch: the page could not be fetched: forbidden_target after 1 attempt; .*\.\n$/,
    ),
  });
  const results = jsonLines((await cli(['results', id, '--fields', 'id,url,status'])).stdout);
  expect(results.map(({ url }) => url).sort()).toEqual([...urls].sort());
  const ok = results.find(({ url }) => url === urls[0]);
  expect((await cli(['get', `${service.url}/jobs/${ok.id}`, '--body'])).stdout).toBe('<p>page of /ok1');
  const behind = await cli(['results', id, '--cursor', results[1].cursor]);
  expect(jsonLines(behind.stdout).map(({ url }) => url)).toEqual([results[2].url]);

  expect(await cli(['watch', id])).toMatchObject({ code: 2, stdout: '' });
  expect(jsonLines((await cli(['watch', id, '--json'])).stdout).at(-1)).toMatchObject({ id, status: 'finished' });
  expect(await cli(['retry-failed', id, '--host', 'other.example'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('no failed URL matches'),
  });
  expect(await cli(['retry-failed', id, '--fail-reason', 'forbidden_target', '--wait'])).toMatchObject({ code: 2 });
  expect((await cli(['open', id, '--no-browser'])).stdout).toBe(`${service.url}/#/batches/${id}\n`);
});

test('a batch is paused, resumed and cancelled', async () => {
  const site = await startOrigin((_req, res) => void res.writeHead(503, { 'retry-after': '600' }).end());
  const id = idIn((await cli(['submit', `${site.url}/a`, `${site.url}/b`, '--max-credits', '50'])).stdout);
  expect(await cli(['pause', id])).toMatchObject({ code: 0, stdout: expect.stringContaining(`${id} is paused`) });
  expect((await cli(['status', id])).stdout).toMatch(/^status +paused$/m);
  expect(await cli(['resume', id, '--max-credits', '60'])).toMatchObject({ code: 0 });
  const watching = started(['watch', id]);
  expect(await cli(['cancel', id])).toMatchObject({ code: 0, stdout: expect.stringContaining('is cancelled') });
  await waitFor(() => watching.stderr().includes('2 cancelled'));
  expect(await watching.stop()).toMatchObject({ code: 2 });
  expect(await cli(['pause', id])).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/^everfetch: .*ended.*\n$/),
  });
});

test('one page is printed, or written to a file, or given as JSON', async () => {
  const site = await startSite();
  expect(await cli(['scrape', `${site.url}/json`])).toEqual({
    code: 0,
    stdout: '{"id": 9007199254740993}',
    stderr: '',
  });
  const path = join(folder, 'page.html');
  expect(await cli(['scrape', `${site.url}/ok`, '-H', 'X-A: b', '--out', path])).toMatchObject({ code: 0, stdout: '' });
  expect(await readFile(path, 'utf8')).toBe('<p>page of /ok');
  expect(site.requests.at(-1)?.headers['x-a']).toBe('b');
  const [job] = jsonLines((await cli(['scrape', `${site.url}/ok`, '--output-format', 'text', '--json'])).stdout);
  expect(job).toMatchObject({ status: 'finished', response: { body: expect.stringContaining('page of /ok') } });
  expect(await cli(['scrape', `${site.url}/inside`])).toMatchObject({ code: 2, stdout: '' });
});

test('callbacks are listed, repeated, followed, and sent on with the signature of the service', async () => {
  const site = await startSite();
  const local = await createReceiver(({ arrival }) => (arrival === 2 ? 500 : 200));
  const remote = await createReceiver();
  const tail = started(['deliveries', '--tail', '--json']);
  // It says nothing but JSON, so calls of before tell that it follows.
  const early = await createReceiver();
  const isFollowing = async () => {
    await service.call('POST', '/webhooks/test', { url: early.url }, { 'x-api-key': TEST_KEY });
    return tail.stdout() !== '';
  };
  await waitFor(isFollowing, { intervalMs: 500 });
  const listening = started(['listen', '--forward-to', local.url]);
  const { body: secret } = await service.call('GET', '/webhooks/secret', undefined, { 'x-api-key': TEST_KEY });
  await waitFor(() => listening.stderr().includes('waiting for callbacks'));

  const { stdout } = await cli([
    'submit',
    `${site.url}/json`,
    '--callback',
    remote.url,
    '--on-done',
    remote.url,
    '--wait',
  ]);
  await waitFor(() => listening.stdout().split('→').length === 3);
  const [first] = local.calls;
  expect(first?.rawBody).toBe(remote.calls.find(({ body }) => body.url !== undefined)?.rawBody);
  expect(() =>
    new Webhook(secret.secret).verify(first?.rawBody ?? '', first?.headers as Record<string, string>),
  ).not.toThrow();
  expect(listening.stdout()).toMatch(/job\.finished .* → 200 in \d+ ms\n.*batch\.finished .* → 500 in/);
  const isDelivered = ({ url, status }: { url: string; status: string }) =>
    url === remote.url && status === 'delivered';
  await waitFor(() => jsonLines(tail.stdout()).filter(isDelivered).length === 2);
  expect(await listening.stop()).toMatchObject({ code: 130 });
  expect(await tail.stop()).toMatchObject({ code: 130, stderr: expect.stringMatching(/^everfetch: interrupted\.\n$/) });

  const [latest, ...others] = jsonLines((await cli(['deliveries', '--batch', idIn(stdout), '--json'])).stdout);
  expect(latest).toMatchObject({ event: 'batch.finished', status: 'delivered', attemptCount: 1 });
  expect(others).toMatchObject([{ event: 'job.finished' }]);
  expect((await cli(['deliveries', latest.id])).stdout).toMatch(/status +delivered[\s\S]*ANSWER[\s\S]* 200 /);
  expect((await cli(['deliveries', '--endpoint', remote.url])).stdout).toMatch(
    /^CREATED +EVENT.*\n(.* delivered .*\n){2,}$/,
  );
  expect(await cli(['replay', latest.id])).toMatchObject({ code: 0, stdout: expect.stringContaining('is sent again') });
  await waitFor(() => remote.calls.length === 3);
  const all = ['replay', '--since', '1h', '--status', 'delivered', '--endpoint', remote.url];
  expect((await cli(all)).stdout).toMatch(/^[12] callbacks are sent again\.\n$/);
});

test('a login is checked and kept, and account and prices can be seen', async () => {
  const none = { EVERFETCH_URL: '', EVERFETCH_API_KEY: '' };
  const wrong = await cli(['login', '--url', service.url], { env: none, stdin: 'not-a-key\n' });
  expect(wrong).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(/^everfetch: [^\n]*not known[^\n]*\n$/),
  });
  const { code, stderr } = await cli(['login', '--url', service.url], { env: none, stdin: `${TEST_KEY}\n` });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `logged in to ${service.url}; the key is in ${join(folder, 'everfetch', 'config.json')}.\n`,
  });
  expect((await stat(join(folder, 'everfetch', 'config.json'))).mode & 0o777).toBe(0o600);
  expect((await cli(['account'], { env: none })).stdout).toMatch(/^service +http.*\ncredits left +no limit\n/);
  expect(jsonLines((await cli(['account', '--json'])).stdout)).toMatchObject([{ creditsLeft: expect.any(Number) }]);
  expect((await cli(['cost', 'https://example.com/', '--render', '--premium'])).stdout).toMatch(/^\d+ credits\n$/);
});

test('no service, a wrong key, an unknown id and a service that is none are one line and an exit code each', async () => {
  const id = '01994f3c-6f2b-7a41-8d05-e17b90c2ffff';
  const away = `http://127.0.0.1:${await findFreePort()}`;
  const stranger = await startOrigin((_req, res) => res.setHeader('content-type', 'text/html').end('<h1>Welcome'));
  const runs = await Promise.all([
    cli(['status', id, '--url', away]),
    cli(['status', id, '--key', 'wrong']),
    cli(['status', id]),
    cli(['list', '--url', stranger.url]),
  ]);
  for (const { stdout, stderr } of runs) {
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^everfetch: [^\n]+[.?]\n$/);
  }
  expect(runs.map(({ code }) => code)).toEqual([3, 4, 5, 3]);
  expect(runs[0]?.stderr).toContain(`${away} cannot be reached`);
  expect(runs[1]?.stderr).toContain('everfetch login');
});

describe('--out', () => {
  const outOf = (name: string) => join(folder, name);
  const submit = (site: { readonly url: string }, out: string) =>
    cli(['submit', '-', '--out', out], { stdin: `${site.url}/ok1\n${site.url}/inside\n${site.url}/json\n` });

  test('writes lines byte for byte, and the same command again does nothing', async () => {
    const site = await startSite();
    const out = outOf('results.ndjson');
    const first = await submit(site, out);
    expect(first).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/2 of 3 finished.*Results are in .*results\.ndjson\.\n$/),
    });
    const text = await readFile(out, 'utf8');
    expect(
      jsonLines(text)
        .map(({ url }) => url)
        .sort(),
    ).toEqual(['/inside', '/json', '/ok1'].map((path) => site.url + path));
    expect(text).toContain('9007199254740993');

    const asked = site.requests.length;
    expect(await submit(site, out)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('nothing to do: all 3 results'),
    });
    // Somebody has removed it: the results are read again, and nothing is fetched.
    await rm(out);
    expect(await submit(site, out)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('going on') });
    expect(await readFile(out, 'utf8')).toBe(text);
    expect(site.requests).toHaveLength(asked);

    await writeFile(out, text.slice(0, 100));
    expect(await submit(site, out)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('something else has changed it'),
    });
    const other = await cli(['submit', `${site.url}/ok1`, '--out', out]);
    expect(other).toMatchObject({ code: 6, stderr: expect.stringContaining('holds the results of another command') });
    await writeFile(`${out}.everfetch.json`, '{"version":');
    expect(await submit(site, out)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('remove it and the output to begin anew'),
    });
    expect(await readFile(out, 'utf8')).toBe(text.slice(0, 100));
  });

  test('does not touch a file that was there before', async () => {
    const site = await startSite();
    const out = outOf('mine.ndjson');
    await writeFile(out, 'mine\n');
    expect(await submit(site, out)).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('holds something else'),
    });
    expect(await readFile(out, 'utf8')).toBe('mine\n');
    expect(site.requests).toHaveLength(0);
  });

  test('writes a file per page and an index that names it', async () => {
    const site = await startSite();
    expect(await submit(site, `${outOf('pages')}/`)).toMatchObject({ code: 2 });
    const index = jsonLines(await readFile(join(outOf('pages'), 'index.ndjson'), 'utf8'));
    const entryOf = (path: string) => index.find(({ url }) => url === site.url + path);
    expect(index).toHaveLength(3);
    expect(entryOf('/inside')).toMatchObject({ status: 'failed', failReason: 'forbidden_target' });
    const host = new URL(site.url).host.replace(':', '-');
    expect(entryOf('/ok1')).toMatchObject({
      statusCode: 200,
      contentType: 'text/html',
      file: `000001-${host}-ok1.html`,
    });
    expect(await readFile(join(outOf('pages'), entryOf('/json').file), 'utf8')).toBe('{"id": 9007199254740993}');
  });

  test('writes an archive, whose pages are whole', async () => {
    const site = await startSite();
    const out = outOf('pages.warc.gz');
    expect(await submit(site, out)).toMatchObject({ code: 2 });
    expect((await readFile(out)).subarray(0, 2).toString('hex')).toBe('1f8b');
    expect(await submit(site, out)).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing to do') });
  });

  test('goes on by itself when the service has been away', async () => {
    let isAway = false;
    const meddle = (bytes: Buffer) => (isAway ? 'cut' : bytes);
    const relay = await startRelay(Number(new URL(service.url).port), { up: meddle, down: meddle });
    let answerLater = (): void => undefined;
    const site = await startOrigin((req, res) => {
      if (req.url === '/now') res.end('now');
      else answerLater = () => res.end('later');
    });
    const out = outOf('away.ndjson');
    const running = started(['submit', `${site.url}/now`, `${site.url}/later`, '--out', out, '--url', relay.url]);
    const written = async () => jsonLines(await readFile(out, 'utf8')).map(({ url }) => url.replace(site.url, ''));
    await waitFor(async () => (await written()).length === 1);
    isAway = true;
    answerLater();
    await waitFor(() => running.stderr().includes('connection lost, retrying'));
    isAway = false;
    await waitFor(() => running.stderr().includes('2 of 2 finished'));
    expect(await running.done).toMatchObject({ code: 0 });
    expect(await written()).toEqual(['/now', '/later']);
    await relay.close();
  });

  test('of a batch that exists already', async () => {
    const site = await startSite();
    const id = idIn((await cli(['submit', `${site.url}/ok1`, `${site.url}/ok2`])).stdout);
    expect(await cli(['results', id, '--out', outOf('later.ndjson')])).toMatchObject({ code: 0 });
    expect(await cli(['results', id, '--out', outOf('later.ndjson')])).toMatchObject({ code: 0 });
    expect(jsonLines(await readFile(outOf('later.ndjson'), 'utf8'))).toHaveLength(2);
  });

  const onLinux = process.platform === 'linux' ? test : test.skip; // elsewhere there is no /dev/full
  onLinux('a full disk is one line, and the same command goes on when there is room', async () => {
    const site = await startSite();
    const out = outOf('full.ndjson');
    await symlink('/dev/full', out);
    const args = ['submit', `${site.url}/ok1`, '--out', out];
    const { code, stderr } = await cli(args);
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^everfetch: [^\n]*full\.ndjson: no space is left on the disk \(ENOSPC\)\. The same command again goes on[^\n]*\n$/,
    );
    await rm(out); // now there is room
    expect(await cli(args)).toMatchObject({ code: 0 });
    expect(jsonLines(await readFile(out, 'utf8'))).toHaveLength(1);
    expect(site.requests).toHaveLength(1);
  });
});
