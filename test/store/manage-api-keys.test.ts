import { ensureDefaultKey, findApiKey } from '../../src/store/api-keys';
import { createApiKey, listApiKeys, revokeApiKey } from '../../src/store/manage-api-keys';
import { migrate } from '../../src/store/migrate';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.drop());

test('a created key is found by itself and stored only as a hash', async () => {
  const key = await createApiKey(db.database, 'crawler');
  expect(key).toMatch(/^ef_[0-9a-f]{40}$/);
  expect(await findApiKey(db.database, key ?? '')).toMatchObject({ name: 'crawler' });
  const [row] = await db.database.query('select row_to_json(api_keys)::text as text from api_keys');
  expect(row?.['text']).not.toContain(key?.slice(3));
});

test('keys have secrets of their own for their callbacks, and the list does not show them', async () => {
  for (const name of ['one', 'two']) await createApiKey(db.database, name);
  const rows = await db.database.query<{ webhook_secret: string }>('select webhook_secret from api_keys');
  const secrets = rows.map((row) => row.webhook_secret);
  expect(secrets).toEqual([expect.stringMatching(/^whsec_[\w+/]{43}=$/), expect.stringMatching(/^whsec_[\w+/]{43}=$/)]);
  expect(new Set(secrets).size).toBe(2);
  expect(JSON.stringify(await listApiKeys(db.database))).not.toContain('whsec_');
});

test('limits that are left out have their defaults, the others are kept', async () => {
  await createApiKey(db.database, 'plain');
  await createApiKey(db.database, 'tight', {
    creditLimit: 0,
    maxConcurrency: 2,
    submitsPerSecond: 3,
    maxUnfinished: 3_000_000_000,
  });
  const common = {
    ...{ id: expect.any(String), isAdmin: false, createdAt: expect.any(Date), revokedAt: undefined },
    ...{ creditsUsed: 0, creditsReserved: 0, unfinished: 0, finished: 0, failed: 0, cancelled: 0 },
  };
  expect(await listApiKeys(db.database)).toEqual([
    {
      ...common,
      name: 'plain',
      creditLimit: undefined,
      maxConcurrency: undefined,
      submitsPerSecond: 100,
      maxUnfinished: 250_000,
    },
    {
      ...common,
      name: 'tight',
      creditLimit: 0,
      maxConcurrency: 2,
      submitsPerSecond: 3,
      maxUnfinished: 3_000_000_000,
    },
  ]);
});

test('the list shows what a key has used, and neither keys nor hashes', async () => {
  const key = await createApiKey(db.database, 'used');
  await db.database.query('update usage set credits = 12, unfinished = 3');
  const listed = await listApiKeys(db.database);
  expect(listed).toMatchObject([{ name: 'used', creditsUsed: 12, unfinished: 3 }]);
  expect(JSON.stringify(listed)).not.toContain(key);
  expect(Object.keys(listed[0] ?? {}).filter((name) => /hash|key/i.test(name))).toEqual([]);
});

test('a name is taken once, also when two ask for it at the same time', async () => {
  const made = await Promise.all(['one', 'one', 'one', 'two'].map((name) => createApiKey(db.database, name)));
  expect(made.filter((key) => key !== undefined)).toHaveLength(2);
  expect((await listApiKeys(db.database)).map(({ name }) => name).sort()).toEqual(['one', 'two']);
});

test('a revoked key stops at once, keeps its row and its name, and other keys go on', async () => {
  const gone = await createApiKey(db.database, 'gone');
  const stays = await createApiKey(db.database, 'stays');
  expect(await revokeApiKey(db.database, 'gone')).toBe('revoked');
  expect(await findApiKey(db.database, gone ?? '')).toBeUndefined();
  expect(await findApiKey(db.database, stays ?? '')).toMatchObject({ name: 'stays' });
  expect(await createApiKey(db.database, 'gone')).toBeUndefined();
  expect(await listApiKeys(db.database)).toMatchObject([
    { name: 'gone', revokedAt: expect.any(Date) },
    { name: 'stays' },
  ]);
});

test('revoking tells an unknown name from one that was revoked before, whose time stays', async () => {
  expect(await revokeApiKey(db.database, 'nobody')).toBe('unknown');
  await createApiKey(db.database, 'gone');
  await revokeApiKey(db.database, 'gone');
  const [before] = await listApiKeys(db.database);
  expect(await revokeApiKey(db.database, 'gone')).toBe('already-revoked');
  expect((await listApiKeys(db.database))[0]).toEqual(before);
});

test('the key of the first start is an admin key; one that was demoted stays so when its value is set again', async () => {
  const key = await ensureDefaultKey(db.database, undefined);
  expect(await findApiKey(db.database, key ?? '')).toMatchObject({ name: 'default', isAdmin: true });
  await db.database.query('update api_keys set is_admin = false');
  await ensureDefaultKey(db.database, 'chosen');
  expect(await findApiKey(db.database, 'chosen')).toMatchObject({ name: 'default', isAdmin: false });
  await db.database.query('delete from usage; delete from api_keys');
  await ensureDefaultKey(db.database, 'chosen');
  expect(await findApiKey(db.database, 'chosen')).toMatchObject({ name: 'default', isAdmin: true });
});

test.each([
  ['alone', { default: false }, ['default']],
  ['beside a valid one', { default: false, other: false }, []],
  ['beside a revoked one', { default: false, other: true }, ['default']],
  ['that is revoked', { default: true, other: false }, []],
])('an upgrade with the key of the first start %s', async (_which, keys: Record<string, boolean>, admins) => {
  await db.database.query('alter table api_keys drop column is_admin; delete from schema_migrations where number = 15');
  for (const [name, isRevoked] of Object.entries(keys))
    await db.database.query(
      'insert into api_keys (name, key_hash, revoked_at) values ($1, $2, case when $3 then now() end)',
      [name, name, isRevoked],
    );
  expect(await migrate(db.database)).toEqual([15]);
  const listed = await listApiKeys(db.database);
  expect(listed.filter(({ isAdmin }) => isAdmin).map(({ name }) => name)).toEqual(admins);
});
