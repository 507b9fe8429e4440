import { findReceiver } from '../../src/store/receivers';
import { findWebhookSecrets, rotateWebhookSecret } from '../../src/store/webhook-secrets';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';

const DAY_MS = 86_400_000;

let db: TestDatabase;
let apiKeyId: string;
beforeEach(async () => {
  db = await createTestDatabase();
  apiKeyId = await addDefaultKey(db.database);
});
afterEach(() => db.drop());

const secrets = () => findWebhookSecrets(db.database, apiKeyId);

test('a key has a secret of 32 bytes of its own from the beginning', async () => {
  const found = await secrets();
  expect(Object.keys(found ?? {})).toEqual(['current']);
  expect(Buffer.from(found?.current.replace(/^whsec_/, '') ?? '', 'base64')).toHaveLength(32);
  const [row] = await db.database.query<{ id: string }>(
    "insert into api_keys (name, key_hash) values ('other', sha256('other'::bytea)) returning id",
  );
  expect((await findWebhookSecrets(db.database, row?.id ?? ''))?.current).not.toBe(found?.current);
});

test('after a rotation the one before counts for a day', async () => {
  const before = await secrets();
  const rotated = await rotateWebhookSecret(db.database, apiKeyId);
  expect(rotated).toEqual({
    current: expect.any(String),
    previous: before?.current,
    previousValidUntil: expect.any(Date),
  });
  expect(rotated?.current).not.toBe(before?.current);
  expect(Buffer.from(rotated?.current.replace(/^whsec_/, '') ?? '', 'base64')).toHaveLength(32);
  expect(Math.abs((rotated?.previousValidUntil?.getTime() ?? 0) - Date.now() - DAY_MS)).toBeLessThan(60_000);
  expect(await secrets()).toEqual(rotated);
  await db.database.query(
    `insert into webhook_endpoints (id, api_key_id, origin) values ('e', $1, 'https://a.example')`,
    [apiKeyId],
  );
  expect((await findReceiver(db.database, 'e'))?.secrets).toEqual([rotated?.current, rotated?.previous]);
  await db.database.query(`update api_keys set previous_webhook_secret_until = now() - interval '1 second'`);
  expect(await secrets()).toEqual({ current: rotated?.current });
});

test('of two who rotate at once both get a secret that counts', async () => {
  const rotated = await Promise.all([1, 2].map(() => rotateWebhookSecret(db.database, apiKeyId)));
  const found = await secrets();
  expect([found?.current, found?.previous].sort()).toEqual(rotated.map((each) => each?.current).sort());
});

test('a key that is not there has none', async () => {
  const nobody = '00000000-0000-0000-0000-000000000000';
  expect(await findWebhookSecrets(db.database, nobody)).toBeUndefined();
  expect(await rotateWebhookSecret(db.database, nobody)).toBeUndefined();
});
