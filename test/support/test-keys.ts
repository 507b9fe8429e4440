import { ensureDefaultKey, findApiKeyByName } from '../../src/store/api-keys';
import type { Database } from '../../src/store/database';

/** @returns the id of the key called `default` */
export async function addDefaultKey(database: Database): Promise<string> {
  await ensureDefaultKey(database, 'key');
  return (await findApiKeyByName(database, 'default'))?.id ?? '';
}

/** @returns the id of a key that is not the caller's */
export async function addOtherKey(database: Database): Promise<string> {
  const [other] = await database.query<{ id: string }>(
    "insert into api_keys (name, key_hash) values ('other', sha256('other'::bytea)) returning id",
  );
  return other?.id ?? '';
}
