import { NO_FEATURES } from '../jobs/features';
import type { Features } from '../jobs/features';
import type { WorkerLoad } from '../jobs/worker-load';
import type { Queryable } from './database';

/** A worker announces itself every few seconds, so it is gone when it has been silent for this long. */
const ALIVE_WITHIN = `interval '1 minute'`;
/** A worker that restarts or cannot reach PostgreSQL for a while is still counted on, because its work waits in a queue. */
const COUNTED_WITHIN = `interval '15 minutes'`;
/** Workers that are listed. */
const MAX_LISTED = 100;

/** Notes the features of a worker, what it is busy with, and that it is alive. */
export async function announceWorker(db: Queryable, id: string, features: Features, load?: WorkerLoad): Promise<void> {
  await db.query(
    `with gone as (delete from workers where seen_at < now() - interval '1 hour')
     insert into workers (id, features, load) values ($1, $2::json, $3::json)
     on conflict (id) do update set features = excluded.features, load = excluded.load, seen_at = now()`,
    [id, JSON.stringify(features), load === undefined ? null : JSON.stringify(load)],
  );
}

/** A worker as it announced itself last. */
export interface AnnouncedWorker {
  readonly id: string;
  readonly seenAt: Date;
  readonly isAlive: boolean;
  readonly features: Features;
  /** Undefined: it is of a version that does not tell. */
  readonly load?: WorkerLoad;
}

/** Lists the workers that were heard of lately, those that are alive first. */
export async function listWorkers(db: Queryable): Promise<readonly AnnouncedWorker[]> {
  const rows = await db.query<{
    id: string;
    seen_at: Date;
    is_alive: boolean;
    features: Features;
    load: WorkerLoad | null;
  }>(
    `select id, seen_at, seen_at > now() - ${ALIVE_WITHIN} as is_alive, features, load from workers
     where seen_at > now() - ${COUNTED_WITHIN} order by is_alive desc, id limit ${MAX_LISTED}`,
    [],
    'list-workers',
  );
  return rows.map(({ id, seen_at: seenAt, is_alive: isAlive, features, load }) => ({
    ...{ id, seenAt, isAlive, features },
    ...(load !== null && { load }),
  }));
}

/** Notes that a worker has stopped; it may come back. */
export async function withdrawWorker(db: Queryable, id: string): Promise<void> {
  await db.query(`update workers set seen_at = least(seen_at, now() - ${ALIVE_WITHIN}) where id = $1`, [id]);
}

/**
 * Finds what the workers can do together. Pages for a browser wait for a worker that has one. Everything else may go to any
 * worker, so only the proxies that all of them have can be promised.
 */
export async function findFeatures(db: Queryable): Promise<Features> {
  const rows = await db.query<{ features: Features; is_alive: boolean }>(
    `select features, seen_at > now() - ${ALIVE_WITHIN} as is_alive
     from workers where seen_at > now() - ${COUNTED_WITHIN} order by seen_at desc`,
  );
  if (rows.length === 0) return { ...NO_FEATURES, areUnknown: true };
  const alive = rows.filter((row) => row.is_alive);
  const [first, ...others] = (alive.length > 0 ? alive : rows.slice(0, 1)).map(({ features }) => features.proxies);
  const isIn = (kinds: Features['proxies'], wanted: Features['proxies'][number]) =>
    kinds.some(({ tier, country }) => tier === wanted.tier && country === wanted.country);
  return {
    hasBrowser: rows.some(({ features }) => features.hasBrowser),
    proxies: (first ?? []).filter((kind) => others.every((kinds) => isIn(kinds, kind))),
  };
}
