import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from './database';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** Whether it sees and manages all keys of the installation. */
  readonly isAdmin: boolean;
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
    'select id, name, is_admin as "isAdmin" from api_keys where key_hash = $1 and revoked_at is null',
    [hashOf(key)],
    'find-api-key',
  );
  return row;
}

export async function findApiKeyByName(db: Queryable, name: string): Promise<ApiKey | undefined> {
  const [row] = await db.query<ApiKey & Record<string, unknown>>(
    'select id, name, is_admin as "isAdmin" from api_keys where name = $1 and revoked_at is null',
    [name],
  );
  return row;
}

/**
 * Makes sure that there is a key called `default`: the owner's own when `wanted` is given, else a generated one at the first start. A new
 * one is an admin key, because it is the one that the owner has; one that exists stays what it is.
 * @returns the generated key, to be shown once; undefined when nothing was generated.
 */
export async function ensureDefaultKey(db: Queryable, wanted: string | undefined): Promise<string | undefined> {
  if (wanted !== undefined) {
    await db.query(
      `insert into api_keys (name, key_hash, is_admin) values ($1, $2, true)
       on conflict (name) do update set key_hash = excluded.key_hash, revoked_at = null`,
      [DEFAULT_KEY_NAME, hashOf(wanted)],
    );
    return undefined;
  }
  const key = generateApiKey();
  const added = await db.query(
    'insert into api_keys (name, key_hash, is_admin) values ($1, $2, true) on conflict (name) do nothing returning id',
    [DEFAULT_KEY_NAME, hashOf(key)],
  );
  return added.length > 0 ? key : undefined;
}

/** Limits and usage of a key, with the names of the compatible API. */
export interface Account {
  readonly concurrencyLimit: number;
  /** Jobs that have not ended. */
  readonly concurrentRequests: number;
  readonly failedRequestCount: number;
  readonly requestCount: number;
  readonly requestLimit: number;
  /** Submissions per second. */
  readonly burst: number;
  readonly subscriptionDate: string;
  readonly creditsLeft: number;
}

/** Number shown for a key without a credit limit, because clients expect a number and compute with it. */
export const UNLIMITED_CREDITS = 1_000_000_000;

interface AccountRow {
  readonly created_at: Date;
  readonly credit_limit: number | null;
  readonly max_concurrency: number | null;
  readonly submits_per_second: number;
  readonly finished_count: number;
  readonly failed_count: number;
  readonly credits: number;
  readonly reserved: number;
  readonly unfinished: number;
}

/** Reads everything in one statement, so that the numbers belong together. Every key has a row of usage from its creation on. */
export async function accountOf(
  db: Queryable,
  apiKeyId: string,
  options: { readonly workerConcurrency: number },
): Promise<Account> {
  const [row] = await db.query<AccountRow & Record<string, unknown>>(
    `select k.created_at, k.credit_limit, k.max_concurrency, k.submits_per_second,
            u.finished_count, u.failed_count, u.credits, u.reserved, u.unfinished
       from api_keys k join usage u on u.api_key_id = k.id
      where k.id = $1`,
    [apiKeyId],
  );
  if (row === undefined) throw new Error(`API key ${apiKeyId} has no usage`);
  const requestLimit = row.credit_limit ?? UNLIMITED_CREDITS;
  return {
    concurrencyLimit: row.max_concurrency ?? options.workerConcurrency,
    concurrentRequests: row.unfinished,
    failedRequestCount: row.failed_count,
    requestCount: row.finished_count + row.failed_count,
    requestLimit,
    burst: row.submits_per_second,
    subscriptionDate: row.created_at.toISOString(),
    creditsLeft: Math.max(requestLimit - row.credits - row.reserved, 0),
  };
}
