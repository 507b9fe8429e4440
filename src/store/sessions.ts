import type { Database, Queryable } from './database';

/** State that a `session_number` of a key keeps between requests. */
export interface StoredSession {
  /** Cookie jar, in its own JSON. */
  readonly cookies: unknown;
  readonly proxyId: string | undefined;
}

/** Time after its last use at which a session is forgotten. */
const LIFETIME = `interval '15 minutes'`;

interface SessionRow {
  readonly cookies: unknown;
  readonly proxy: string | null;
}

/** Finds a session; undefined when it begins, or begins anew. */
export async function findSession(db: Queryable, apiKeyId: string, number: number): Promise<StoredSession | undefined> {
  const [row] = await db.query<SessionRow & Record<string, unknown>>(
    `select cookies, proxy from sessions where api_key_id = $1 and number = $2 and used_at > now() - ${LIFETIME}`,
    [apiKeyId, number],
    'find-session',
  );
  return row && fromRow(row);
}

/**
 * Keeps what an attempt changed. Attempts of one session may overlap, so `change` gets what is stored by now, and the row is
 * locked meanwhile.
 * @param change gets the stored session, undefined when there is none, and returns the one to be stored
 */
export function saveSession(
  db: Database,
  apiKeyId: string,
  number: number,
  change: (stored: StoredSession | undefined) => StoredSession,
): Promise<void> {
  return db.transaction(async (tx) => {
    // A row must exist to be locked.
    await tx.query(
      `insert into sessions (api_key_id, number, cookies, used_at) values ($1, $2, 'null', '-infinity')
       on conflict (api_key_id, number) do update set used_at = sessions.used_at`,
      [apiKeyId, number],
    );
    const [row] = await tx.query<SessionRow & { is_alive: boolean }>(
      `select cookies, proxy, used_at > now() - ${LIFETIME} as is_alive from sessions where api_key_id = $1 and number = $2 for update`,
      [apiKeyId, number],
    );
    const { cookies, proxyId } = change(row?.is_alive === true ? fromRow(row) : undefined);
    await tx.query(
      'update sessions set cookies = $3::json, proxy = $4, used_at = now() where api_key_id = $1 and number = $2',
      [apiKeyId, number, JSON.stringify(cookies), proxyId ?? null],
    );
  });
}

/** Removes sessions that nobody has used for 15 minutes. */
export async function purgeSessions(db: Queryable): Promise<void> {
  await db.query(`delete from sessions where used_at < now() - ${LIFETIME}`);
}

const fromRow = ({ cookies, proxy }: SessionRow): StoredSession => ({ cookies, proxyId: proxy ?? undefined });
