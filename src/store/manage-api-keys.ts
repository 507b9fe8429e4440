import { generateApiKey, hashOf } from './api-keys';
import type { Queryable } from './database';

/** Limits of a new key; those that are left out have the default of their column. */
export interface KeyLimits {
  readonly creditLimit?: number | undefined;
  readonly maxConcurrency?: number | undefined;
  readonly submitsPerSecond?: number | undefined;
  readonly maxUnfinished?: number | undefined;
}

export interface ListedKey {
  readonly name: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | undefined;
  /** Undefined: no limit. */
  readonly creditLimit: number | undefined;
  /** Undefined: no limit. */
  readonly maxConcurrency: number | undefined;
  readonly submitsPerSecond: number;
  readonly maxUnfinished: number;
  readonly creditsUsed: number;
  readonly unfinished: number;
}

export type Revocation = 'revoked' | 'already-revoked' | 'unknown';

const COLUMNS: Readonly<Record<keyof KeyLimits, string>> = {
  creditLimit: 'credit_limit',
  maxConcurrency: 'max_concurrency',
  submitsPerSecond: 'submits_per_second',
  maxUnfinished: 'max_unfinished',
};

/**
 * Makes a key and keeps only its hash.
 * @returns the key, which cannot be shown again; undefined when the name is taken, be it by a revoked key.
 */
export async function createApiKey(db: Queryable, name: string, limits: KeyLimits = {}): Promise<string | undefined> {
  const key = generateApiKey();
  const row = new Map<string, unknown>([
    ['name', name],
    ['key_hash', hashOf(key)],
  ]);
  for (const [field, column] of Object.entries(COLUMNS)) {
    const value = limits[field as keyof KeyLimits];
    if (value !== undefined) row.set(column, value);
  }
  const columns = [...row.keys()];
  const added = await db.query(
    `insert into api_keys (${columns.join(', ')}) values (${columns.map((_column, index) => `$${index + 1}`).join(', ')})
     on conflict (name) do nothing returning id`,
    [...row.values()],
  );
  return added.length > 0 ? key : undefined;
}

interface Row {
  readonly name: string;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  readonly credit_limit: number | null;
  readonly max_concurrency: number | null;
  readonly submits_per_second: number;
  readonly max_unfinished: number;
  readonly credits: number;
  readonly unfinished: number;
}

/** Lists every key that was ever made, oldest first. */
export async function listApiKeys(db: Queryable): Promise<ListedKey[]> {
  const rows = await db.query<Row>(
    `select name, created_at, revoked_at, credit_limit, max_concurrency, submits_per_second, max_unfinished,
            coalesce(credits, 0) as credits, coalesce(unfinished, 0) as unfinished
     from api_keys left join usage on api_key_id = id order by created_at, name`,
  );
  return rows.map((row) => ({
    name: row.name,
    createdAt: row.created_at,
    revokedAt: row.revoked_at ?? undefined,
    creditLimit: row.credit_limit ?? undefined,
    maxConcurrency: row.max_concurrency ?? undefined,
    submitsPerSecond: row.submits_per_second,
    maxUnfinished: row.max_unfinished,
    creditsUsed: row.credits,
    unfinished: row.unfinished,
  }));
}

/** Revokes a key. The row stays, because jobs belong to it: the name stays taken, and submitted jobs run on. */
export async function revokeApiKey(db: Queryable, name: string): Promise<Revocation> {
  const revoked = await db.query(
    'update api_keys set revoked_at = now() where name = $1 and revoked_at is null returning id',
    [name],
  );
  if (revoked.length > 0) return 'revoked';
  const known = await db.query('select id from api_keys where name = $1', [name]);
  return known.length > 0 ? 'already-revoked' : 'unknown';
}
