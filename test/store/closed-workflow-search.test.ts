import { noteSearchTurn, restartSearch, takeSearchTurn } from '../../src/store/closed-workflow-search';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.drop());

const token = Buffer.from('the next page');
const become = (sql: string) => db.database.query(`update closed_workflow_search set ${sql}`);
const take = async () => {
  const turn = await takeSearchTurn(db.database);
  if (turn === undefined) throw new Error('the turn is not due');
  return turn;
};

test('of many workers that offer to take the turn, one has it', async () => {
  const turns = await Promise.all(Array.from({ length: 10 }, () => takeSearchTurn(db.database)));
  expect(turns.filter((turn) => turn !== undefined)).toHaveLength(1);
});

test('a worker that dies gives its turn back in time, and the round goes on where it was', async () => {
  const turn = await take();
  await noteSearchTurn(db.database, turn, token, 0);
  await take(); // by one that dies now
  expect(await takeSearchTurn(db.database)).toBeUndefined();
  await become(`next_page_at = now()`);
  expect(await take()).toEqual({ closedAfter: turn.closedAfter, pageToken: token });
});

test('the next round begins a little before the one that is over, however long nobody was there', async () => {
  await become(`closed_after = now() - interval '10 hours'`);
  const first = await take();
  expect(Date.now() - first.closedAfter.getTime()).toBeGreaterThan(9 * 3_600_000);
  await noteSearchTurn(db.database, first, undefined, 0);
  const second = await take();
  expect(second.pageToken).toBeUndefined();
  const [row] = await db.database.query<{ is_overlapping: boolean }>(
    `select closed_after between round_started_at - interval '3 minutes' and round_started_at - interval '1 minute' as is_overlapping
     from closed_workflow_search`,
  );
  expect(row?.is_overlapping).toBe(true);
});

test('a turn that took too long is not noted over what another worker has done, and a lost place begins the round anew', async () => {
  const slow = await take();
  await noteSearchTurn(db.database, slow, token, 0);
  const quick = await take();
  await noteSearchTurn(db.database, slow, Buffer.from('an old page'), 0);
  await become(`next_page_at = now()`);
  expect((await take()).pageToken).toEqual(token);
  await restartSearch(db.database, 0);
  expect(await take()).toEqual({ closedAfter: quick.closedAfter, pageToken: undefined });
});
