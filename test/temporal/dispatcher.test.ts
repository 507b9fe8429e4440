import { randomUUID } from 'node:crypto';
import type { JobStart, Start } from '../../src/jobs/workflow-start';
import { createLogger } from '../../src/telemetry/logger';
import { Dispatcher } from '../../src/temporal/dispatcher';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const jobStart = (): JobStart => ({
  kind: 'job',
  id: randomUUID(),
  url: 'https://a.example/',
  apiKeyId: randomUUID(),
  keyName: 'default',
  deadlineAt: new Date(),
  isRendered: false,
});

/** Rows that wait for a start, and a Temporal that may be away. */
function createScene() {
  const scene = {
    rows: [] as Start[],
    started: [] as string[],
    acknowledged: [] as string[],
    isAway: false,
    isStoreAway: false,
    /** Starts that have been asked for and are not done, while they are held. */
    held: undefined as (() => void)[] | undefined,
  };
  const dispatcher = new Dispatcher({
    startWorkflow: async ({ id }) => {
      await new Promise<void>((resolve) => (scene.held === undefined ? resolve() : scene.held.push(resolve)));
      if (scene.isAway) throw new Error('Temporal is away');
      scene.started.push(id);
    },
    findNotStarted: async ({ limit }) => {
      if (scene.isStoreAway) throw new Error('PostgreSQL is away');
      return scene.rows.filter(({ id }) => !scene.acknowledged.includes(id)).slice(0, limit);
    },
    acknowledgeStarts: async (starts) => {
      if (scene.isStoreAway) throw new Error('PostgreSQL is away');
      scene.acknowledged.push(...starts.map(({ id }) => id));
    },
    logger: createLogger('silent'),
  });
  return { scene, dispatcher };
}

/** Runs everything that is due within `ms`, at once. */
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

test('an offered row is started at once and acknowledged a moment later', async () => {
  const { scene, dispatcher } = createScene();
  dispatcher.run();
  const start = jobStart();
  await dispatcher.offerAndWait(start);
  expect(scene).toMatchObject({ started: [start.id], acknowledged: [] });
  await pass(200);
  expect(scene.acknowledged).toEqual([start.id]);
  await dispatcher.stop();
});

test('a row that nobody offered is found and started', async () => {
  const { scene, dispatcher } = createScene();
  scene.rows = [jobStart(), jobStart()];
  dispatcher.run();
  await pass(2_000);
  expect(scene.started).toEqual(scene.rows.map(({ id }) => id));
  await dispatcher.stop();
});

test('a row that is offered, found and not acknowledged yet is started once', async () => {
  const { scene, dispatcher } = createScene();
  const start = jobStart();
  scene.rows = [start];
  scene.isStoreAway = true;
  dispatcher.run();
  dispatcher.offer(start);
  dispatcher.offer(start);
  await pass(10_000);
  scene.isStoreAway = false;
  await pass(10_000);
  expect(scene).toMatchObject({ started: [start.id], acknowledged: [start.id] });
  await dispatcher.stop();
});

test('at most eight starts are in flight', async () => {
  const { scene, dispatcher } = createScene();
  scene.held = [];
  for (let n = 0; n < 20; n += 1) dispatcher.offer(jobStart());
  await pass(0);
  expect(scene.held).toHaveLength(8);
  scene.held.shift()?.();
  await pass(0);
  expect(scene.held).toHaveLength(8);
  expect(scene.started).toHaveLength(1);
});

test('while Temporal is away nobody waits, and when it is back everything is started', async () => {
  const { scene, dispatcher } = createScene();
  scene.isAway = true;
  scene.rows = [jobStart(), jobStart()];
  dispatcher.run();
  await pass(2_000);
  scene.held = [];
  let hasWaited = false;
  const late = jobStart();
  scene.rows.push(late);
  void dispatcher.offerAndWait(late).then(() => (hasWaited = true));
  await pass(0);
  expect(hasWaited).toBe(true);
  scene.isAway = false;
  scene.held.forEach((release) => release());
  scene.held = undefined;
  await pass(2_000);
  expect([...scene.started].sort()).toEqual(scene.rows.map(({ id }) => id).sort());
  await dispatcher.stop();
});

test('who offers a row waits a second at most', async () => {
  const { scene, dispatcher } = createScene();
  scene.held = [];
  let hasWaited = false;
  void dispatcher.offerAndWait(jobStart()).then(() => (hasWaited = true));
  await pass(999);
  expect(hasWaited).toBe(false);
  await pass(1);
  expect(hasWaited).toBe(true);
});

test('a stop acknowledges what was started and leaves the rest to the next run', async () => {
  const { scene, dispatcher } = createScene();
  dispatcher.run();
  const start = jobStart();
  await dispatcher.offerAndWait(start);
  scene.held = [];
  for (let n = 0; n < 20; n += 1) dispatcher.offer(jobStart());
  await dispatcher.stop();
  expect(scene.acknowledged).toEqual([start.id]);
  scene.held.forEach((release) => release());
  await pass(10_000);
  expect(scene.started).toHaveLength(9);
  dispatcher.offer(jobStart());
  await pass(10_000);
  expect(scene.started).toHaveLength(9);
});
