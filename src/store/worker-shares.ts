import { judgeReport, slotsFor } from '../scheduling/shares/share-rules';
import type { LeaseWish, Leased, OtherLease, ShareHolder, ShareReport } from '../scheduling/shares/share-rules';
import type { ShareStore, StoredStanding } from '../scheduling/shares/share-store';
import type { Database, Queryable } from './database';

/** Any constant will do, if it is not that of another lock; all processes of one database must agree on it. */
const LOCK = 0x65766673;
/** A worker that has been silent for this long starts nothing any more, and has cut what it had in flight. */
const GONE_AFTER = `interval '20 seconds'`;
const SILENT_MS = 4_000;
/** Condition under which a worker still waits for a slot: one that has not asked again for this long does not. */
const WAITS = `asked_at > clock_timestamp() - interval '3 seconds'`;

/** What one worker stores about its parts of limits, and reads of the others. Everything that gives slots out takes one lock. */
export function createShareStore(db: Database, worker: { readonly id: string; readonly process: string }): ShareStore {
  const { id } = worker;
  const locked = <T>(work: (tx: Queryable) => Promise<T>): Promise<T> =>
    db.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
      return work(tx);
    });
  return {
    report: (report, gone) => locked((tx) => takeReport(tx, worker, report, gone)),
    lease: (wishes) => locked((tx) => leaseSlots(tx, id, wishes)),
    async giveBack(resources) {
      await db.query('delete from share_leases where worker = $1 and resource = any($2::text[])', [id, resources]);
    },
    async leave() {
      await db.query('delete from worker_shares where id = $1', [id]);
    },
  };
}

type Row = ShareHolder & { readonly id: string; readonly process: string; readonly silentMs: number };

async function takeReport(
  tx: Queryable,
  { id, process }: { readonly id: string; readonly process: string },
  report: ShareReport,
  gone: readonly string[],
): Promise<StoredStanding> {
  await tx.query(
    `delete from worker_shares where seen_at < clock_timestamp() - ${GONE_AFTER} or id = any($1::uuid[])`,
    [gone],
    'forget-shares',
  );
  const rows = await tx.query<Row>(
    `select id, process, divides_by as "dividesBy", over_limits as over,
       (extract(epoch from clock_timestamp() - seen_at) * 1000)::float8 as "silentMs" from worker_shares`,
    [],
    'read-shares',
  );
  const leased = await tx.query<Leased>(
    `select resource, min(most) as limit, sum(slots)::int as slots from share_leases where slots > 0 group by resource`,
    [],
    'read-leased',
  );
  const others = rows.filter((row) => row.id !== id);
  const standing = judgeReport(report, others, leased, others.length < rows.length);
  await tx.query(
    `insert into worker_shares (id, process, divides_by, over_limits) values ($1, $2, $3, $4)
     on conflict (id) do update set divides_by = excluded.divides_by, over_limits = excluded.over_limits, seen_at = clock_timestamp()`,
    [id, process, standing.dividesBy, report.over],
    'write-share',
  );
  await tx.query(`delete from share_leases where worker = $1 and slots = 0 and not (${WAITS})`, [id], 'forget-waits');
  const wanted = await tx.query<{ resource: string }>(
    `select resource from share_leases mine where worker = $1 and slots > 0 and exists (
       select from share_leases other where other.resource = mine.resource and slots = 0 and ${WAITS})`,
    [id],
    'read-wanted',
  );
  return {
    ...standing,
    wanted: new Set(wanted.map(({ resource }) => resource)),
    silent: others.filter(({ silentMs }) => silentMs > SILENT_MS),
  };
}

/** Gives slots to wishes. One that gets none, and has no part of the limit either, is noted as waiting. */
async function leaseSlots(tx: Queryable, id: string, wishes: readonly LeaseWish[]): Promise<readonly number[]> {
  const workers = await tx.query<Row>(
    'select id, divides_by as "dividesBy", over_limits as over from worker_shares',
    [],
    'read-holders',
  );
  const self = workers.find((row) => row.id === id);
  if (self === undefined || self.dividesBy === 0) return wishes.map(() => 0);
  const closed = new Set(workers.flatMap((row) => (row === self ? [] : row.over)));
  const leases = await tx.query<OtherLease & { readonly resource: string }>(
    `select other.resource, other.slots, other.slots = 0 and ${WAITS.replace('asked_at', 'other.asked_at')}
         and other.waits_since < coalesce(mine.waits_since, clock_timestamp()) as "isAhead"
     from share_leases other left join share_leases mine on mine.resource = other.resource and mine.worker = $1
       and mine.slots = 0 and ${WAITS.replace('asked_at', 'mine.asked_at')}
     where other.resource = any($2::text[]) and other.worker <> $1`,
    [id, wishes.map(({ resource }) => resource)],
    'read-leases',
  );
  const granted = wishes.map((wish) =>
    closed.has(wish.resource)
      ? 0
      : slotsFor(
          wish,
          workers,
          leases.filter(({ resource }) => resource === wish.resource),
        ),
  );
  await tx.query(
    `insert into share_leases as l (resource, worker, most, slots)
     select resource, $1, most, slots from unnest($2::text[], $3::int[], $4::int[]) as wish(resource, most, slots)
     on conflict (resource, worker) do update set most = excluded.most, slots = excluded.slots, asked_at = clock_timestamp(),
       waits_since = case when l.slots = 0 and l.${WAITS} then l.waits_since else clock_timestamp() end`,
    [
      id,
      wishes.map(({ resource }) => resource),
      wishes.map(({ limit }) => limit),
      wishes.map(({ held }, index) => held + (granted[index] ?? 0)),
    ],
    'write-leases',
  );
  return granted;
}
