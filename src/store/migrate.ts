import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from './database';

const FOLDER = join(__dirname, 'migrations');
/** Any constant will do; all processes of one database must agree on it. */
const LOCK = 0x65766572;

/**
 * Applies the numbered SQL files that the database does not have yet, in one transaction, under an advisory lock,
 * so that several processes may start at once. Files are never edited after a release.
 * @returns the numbers applied now.
 */
export async function migrate(database: Database): Promise<number[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  return database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await tx.query(
      'create table if not exists schema_migrations (number integer primary key, applied_at timestamptz not null default now())',
    );
    const known = new Set(
      (await tx.query<{ number: number }>('select number from schema_migrations')).map((row) => row.number),
    );
    const applied: number[] = [];
    for (const file of files) {
      const number = Number.parseInt(file, 10);
      if (known.has(number)) continue;
      await tx.query(await readFile(join(FOLDER, file), 'utf8'));
      await tx.query('insert into schema_migrations (number) values ($1)', [number]);
      applied.push(number);
    }
    return applied;
  });
}
