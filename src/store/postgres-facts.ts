import { Client } from 'pg';

/** What a PostgreSQL says of itself. */
export interface PostgresFacts {
  readonly version: string;
  /** Whether it waits until what it writes is on the disk. */
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** As it is for this user and database. */
  readonly synchronousCommit: string;
  /** Connections of clients, this one not counted, and how many there may be. */
  readonly connections: number;
  readonly maxConnections: number;
  /** How far its clock is ahead of this process' (ms). */
  readonly clockAheadMs: number;
}

const WITHIN_MS = 5_000;

const FACTS = `select current_setting('server_version') as version, current_setting('fsync')::boolean as fsync,
  current_setting('full_page_writes')::boolean as full_page_writes, current_setting('synchronous_commit') as synchronous_commit,
  (select count(*)::int - 1 from pg_stat_activity where backend_type = 'client backend') as connections,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as max_connections,
  extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`;

interface Row {
  readonly version: string;
  readonly fsync: boolean;
  readonly full_page_writes: boolean;
  readonly synchronous_commit: string;
  readonly connections: number;
  readonly max_connections: number;
  readonly now_ms: number;
}

/** Asks a server that can be used (`probePostgres`) for its facts. @throws the error of `pg` */
export async function readPostgresFacts(url: string): Promise<PostgresFacts> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: WITHIN_MS, query_timeout: WITHIN_MS });
  client.on('error', () => undefined); // Without a listener, a connection that breaks would end the process.
  try {
    await client.connect();
    const askedAt = Date.now();
    const { rows } = await client.query<Row>(FACTS);
    const [row] = rows;
    if (row === undefined) throw new Error('it answers with no row');
    return {
      version: row.version,
      fsync: row.fsync,
      fullPageWrites: row.full_page_writes,
      synchronousCommit: row.synchronous_commit,
      connections: row.connections,
      maxConnections: row.max_connections,
      clockAheadMs: row.now_ms - (askedAt + Date.now()) / 2,
    };
  } finally {
    client.end().catch(() => undefined);
  }
}
