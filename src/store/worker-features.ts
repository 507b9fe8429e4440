import { NO_FEATURES } from '../contracts/features';
import type { Features } from '../contracts/features';
import type { Queryable } from './database';

/** A worker says every 20 s that it is there. */
const SEEN_WITHIN = `interval '1 minute'`;

/** Notes what a worker can do, and that it is alive. */
export async function announceWorker(db: Queryable, id: string, features: Features): Promise<void> {
  await db.query(
    `with gone as (delete from workers where seen_at < now() - interval '1 hour')
     insert into workers (id, features) values ($1, $2::json)
     on conflict (id) do update set features = excluded.features, seen_at = now()`,
    [id, JSON.stringify(features)],
  );
}

/** A worker that stops takes its features with it. */
export async function withdrawWorker(db: Queryable, id: string): Promise<void> {
  await db.query('delete from workers where id = $1', [id]);
}

/** What the workers that are alive can do, taken together: each kind of work goes to those that can do it. */
export async function findFeatures(db: Queryable): Promise<Features> {
  const rows = await db.query<{ features: Features }>(
    `select distinct features::text::jsonb as features from workers where seen_at > now() - ${SEEN_WITHIN}`,
  );
  return rows.map(({ features }) => features).reduce(together, NO_FEATURES);
}

const together = (left: Features, right: Features): Features => ({
  hasBrowser: left.hasBrowser || right.hasBrowser,
  proxies: [...new Map([...left.proxies, ...right.proxies].map((each) => [JSON.stringify(each), each])).values()],
});
