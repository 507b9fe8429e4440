import { findPostgresBinaries } from '../../embedded/postgres-binaries';
import { postgresAt } from '../../service/servers-of';
import { findRunningPostgres } from '../../service/with-database';
import { readPostgresFacts } from '../../store/postgres-facts';
import type { PostgresFacts } from '../../store/postgres-facts';
import type { Config } from '../../config/config';
import { fail, ok, warn } from './finding';
import type { Finding } from './finding';

const check = 'postgres';
/** A process of everfetch has a pool of 16. */
const POOL = 16;

/** Checks that PostgreSQL can be used, keeps what it commits, and has connections left. */
export async function checkPostgres({ postgres, dataDir }: Config): Promise<readonly Finding[]> {
  if (postgres.url !== undefined) {
    const { what, probe, advice } = postgresAt(postgres.url);
    const reach = await probe();
    if (reach.kind !== 'ready')
      return [fail(check, `${what} cannot be used: ${reach.why}`, reach.kind === 'refused' ? reach.advice : advice)];
    return judged(what, await readPostgresFacts(postgres.url));
  }
  const url = findRunningPostgres(dataDir);
  if (url !== undefined) return judged('the embedded PostgreSQL', await readPostgresFacts(url));
  findPostgresBinaries(undefined);
  return [ok(check, 'the embedded PostgreSQL is installed, and starts with the service')];
}

function judged(what: string, facts: PostgresFacts): readonly Finding[] {
  const { version, fsync, fullPageWrites, synchronousCommit, connections, maxConnections } = facts;
  const isUnsafe = !fsync || !fullPageWrites;
  const free = maxConnections - connections;
  return [
    ok(check, `${what} works: version ${version}, ${connections} of ${maxConnections} connections in use`),
    ...(isUnsafe
      ? [
          fail(
            check,
            `${what} may lose what it has committed: ${fsync ? 'full_page_writes' : 'fsync'} is off`,
            'set fsync and full_page_writes to on in postgresql.conf',
          ),
        ]
      : []),
    ...(synchronousCommit === 'off'
      ? [
          fail(
            check,
            `${what} says that it has committed before it has: synchronous_commit is off`,
            'set it to on, for this database and user too',
          ),
        ]
      : []),
    ...(free < POOL
      ? [
          warn(
            check,
            `${what} has ${free} connections left, and each process of everfetch uses up to ${POOL}`,
            'raise max_connections in postgresql.conf',
          ),
        ]
      : []),
  ];
}
