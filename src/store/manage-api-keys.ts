import type { KeyLimits, KeyRecord } from '../jobs/key-object';
import { generateApiKey, hashOf } from './api-keys';
import type { Queryable } from './database';
import { parameters } from './sql-parameters';
import type { AddParameter } from './sql-parameters';

/** Limits that are to be set. Undefined leaves one as it is, which in a new key is the default, and null sets the default. */
export type GivenLimits = { readonly [Name in keyof KeyLimits]?: number | null | undefined };

export interface NewKeyOptions extends GivenLimits {
  /** @default false */
  readonly isAdmin?: boolean | undefined;
}

export type Revocation = 'revoked' | 'already-revoked' | 'unknown';

const LIMIT_COLUMNS: Readonly<Record<keyof KeyLimits, string>> = {
  creditLimit: 'credit_limit',
  maxConcurrency: 'max_concurrency',
  submitsPerSecond: 'submits_per_second',
  maxUnfinished: 'max_unfinished',
};

/** The columns of the limits that are given, each with its value in the SQL. */
export const limitColumns = (limits: GivenLimits, add: AddParameter): [column: string, value: string][] =>
  Object.entries(LIMIT_COLUMNS).flatMap(([name, column]): [string, string][] => {
    const value = limits[name as keyof KeyLimits];
    return value === undefined ? [] : [[column, value === null ? 'default' : add(value)]];
  });

/**
 * Makes a key and keeps only its hash.
 * @returns the key, which cannot be shown again; undefined when the name is taken, be it by a revoked key.
 */
export async function createApiKey(
  db: Queryable,
  name: string,
  { isAdmin = false, ...limits }: NewKeyOptions = {},
): Promise<string | undefined> {
  const key = generateApiKey();
  const { values, add } = parameters();
  const columns = [
    ...[['name', add(name)] as const, ['key_hash', add(hashOf(key))] as const, ['is_admin', add(isAdmin)] as const],
    ...limitColumns(limits, add),
  ];
  const added = await db.query(
    `insert into api_keys (${columns.map(([column]) => column).join(', ')}) values (${columns.map(([, value]) => value).join(', ')})
     on conflict (name) do nothing returning id`,
    values,
  );
  return added.length > 0 ? key : undefined;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly is_admin: boolean;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  readonly credit_limit: number | null;
  readonly max_concurrency: number | null;
  readonly submits_per_second: number;
  readonly max_unfinished: number;
  readonly credits: number;
  readonly reserved: number;
  readonly unfinished: number;
  readonly finished_count: number;
  readonly failed_count: number;
  readonly cancelled_count: number;
  /** Time of creation as PostgreSQL writes it, which is finer than milliseconds. */
  readonly at: string;
}

/** Every key has a row of usage from its creation on. */
const KEYS = `
  select id, name, is_admin, created_at, revoked_at, credit_limit, max_concurrency, submits_per_second, max_unfinished,
         credits, reserved, unfinished, finished_count, failed_count, cancelled_count, created_at::text as at
    from api_keys join usage on api_key_id = id`;

const recordOf = (row: Row): KeyRecord => ({
  id: row.id,
  name: row.name,
  isAdmin: row.is_admin,
  createdAt: row.created_at,
  revokedAt: row.revoked_at ?? undefined,
  creditLimit: row.credit_limit ?? undefined,
  maxConcurrency: row.max_concurrency ?? undefined,
  submitsPerSecond: row.submits_per_second,
  maxUnfinished: row.max_unfinished,
  creditsUsed: row.credits,
  creditsReserved: row.reserved,
  unfinished: row.unfinished,
  finished: row.finished_count,
  failed: row.failed_count,
  cancelled: row.cancelled_count,
});

/** Lists every key that was ever made, oldest first. */
export async function listApiKeys(db: Queryable): Promise<KeyRecord[]> {
  return (await db.query<Row>(`${KEYS} order by created_at, id`)).map(recordOf);
}

/** Where a page of keys begins: behind the key with this time and id. */
export interface KeyPlace {
  readonly createdAt: string;
  readonly id: string;
}

export interface ListedKeys {
  readonly keys: readonly KeyRecord[];
  /** Where the next page begins; undefined at the end of the list. */
  readonly next?: KeyPlace;
}

/** Lists a page of the keys in the order of {@link listApiKeys}. */
export async function listKeyPage(
  db: Queryable,
  { after, limit }: { readonly after?: KeyPlace | undefined; readonly limit: number },
): Promise<ListedKeys> {
  const { values, add } = parameters();
  const place = after === undefined ? '' : `where (created_at, id) > (${add(after.createdAt)}, ${add(after.id)})`;
  const rows = await db.query<Row>(`${KEYS} ${place} order by created_at, id limit ${add(limit + 1)}`, values);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    keys: page.map(recordOf),
    ...(rows.length > limit && last !== undefined && { next: { createdAt: last.at, id: last.id } }),
  };
}

/** Finds a key, also a revoked one, by its id or name. */
export async function findKeyRecord(
  db: Queryable,
  by: { readonly id: string } | { readonly name: string },
): Promise<KeyRecord | undefined> {
  const [row] =
    'id' in by
      ? await db.query<Row>(`${KEYS} where id = $1`, [by.id])
      : await db.query<Row>(`${KEYS} where name = $1`, [by.name]);
  return row && recordOf(row);
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
