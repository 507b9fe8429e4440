import { Pool, types } from 'pg';
import type { PoolClient, QueryResultRow } from 'pg';
import type { Logger } from '../telemetry/logger';
import { StoreUnavailableError, isUnavailable } from './store-unavailable';

// A bigint (oid 20) is read as a number: the largest ones are counters and file offsets, far below 2^53.
types.setTypeParser(20, Number);

/** Something that runs SQL: the pool, or one transaction of it. */
export interface Queryable {
  /** @param name names a hot statement, so that PostgreSQL parses and plans it once per connection (measured: planning is most of its cost) */
  query<R extends QueryResultRow>(sql: string, values?: readonly unknown[], name?: string): Promise<R[]>;
}

export interface TransactionOptions {
  /** PostgreSQL ends the transaction when this process leaves it alone for this long (ms); 0: never. @default 60_000 */
  readonly idleMs?: number;
  /** The number of an advisory lock that is taken first, in the same round trip. */
  readonly lock?: number;
}

export interface Database extends Queryable {
  /**
   * Commits when `work` resolves, rolls back when it rejects. A process that is stopped or cut off in the middle of it keeps what it
   * has locked no longer than `idleMs`.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>, options?: TransactionOptions): Promise<T>;
  close(): Promise<void>;
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUnavailable(error) ? new StoreUnavailableError('PostgreSQL cannot be reached', { cause: error }) : error;
  }
}

/**
 * Opens a bounded pool. A connection that breaks is dropped and made again on the next query, so an outage needs no restart.
 * @throws StoreUnavailableError from every call while PostgreSQL is away.
 */
export function createDatabase(
  url: string,
  options: { readonly logger: Logger; readonly maxConnections?: number },
): Database {
  const pool = new Pool({
    connectionString: url,
    max: options.maxConnections ?? 16,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    application_name: 'everfetch',
  });
  let isClosing = false;
  // Without a listener `pg` ends the process when an idle connection breaks. One that is being closed may see the server go first.
  pool.on('error', (error) => {
    if (!isClosing) options.logger.warn({ err: error.message }, 'idle PostgreSQL connection lost');
  });
  const queryable = (client: Pool | PoolClient): Queryable => ({
    query: (text, values, name) =>
      translated(async () => {
        const { rows } = await client.query({ text, values: values as unknown[], ...(name !== undefined && { name }) });
        return rows as never;
      }),
  });
  return {
    ...queryable(pool),
    async transaction(work, { idleMs = 60_000, lock } = {}) {
      const client = await translated(() => pool.connect());
      let broken: Error | undefined;
      client.on('error', noteBroken);
      function noteBroken(error: Error) {
        broken = error;
      }
      const tx = queryable(client);
      try {
        await tx.query(
          `begin; set local idle_in_transaction_session_timeout = ${idleMs}` +
            (lock === undefined ? '' : `; select pg_advisory_xact_lock(${lock})`),
        );
        const result = await work(tx);
        await tx.query('commit');
        return result;
      } catch (error) {
        await tx.query('rollback').catch((rollbackError: unknown) => {
          broken ??= rollbackError as Error;
        });
        throw error;
      } finally {
        client.off('error', noteBroken);
        client.release(broken);
      }
    },
    close() {
      isClosing = true;
      return pool.end();
    },
  };
}

/** Texts that need no quotes inside an array literal, whatever the type (PostgreSQL 18 documentation, §8.15.6). */
const PLAIN = /^[A-Za-z0-9:/._?=&+-]+$/;

/**
 * Writes an array parameter as PostgreSQL reads it. `pg` would concatenate it element by element, which made a tenth of the
 * garbage of a sweep (measured).
 */
export function arrayLiteral(values: readonly (string | number | null | undefined)[]): string {
  return `{${values.map(elementOf).join(',')}}`;
}

function elementOf(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (PLAIN.test(value) && value.length !== 4) return value; // Without quotes, the text `null` would become NULL.
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
