import { findSession, purgeSessions, saveSession } from '../../src/store/sessions';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey, addOtherKey } from '../support/test-keys';

let db: TestDatabase;
let key: string;
let other: string;
beforeAll(async () => {
  db = await createTestDatabase();
  key = await addDefaultKey(db.database);
  other = await addOtherKey(db.database);
});
afterAll(() => db.drop());

const save = (apiKeyId: string, number: number, name: string) =>
  saveSession(db.database, apiKeyId, number, (stored) => ({
    cookies: [...((stored?.cookies as string[] | undefined) ?? []), name],
    proxyId: `proxy of ${name}`,
  }));
const age = (number: number, minutes: number) =>
  db.database.query('update sessions set used_at = now() - $2::interval where number = $1', [
    number,
    `${minutes} minutes`,
  ]);

test('a session is what its key and number say, and nobody else sees it', async () => {
  await save(key, 1, 'a');
  expect(await findSession(db.database, key, 1)).toEqual({ cookies: ['a'], proxyId: 'proxy of a' });
  expect(await findSession(db.database, key, 2)).toBeUndefined();
  expect(await findSession(db.database, other, 1)).toBeUndefined();
});

test('saves that overlap all count', async () => {
  await Promise.all(Array.from({ length: 8 }, (_, index) => save(key, 3, String(index))));
  const { cookies } = (await findSession(db.database, key, 3)) ?? {};
  expect([...(cookies as string[])].sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
});

test('15 minutes after its last use it begins anew, and is removed', async () => {
  await save(key, 4, 'old');
  await age(4, 14);
  await save(key, 4, 'still');
  expect(await findSession(db.database, key, 4)).toMatchObject({ cookies: ['old', 'still'] });
  await age(4, 16);
  expect(await findSession(db.database, key, 4)).toBeUndefined();
  await save(key, 4, 'new');
  expect(await findSession(db.database, key, 4)).toMatchObject({ cookies: ['new'] });
  await save(key, 5, 'kept');
  await age(4, 16);
  await purgeSessions(db.database);
  expect(await db.database.query('select number from sessions where number in (4, 5)')).toEqual([{ number: 5 }]);
});
