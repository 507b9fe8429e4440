import type { ServerResponse } from 'node:http';
import { childrenNamed, createInstallation, isAlive, startEverfetch } from '../support/everfetch-process';
import type { EverfetchProcess, Installation } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import type { Origin } from '../support/origin';
import { waitFor } from '../support/wait-for';

jest.setTimeout(400_000);

const WORKER = /everfetch\.js worker/;
const WORKERS = 4;
/** Enough where the number makes no difference, because each takes seconds of a processor to start. */
const FEWER_WORKERS = 2;
/** All are this machine; for everfetch they are different hosts. */
const [TWO_AT_A_TIME, FIVE_A_SECOND, USUAL] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];

let installation: Installation;
let everfetch: EverfetchProcess;
let wanted = WORKERS;
/** Starts everfetch on the same data again, with as many workers. */
const startWith = (workers: number) => {
  wanted = workers;
  return startEverfetch({ ...installation, env: { ...installation.env, WORKERS: String(workers) } });
};
beforeAll(async () => {
  installation = await createInstallation({
    WORKERS: String(WORKERS),
    HOST_LIMITS: `${TWO_AT_A_TIME}=concurrency=2, ${FIVE_A_SECOND}=5/s`,
    ALLOW_PRIVATE_TARGETS: [TWO_AT_A_TIME, FIVE_A_SECOND, USUAL].join(','),
  });
  everfetch = await startEverfetch(installation);
});
beforeEach(async () => {
  // Servers and four workers take longer to start than most of these tests, so the next one uses what is still running.
  if (everfetch.child.exitCode !== null || everfetch.child.signalCode !== null) everfetch = await startWith(wanted);
  await allWorkersRun();
});
afterAll(async () => {
  await kill(everfetch);
  await installation.remove();
});

/** Kills everfetch without a warning, and waits until nothing of it is left. */
async function kill(victim: EverfetchProcess): Promise<void> {
  const below = victim.descendants();
  victim.child.kill('SIGKILL');
  await victim.exited;
  await waitFor(() => !below.some(isAlive), { message: 'the end of all processes' });
}

const health = async () => (await everfetch.call('GET', '/healthz')).body as Record<string, unknown>;
const restarts = () => (everfetch.output().match(/a child process was started again/g) ?? []).length;
const workerPids = () => childrenNamed(everfetch, WORKER);

/** A host that answers after a tenth of a second, and counts by its own clock. */
class Target {
  readonly times: number[] = [];
  readonly paths = new Set<string>();
  most = 0;
  readonly #host: string;
  #open = 0;
  #origin: Origin | undefined;

  constructor(host: string) {
    this.#host = host;
  }

  async listen(): Promise<this> {
    this.#origin = await startOrigin((req, res) => this.#answer(req.url ?? '', res), this.#host);
    return this;
  }

  urls(count: number, from = 0): readonly string[] {
    return Array.from({ length: count }, (_, i) => `http://${this.#host}:${this.#origin?.port ?? 0}/${from + i}`);
  }

  /** Most requests in any time of that length. */
  mostWithin(windowMs: number): number {
    return Math.max(
      0,
      ...this.times.map((from) => this.times.filter((at) => at >= from && at < from + windowMs).length),
    );
  }

  #answer(path: string, res: ServerResponse): void {
    this.times.push(performance.now());
    this.most = Math.max(this.most, ++this.#open);
    res.once('close', () => (this.#open -= 1));
    setTimeout(() => {
      this.paths.add(path);
      res.end('<html>fine</html>');
    }, 100);
  }
}

const submit = async (urls: readonly string[], fanOut: 'jobs' | 'sweep' = 'jobs') => {
  const { status } = await everfetch.call('POST', '/batchjobs', { urls, fanOut });
  expect(status).toBe(200);
};
const allWorkersRun = () => waitFor(async () => (await health())['workers'] === wanted, { message: 'all workers' });

test('targets see no more than their limits from four workers, while one is killed and another one stands still', async () => {
  const two = await new Target(TWO_AT_A_TIME).listen();
  const paced = await new Target(FIVE_A_SECOND).listen();
  const usual = await new Target(USUAL).listen();
  const targets = [two, paced, usual];
  const [twoUrls, pacedUrls, usualUrls] = [two.urls(180), paced.urls(120), usual.urls(3_000)];
  expect(await health()).toMatchObject({ workers: WORKERS, workersWanted: WORKERS, workersEnded: 0 });
  // In parts, so that every worker gets some: one that has no URL of a host keeps its part of the limit for itself.
  for (let part = 0; part < 6; part++)
    await submit([...twoUrls.slice(part * 30, part * 30 + 30), ...pacedUrls.slice(part * 20, part * 20 + 20)]);
  for (let from = 0; from < usualUrls.length; from += 100) await submit(usualUrls.slice(from, from + 100), 'sweep');
  await waitFor(() => targets.every(({ paths }) => paths.size > 10), { message: 'a few pages' });
  const [killed = 0, paused = 0] = workerPids();
  process.kill(killed, 'SIGKILL');
  process.kill(paused, 'SIGSTOP');
  try {
    await waitFor(async () => Number((await health())['workersEnded']) === 1, { message: 'the end' });
    await allWorkersRun();
    // Its share goes to the others while it stands still, and then it goes on.
    const before = two.paths.size;
    await waitFor(() => two.paths.size > before + 40 || two.paths.size === twoUrls.length, {
      timeoutMs: 90_000,
      message: 'pages of the host that takes two at a time',
    });
  } finally {
    process.kill(paused, 'SIGCONT');
  }
  await waitFor(
    () =>
      two.paths.size === twoUrls.length &&
      paced.paths.size === pacedUrls.length &&
      usual.paths.size === usualUrls.length,
    { timeoutMs: 200_000, message: 'all pages' },
  );
  expect(two.most).toBe(2);
  expect(usual.most).toBeLessThanOrEqual(16);
  expect(usual.most).toBe(16);
  // Slots are 200 ms apart, each forgiven half of that (docs/politeness.md). On a busy machine requests that were sent in time are
  // noticed late and closer together, up to two of them in a second; over ten seconds that makes no difference.
  expect(paced.mostWithin(1_000)).toBeLessThanOrEqual(6 + 2);
  expect(paced.mostWithin(10_000)).toBeLessThanOrEqual(51);
});

test('a worker that dies again and again is started with a growing pause, and both the log and /healthz tell', async () => {
  const target = await new Target(USUAL).listen();
  const endedBefore = Number((await health())['workersEnded']);
  const restartsBefore = restarts();
  for (let ends = 1; ends <= 3; ends++) {
    const [victim = 0] = workerPids();
    process.kill(victim, 'SIGKILL');
    await waitFor(async () => Number((await health())['workersEnded']) === endedBefore + ends);
    await allWorkersRun();
  }
  await waitFor(() => restarts() - restartsBefore >= 3, { message: 'the log of the restarts' }); // it arrives after /healthz knows
  expect(restarts() - restartsBefore).toBe(3);
  expect(everfetch.output()).toMatch(/a child process ended unexpectedly/);
  await submit(target.urls(20));
  await waitFor(() => target.paths.size === 20, { message: 'pages' });
});

test('no worker outlives a parent that was killed, and the next start works', async () => {
  expect(workerPids()).toHaveLength(WORKERS - 1);
  await kill(everfetch);
  everfetch = await startWith(FEWER_WORKERS);
  const target = await new Target(TWO_AT_A_TIME).listen();
  await submit(target.urls(10));
  await waitFor(() => target.paths.size === 10, { message: 'pages after the start' });
  expect(await health()).toMatchObject({ status: 'ok', workers: FEWER_WORKERS });
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends all workers, also while pages are fetched and one is being started again',
  async (signal) => {
    const target = await new Target(USUAL).listen();
    await submit(target.urls(300));
    await waitFor(() => target.paths.size > 0, { message: 'a page' });
    const all = everfetch.descendants();
    process.kill(workerPids()[0] ?? 0, 'SIGKILL');
    everfetch.child.kill(signal);
    expect(await everfetch.exited).toBe(0);
    await waitFor(() => !all.some(isAlive), { message: 'the end of all processes' });
    expect(everfetch.output()).not.toMatch(/did not stop/);
  },
);
