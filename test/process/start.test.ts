import { childNamed, createInstallation, isAlive, startEverfetch } from '../support/everfetch-process';
import type { EverfetchProcess, Installation } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { waitFor } from '../support/wait-for';

let installation: Installation;
let running: EverfetchProcess | undefined;
const isRunning = () => running !== undefined && running.child.exitCode === null && running.child.signalCode === null;
async function end(): Promise<void> {
  if (isRunning()) {
    running?.child.kill('SIGTERM');
    await running?.exited;
  }
  running = undefined;
  await installation.remove();
}

const start = async () => (running = await startEverfetch(installation));
/** The service that the test before has left, or a new one. */
const theRunning = async () => (running !== undefined && isRunning() ? running : start());

async function untilReady(everfetch: EverfetchProcess): Promise<void> {
  await waitFor(async () => (await everfetch.call('GET', '/readyz')).status === 200, { message: 'readiness' });
}

describe('an installation of its own', () => {
  beforeEach(async () => {
    installation = await createInstallation();
  });
  afterEach(end);

  test('a first start without API_KEY prints a key that works, shows it only once and stores only its hash', async () => {
    const { API_KEY: _own, ...env } = installation.env;
    const bare = { ...installation, env: { ...env, BROWSER: '/bin/false' } };
    running = await startEverfetch(bare);
    const key = /export EVERFETCH_API_KEY=(ef_[0-9a-f]{40})/.exec(running.output())?.[1];
    expect(key).toMatch(/^ef_[0-9a-f]{40}$/);
    expect(running.output()).toContain(`Dashboard    ${installation.url}/\n  API          ${installation.url}\n`);
    expect(running.output()).toMatch(/Temporal UI {2}http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows/);
    // What does not work is said, and not promised.
    expect(running.output()).toMatch(/Rendering {4}no: \/bin\/false cannot be used: [^\n]*set BROWSER/);
    const origin = await startOrigin((_req, res) => res.end('ok'));
    const rendered = { apiKey: key, url: origin.url, apiParams: { render: true } };
    expect(await running.call('POST', '/jobs', rendered)).toMatchObject({
      ...{ status: 400, body: { code: 'feature_not_configured' } },
    });
    const { status, body } = await running.call('POST', '/jobs', { apiKey: key, url: origin.url });
    expect(status).toBe(200);
    await waitFor(async () => (await running?.call('GET', `/jobs/${body.id}`))?.body.status === 'finished');
    running.child.kill('SIGINT');
    expect(await running.exited).toBe(0);

    running = await startEverfetch(bare);
    expect(running.output()).not.toContain(key);
    expect(running.output()).toContain('keys create');
    expect((await running.call('POST', '/jobs', { apiKey: key, url: origin.url })).status).toBe(200);
    // The page of before the restart is still there.
    expect((await running.call('GET', `/jobs/${body.id}`)).body.response.body).toBe('ok');
  });
});

/** One for all of these, because it takes seconds to make and to start. Each begins with a service that is running. */
describe('an installation', () => {
  beforeAll(async () => {
    installation = await createInstallation();
  });
  afterAll(end);

  test('kill -9 in the middle of a batch, then a start: every URL ends exactly once and is called back', async () => {
    const origin = await startOrigin((req, res) => {
      // One in seven fails at first, so that some are waiting for their retry at the moment of the crash.
      const isFirst = origin.requests.filter((seen) => seen.url === req.url).length <= 1;
      res.statusCode = isFirst && Number(req.url?.slice(1)) % 7 === 0 ? 503 : 200;
      setTimeout(() => res.end(`page ${req.url}`), 30);
    });
    const receiver = await createReceiver();
    const first = await theRunning();
    const urls = Array.from({ length: 150 }, (_, index) => `${origin.url}/${index}`);
    const { headers, body: jobs } = await first.call('POST', '/batchjobs', {
      urls,
      callback: { type: 'webhook', url: receiver.url },
    });
    const single = (await first.call('POST', '/jobs', { url: `${origin.url}/7000` })).body;
    const batch = `/batches/${headers.get('x-batch-id')}`;
    await waitFor(async () => (await first.call('GET', batch)).body.counts.finished >= 30);
    const before = (await first.call('GET', batch)).body.counts;
    expect(before.finished).toBeLessThan(150);
    first.child.kill('SIGKILL');
    await first.exited;

    const again = await start();
    await untilReady(again);
    const ended = await waitFor(
      async () => {
        const { body } = await again.call('GET', batch);
        const { total, queued, running: open, finished, failed, cancelled } = body.counts;
        expect(queued + open + finished + failed + cancelled).toBe(total);
        return body.status === 'finished' ? body : undefined;
      },
      { timeoutMs: 120_000 },
    );
    expect(ended.counts).toEqual({ total: 150, queued: 0, running: 0, finished: 150, failed: 0, cancelled: 0 });
    for (const [index, job] of (jobs as { id: string }[]).entries()) {
      expect((await again.call('GET', `/jobs/${job.id}`)).body).toMatchObject({
        status: 'finished',
        response: { body: `page /${index}` },
      });
    }
    await waitFor(async () => (await again.call('GET', `/jobs/${single.id}`)).body.status === 'finished');
    await waitFor(() => new Set(receiver.calls.map((seen) => seen.body.id)).size === 150);
    for (const seen of receiver.calls) expect(seen.body.status).toBe('finished');
  });

  test('while Temporal is down submissions are accepted, and they run when it is back', async () => {
    const everfetch = await theRunning();
    const origin = await startOrigin((_req, res) => res.end('ok'));
    const pid = childNamed(everfetch, /temporal.* server start-dev/);
    process.kill(pid, 'SIGSTOP'); // hangs, as a network that swallows packets does
    const { status, body } = await everfetch.call('POST', '/jobs', { url: origin.url });
    expect(status).toBe(200);
    expect((await everfetch.call('GET', '/readyz')).body).toMatchObject({ temporal: 'unavailable', postgres: 'ok' });
    process.kill(pid, 'SIGKILL'); // and now it is gone; it is started again
    const later = (await everfetch.call('POST', '/jobs', { url: origin.url })).body;
    for (const { id } of [body, later]) {
      await waitFor(async () => (await everfetch.call('GET', `/jobs/${id}`)).body.status === 'finished');
    }
  });

  test('while PostgreSQL is down the answer is 503 with Retry-After, and it recovers without a restart', async () => {
    const everfetch = await theRunning();
    const origin = await startOrigin((_req, res) => res.end('ok'));
    process.kill(childNamed(everfetch, /postgres.* -D /), 'SIGQUIT'); // immediate shutdown, as a crash
    const refused = await waitFor(async () => {
      const answer = await everfetch.call('POST', '/jobs', { url: origin.url });
      return answer.status === 503 ? answer : undefined;
    });
    expect(refused.body.code).toBe('store_unavailable');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const { body } = await waitFor(async () => {
      const answer = await everfetch.call('POST', '/jobs', { url: origin.url });
      return answer.status === 200 ? answer : undefined;
    });
    await waitFor(async () => (await everfetch.call('GET', `/jobs/${body.id}`)).body.status === 'finished');
  });

  test('Ctrl-C ends everything, a second start on the same data is refused, and a taken port is named', async () => {
    const everfetch = await theRunning();
    const second = await startEverfetch(installation);
    expect(await second.exited).toBe(69);
    expect(second.output()).toMatch(/PORT|already/);
    const elsewhere = await createInstallation();
    const sameData = await startEverfetch({ ...elsewhere, env: { ...elsewhere.env, DATA_DIR: installation.dataDir } });
    expect(await sameData.exited).toBe(69);
    expect(sameData.output()).toContain(String(everfetch.child.pid));
    const samePort = await startEverfetch({
      ...elsewhere,
      env: { ...elsewhere.env, PORT: installation.env['PORT'] ?? '' },
    });
    expect(await samePort.exited).toBe(69);
    expect(samePort.output()).toContain('PORT');
    await elsewhere.remove();

    const children = everfetch.descendants();
    expect(children.length).toBeGreaterThan(2);
    const origin = await startOrigin(() => undefined); // a fetch in flight does not hold the shutdown
    await everfetch.call('POST', '/jobs', { url: origin.url });
    await waitFor(() => origin.requests.length === 1);
    everfetch.child.kill('SIGINT');
    expect(await everfetch.exited).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
  });
});
