import type { ProxyScore } from '../jobs/proxy-score';
import type { Queryable } from './database';

/** Whatever speaks against a proxy is forgiven within the hour, so older notes say nothing. */
const SAYS_SOMETHING = `noted_at > now() - interval '1 hour'`;
const MAX_SHOWN = 1_000;

/** Notes what a worker has seen of proxies since the last time. Each pair of host and proxy may be among them once. */
export async function noteProxyScores(db: Queryable, workerId: string, scores: readonly ProxyScore[]): Promise<void> {
  if (scores.length === 0) return;
  await db.query(
    `insert into proxy_scores (host, name, worker_id, tier, country, score, rests_until)
     select host, name, $7, tier, country, score, rests_until
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::real[], $6::timestamptz[]) as t(host, name, tier, country, score, rests_until)
     order by host, name
     on conflict (host, name, worker_id) do update
       set score = excluded.score, rests_until = excluded.rests_until, noted_at = now()`,
    [
      scores.map(({ host }) => host),
      scores.map(({ name }) => name),
      scores.map(({ tier }) => tier),
      scores.map(({ country }) => country),
      scores.map(({ score }) => score),
      scores.map(({ restsUntil }) => restsUntil),
      workerId,
    ],
    'note-proxy-scores',
  );
}

export type ProxyAtHost = Omit<ProxyScore, 'host'>;

/**
 * Finds the proxies that a worker has something against, at this host or at all: the worst first, as the worker sees it that thinks
 * worst of them.
 */
export async function findProxyScores(db: Queryable, host: string): Promise<readonly ProxyAtHost[]> {
  const rows = await db.query<{
    name: string;
    tier: ProxyScore['tier'];
    country: string | null;
    score: number;
    rests_until: Date | null;
  }>(
    `select * from (
       select name, max(tier) as tier, max(country) as country,
         coalesce(min(score) filter (where host <> ''), 1) * coalesce(min(score) filter (where host = ''), 1) as score,
         max(rests_until) filter (where rests_until > now()) as rests_until
       from proxy_scores where host in ($1, '') and ${SAYS_SOMETHING} group by name) as seen
     where score < 1 or rests_until is not null order by score, name limit ${MAX_SHOWN}`,
    [host],
  );
  return rows.map(({ name, tier, country, score, rests_until }) => ({
    ...{ name, tier, score: Math.round(score * 1_000) / 1_000 },
    ...(country !== null && { country }),
    ...(rests_until !== null && { restsUntil: rests_until }),
  }));
}
