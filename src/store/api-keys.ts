import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from './database';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
}

/** The key that a fresh installation starts with, and that owns what programmatic clients start. */
export const DEFAULT_KEY_NAME = 'default';

export const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

export const generateApiKey = (): string => `ef_${randomBytes(20).toString('hex')}`;

/**
 * Finds the row of a key; undefined when it is unknown or revoked. An index of hashes is asked, so that no secrets are compared,
 * and nothing is cached, so that a revoked key stops at once.
 */
export async function findApiKey(db: Queryable, key: string): Promise<ApiKey | undefined> {
  const [row] = await db.query<ApiKey & Record<string, unknown>>(
    'select id, name from api_keys where key_hash = $1 and revoked_at is null',
    [hashOf(key)],
    'find-api-key',
  );
  return row;
}

export async function findApiKeyByName(db: Queryable, name: string): Promise<ApiKey | undefined> {
  const [row] = await db.query<ApiKey & Record<string, unknown>>(
    'select id, name from api_keys where name = $1 and revoked_at is null',
    [name],
  );
  return row;
}

/**
 * Makes sure that there is a key called `default`: the owner's own when `wanted` is given, else a generated one at the first start.
 * @returns the generated key, to be shown once; undefined when nothing was generated.
 */
export async function ensureDefaultKey(db: Queryable, wanted: string | undefined): Promise<string | undefined> {
  if (wanted !== undefined) {
    await db.query(
      `insert into api_keys (name, key_hash) values ($1, $2)
       on conflict (name) do update set key_hash = excluded.key_hash, revoked_at = null`,
      [DEFAULT_KEY_NAME, hashOf(wanted)],
    );
    return undefined;
  }
  const key = generateApiKey();
  const added = await db.query(
    'insert into api_keys (name, key_hash) values ($1, $2) on conflict (name) do nothing returning id',
    [DEFAULT_KEY_NAME, hashOf(key)],
  );
  return added.length > 0 ? key : undefined;
}
