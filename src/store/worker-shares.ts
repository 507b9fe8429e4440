import { judgeReport, slotsFor } from '../scheduling/shares/share-rules';
import type { LeaseWish, Leased, OtherLease, ShareHolder, ShareReport } from '../scheduling/shares/share-rules';
import type { GoneWorker, OtherWorker, ShareStore, StoredStanding } from '../scheduling/shares/share-store';
import type { Database, Queryable } from './database';

/**
 * Any constant will do, if it is not that of another lock; all processes of one database must agree on it. A worker that is
 * stopped while it has the lock must not hold up the others for longer than they may be without PostgreSQL.
 */
const LOCKED = { lock: 0x65766673, idleMs: 3_000 };
/** Writes the condition under which a worker still waits for a slot: one that has not asked again for this long does not. */
const waits = (row: string) => `${row}.slots = 0 and ${row}.asked_at > clock_timestamp() - interval '3 seconds'`;

interface Worker {
  readonly id: string;
  /** Names its process for the other workers. */
  readonly process: string;
}

/** What one worker stores about its parts of limits, and reads of the others. What may give slots to somebody is done under one lock. */
export function createShareStore(db: Database, worker: Worker): ShareStore {
  const { id } = worker;
  return {
    confirm: (report) => confirmShare(db, id, report),
    report: (report, gone) => db.transaction((tx) => takeReport(tx, worker, report, gone), LOCKED),
    lease: (wishes) => db.transaction((tx) => leaseSlots(tx, id, wishes), LOCKED),
    async giveBack(resources) {
      await db.query('delete from share_leases where worker = $1 and resource = any($2::text[])', [id, resources]);
    },
    async leave() {
      await db.query('delete from worker_shares where id = $1', [id]);
    },
  };
}

interface View {
  /** Whether it is among the workers that fetch. */
  readonly isKnown: boolean;
  readonly others: readonly OtherWorker[];
  readonly leased: readonly Leased[];
  readonly wanted: readonly string[];
}

/** Columns of a {@link View}, as the worker $1 sees it. */
const VIEW = `
  coalesce((select json_agg(json_build_object('id', id, 'process', process, 'dividesBy', divides_by, 'over', over_limits,
    'beat', seen_at::text, 'silentMs', extract(epoch from clock_timestamp() - seen_at) * 1000))
    from worker_shares where id <> $1), '[]') as others,
  coalesce((select json_agg(l) from (select resource, min(most) as "limit", sum(slots)::int as slots
    from share_leases where slots > 0 group by resource) l), '[]') as leased,
  array(select resource from share_leases mine where worker = $1 and slots > 0 and exists (
    select from share_leases other where other.resource = mine.resource and ${waits('other')})) as wanted`;

/** One statement a report: an idle installation has nothing else to do with PostgreSQL for its shares. */
const CONFIRM = `
with me as (
  update worker_shares set divides_by = $2, over_limits = $3, seen_at = clock_timestamp() where id = $1 and divides_by > 0 returning id),
forgotten as (
  delete from share_leases mine where worker = $1 and slots = 0 and not (${waits('mine')}))
select exists (select from me) as "isKnown", ${VIEW}`;

async function confirmShare(db: Queryable, id: string, report: ShareHolder): Promise<StoredStanding | undefined> {
  const [view] = await db.query<View>(CONFIRM, [id, report.dividesBy, report.over], 'confirm-share');
  return view?.isKnown === true ? standingIn(view, { ...report, mayGrow: false }) : undefined;
}

async function takeReport(
  tx: Queryable,
  { id, process }: Worker,
  report: ShareReport,
  gone: readonly GoneWorker[],
): Promise<StoredStanding> {
  // One that has reported meanwhile was only late, and fetches.
  if (gone.length > 0)
    await tx.query(
      `delete from worker_shares w using unnest($1::uuid[], $2::text[]) as gone(id, beat)
       where w.id = gone.id and w.seen_at::text = gone.beat`,
      [gone.map((each) => each.id), gone.map(({ beat }) => beat)],
      'forget-shares',
    );
  const [view] = await tx.query<View>(
    `select exists (select from worker_shares where id = $1 and divides_by > 0) as "isKnown", ${VIEW}`,
    [id],
    'view-shares',
  );
  if (view === undefined) throw new Error('a select without a table gives one row');
  const standing = standingIn(view, report);
  await tx.query(
    `insert into worker_shares (id, process, divides_by, over_limits) values ($1, $2, $3, $4)
     on conflict (id) do update set divides_by = excluded.divides_by, over_limits = excluded.over_limits, seen_at = clock_timestamp()`,
    [id, process, standing.dividesBy, report.over],
    'write-share',
  );
  return standing;
}

const standingIn = ({ isKnown, others, leased, wanted }: View, report: ShareReport): StoredStanding => ({
  ...judgeReport(report, others, leased, isKnown),
  wanted: new Set(wanted),
  others,
});

/** Gives slots to wishes. One that gets none, and has no part of the limit either, is noted as waiting. */
async function leaseSlots(tx: Queryable, id: string, wishes: readonly LeaseWish[]): Promise<readonly number[]> {
  const workers = await tx.query<ShareHolder & { readonly id: string }>(
    'select id, divides_by as "dividesBy", over_limits as over from worker_shares',
    [],
    'read-holders',
  );
  const self = workers.find((row) => row.id === id);
  if (self === undefined || self.dividesBy === 0) return wishes.map(() => 0);
  const closed = new Set(workers.flatMap((row) => (row === self ? [] : row.over)));
  const leases = await tx.query<OtherLease & { readonly resource: string }>(
    `select other.resource, other.slots, ${waits('other')}
         and other.waits_since < coalesce(mine.waits_since, clock_timestamp()) as "isAhead"
     from share_leases other left join share_leases mine on mine.resource = other.resource and mine.worker = $1 and ${waits('mine')}
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
       waits_since = case when ${waits('l')} then l.waits_since else clock_timestamp() end`,
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
