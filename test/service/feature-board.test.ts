import { FeatureBoard } from '../../src/service/feature-board';
import type { Features } from '../../src/jobs/features';
import { announceWorker, findFeatures, withdrawWorker } from '../../src/store/worker-features';
import { collectLogs } from '../support/collect-logs';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.drop());

const [FIRST, SECOND] = ['01994f3c-6f2b-7a41-8d05-e17b90c20001', '01994f3c-6f2b-7a41-8d05-e17b90c20002'];
const BROWSER: Features = { hasBrowser: true, proxies: [{ tier: 'standard' }] };
const PROXIES: Features = { hasBrowser: false, proxies: [{ tier: 'standard' }, { tier: 'premium', country: 'de' }] };
const createBoard = () => new FeatureBoard({ database: db.database, logger: collectLogs().logger });
const age = (id: string, minutes: number) =>
  db.database.query('update workers set seen_at = now() - $2::interval where id = $1', [id, `${minutes} minutes`]);

test('one browser is enough, proxies have to be everywhere', async () => {
  await announceWorker(db.database, FIRST, BROWSER);
  await announceWorker(db.database, SECOND, PROXIES);
  expect(await findFeatures(db.database)).toEqual({ hasBrowser: true, proxies: [{ tier: 'standard' }] });
});

test('a worker that is being restarted is still counted on for its browser, not for a list of proxies that has changed', async () => {
  await announceWorker(db.database, FIRST, BROWSER);
  await withdrawWorker(db.database, FIRST);
  expect(await findFeatures(db.database)).toEqual(BROWSER);
  await announceWorker(db.database, SECOND, PROXIES);
  expect(await findFeatures(db.database)).toEqual({ ...PROXIES, hasBrowser: true });
  await age(FIRST, 16);
  expect(await findFeatures(db.database)).toEqual(PROXIES);
});

test('an API without a worker of its own learns what the workers can do', async () => {
  const worker = createBoard();
  await worker.announce(BROWSER);
  expect(await createBoard().current()).toEqual(BROWSER);
  await worker.stop();
});

test('while PostgreSQL is away the last answer stands, and without one nothing is refused for it', async () => {
  await announceWorker(db.database, FIRST, BROWSER);
  const board = createBoard();
  expect(await board.current()).toEqual(BROWSER);
  await db.database.query('alter table workers rename to hidden');
  const other = createBoard();
  await expect(other.current()).rejects.toThrow();
  await db.database.query('alter table hidden rename to workers');
  expect(await other.current()).toEqual(BROWSER);
});
