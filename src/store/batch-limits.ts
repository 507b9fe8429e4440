import type { ApiParams } from '../jobs/api-params';
import { CHUNK_URLS } from '../jobs/job-id';
import { needsBrowser } from '../jobs/needs-browser';
import { hostOf } from '../net/host-of';
import { IS_NOTED_LATELY } from './batch-fetches';
import { urlsLeftOf } from './batches';
import type { StoredBatch } from './batches';
import type { Queryable } from './database';

/** What the rows tell of how far a batch may go on. */
export interface BatchLimits {
  readonly isStarted: boolean;
  readonly isRendered: boolean;
  readonly inFlight: number;
  readonly waiting: number;
  readonly nextTryAt?: Date;
  readonly key?: { readonly limit: number; readonly inFlight: number };
  /** The hosts of a sample of the URLs left with how many are left of each as that tells, the largest first. */
  readonly hosts: readonly { readonly host: string; readonly left: number }[];
}

interface LimitsRow {
  readonly is_started: boolean;
  readonly api_params: ApiParams | null;
  readonly has_rendered_lines: boolean;
  readonly max_concurrency: number | null;
  readonly first: number;
  readonly again: number;
  readonly key_in_flight: number;
  readonly next_try_at: Date | null;
  readonly waiting_sites: readonly Site[] | null;
  readonly new_sites: readonly Site[] | null;
}

/** Beginning of URLs up to the end of their host, and how many of the sample begin like this. */
interface Site {
  readonly site: string;
  readonly urls: number;
}

/** Rows of waiting URLs that are looked at. */
const SAMPLED_ROWS = 500;
/** Chunks whose URLs are looked at, and every which URL of them; all of a batch with fewer URLs than `SMALL`. */
const SAMPLED_CHUNKS = 4;
const SAMPLED_EVERY = 3;
const SMALL = 100;

const SITE = `substring(url from '^[^:]*:[/\\\\]*[^/\\\\?#]*')`;
const sitesOf = (source: string): string =>
  `(select json_agg(json_build_object('site', site, 'urls', urls)) from (select ${SITE} as site, count(*)::int as urls from ${source} group by 1) s)`;

/**
 * URLs that have not been begun stand in their chunks only, without a row. To read all would take as long as to read the batch, so
 * some of a few chunks are: these lie evenly among those that are open.
 */
const LIMITS = `
with waiting as materialized (
  select url, next_attempt_at from jobs where batch_id = $1 and status = 'running' limit ${SAMPLED_ROWS}
),
picked as materialized (
  select number from (
    select number, row_number() over (order by number) - 1 as place, count(*) over () as open
    from batch_chunks where batch_id = $1 and ended_at is null and reopened_at is null) as o
  where place % greatest(open / ${SAMPLED_CHUNKS}, 1) = 0 limit ${SAMPLED_CHUNKS}
),
untried as (
  select u.url from picked p join batch_chunks c on c.batch_id = $1 and c.number = p.number
  cross join lateral unnest(c.urls) with ordinality as u(url, place)
  where (u.place % ${SAMPLED_EVERY} = p.number % ${SAMPLED_EVERY} or (select total from batches where id = $1) < ${SMALL})
    and (left($1::text, 32) || lpad(to_hex(p.number * ${CHUNK_URLS} + u.place), 4, '0'))::uuid not in (
      select id from jobs where batch_id = $1 and chunk_number in (select number from picked))
)
select b.start_acknowledged_at is not null as is_started, b.options->'apiParams' as api_params, b.has_rendered_lines, k.max_concurrency,
  coalesce(f.first, 0) as first, coalesce(f.again, 0) as again,
  case when k.max_concurrency is null then 0 else (
    select coalesce(sum(f.fetches + f.again), 0) from batch_fetches f join batches o on o.id = f.batch_id
    where o.api_key_id = b.api_key_id and ${IS_NOTED_LATELY}) end::bigint as key_in_flight,
  (select min(next_attempt_at) from waiting where next_attempt_at > now()) as next_try_at,
  ${sitesOf('waiting')} as waiting_sites, ${sitesOf('untried')} as new_sites
from batches b join api_keys k on k.id = b.api_key_id
cross join lateral (
  select sum(f.fetches)::bigint as first, sum(f.again)::bigint as again from batch_fetches f where f.batch_id = b.id and ${IS_NOTED_LATELY}) f
where b.id = $1`;

/** Reads what may limit a batch that has not ended; undefined when it is gone. */
export async function readBatchLimits(db: Queryable, batch: StoredBatch): Promise<BatchLimits | undefined> {
  const [row] = await db.query<LimitsRow & Record<string, unknown>>(LIMITS, [batch.id], 'batch-limits');
  if (row === undefined) return undefined;
  const { first, again } = row;
  const left = urlsLeftOf(batch);
  // While it is paused, `running` is what is in flight, and what waits does not matter.
  const tried = batch.pausedAt === undefined ? Math.max(batch.running - first, 0) : 0;
  return {
    isStarted: row.is_started,
    isRendered: row.has_rendered_lines || needsBrowser(row.api_params ?? {}),
    inFlight: first + again,
    waiting: Math.max(tried - again, 0),
    ...(row.next_try_at !== null && { nextTryAt: row.next_try_at }),
    ...(row.max_concurrency !== null && { key: { limit: row.max_concurrency, inFlight: row.key_in_flight } }),
    hosts: hostsOf([
      { sites: row.waiting_sites ?? [], left: tried },
      { sites: row.new_sites ?? [], left: left - tried },
    ]),
  };
}

/** Joins samples of which each stands for a number of URLs. */
function hostsOf(samples: readonly { readonly sites: readonly Site[]; readonly left: number }[]): BatchLimits['hosts'] {
  const hosts = new Map<string, number>();
  for (const { sites, left } of samples) {
    const sampled = sites.reduce((sum, { urls }) => sum + urls, 0);
    for (const { site, urls } of sites) {
      const host = hostOf(site);
      hosts.set(host, (hosts.get(host) ?? 0) + (urls * Math.max(left, sampled)) / sampled);
    }
  }
  return [...hosts].map(([host, left]) => ({ host, left })).sort((a, b) => b.left - a.left);
}

/** What is noted of hosts that have a pace or rest. */
export interface PacedHost {
  readonly host: string;
  readonly restsUntil?: Date;
  /** Whether its turns of the next moment are taken. */
  readonly isPaceFull: boolean;
}

/** Finds what is noted of hosts: nothing of most. */
export async function findPacedHosts(db: Queryable, hosts: readonly string[]): Promise<readonly PacedHost[]> {
  const rows = await db.query<{ host: string; rests_until: Date | null; is_full: boolean }>(
    `select host, case when rests_until > now() then rests_until end as rests_until, next_at > now() as is_full
     from host_pacing where host = any($1) and (rests_until > now() or next_at > now())`,
    [hosts],
    'paced-hosts',
  );
  return rows.map(({ host, rests_until: restsUntil, is_full: isPaceFull }) => ({
    ...{ host, isPaceFull },
    ...(restsUntil !== null && { restsUntil }),
  }));
}
