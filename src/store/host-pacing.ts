import type { HostRest, SlotGrant, SlotWish } from '../scheduling/pacing/pacing-store';
import type { Database, Queryable } from './database';
import type { MayGoOn } from '../async/work-pace';

/** Slots are taken no further ahead: a worker that ends would leave a gap, and a host that asks for a rest meanwhile would not get it. */
const AHEAD_MS = 2_000;
const MAX_RESTS = 5_000;
const GROUP = 1_000;

const epochMs = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

const FREE = 'greatest(h.next_at, h.rests_until, now())';
const IS_NEAR = `${FREE} <= now() + interval '${AHEAD_MS} milliseconds'`;

/** Sorts by host, because otherwise two workers could wait for each other's rows. */
const RESERVE = `
insert into host_pacing as h (host, reserved_from, reserved, next_at)
select host, now(), slots, now() + slots * (interval_ms * interval '1 millisecond')
from unnest($1::text[], $2::float8[], $3::int[]) as wish(host, interval_ms, slots) order by host
on conflict (host) do update set
  reserved_from = ${FREE},
  reserved = case when ${IS_NEAR} then excluded.reserved else 0 end,
  next_at = case when ${IS_NEAR} then ${FREE} + (excluded.next_at - excluded.reserved_from) else h.next_at end
returning host, ${epochMs('reserved_from')} as from_ms, reserved, ${epochMs('clock_timestamp()')} as now_ms`;

/** Takes the next slots of each of these hosts, which must all differ. No slot is given twice, even when workers ask at the same time. */
export async function reserveSlots(db: Queryable, wishes: readonly SlotWish[]): Promise<readonly SlotGrant[]> {
  const rows = await db.query<{ host: string; from_ms: number; reserved: number; now_ms: number }>(
    RESERVE,
    [wishes.map(({ host }) => host), wishes.map(({ intervalMs }) => intervalMs), wishes.map(({ slots }) => slots)],
    'reserve-slots',
  );
  return rows.map((row) => ({ host: row.host, fromMs: row.from_ms, slots: row.reserved, nowMs: row.now_ms }));
}

/** Notes that hosts, which must all differ, have asked for a rest. A host that already rests longer keeps its rest. */
export async function noteRests(db: Queryable, rests: readonly HostRest[]): Promise<void> {
  if (rests.length === 0) return;
  await db.query(
    `insert into host_pacing as h (host, rests_until, rest_noted_at, rests)
     select host, now() + rest_ms * interval '1 millisecond', now(), 1 from unnest($1::text[], $2::float8[]) as rest(host, rest_ms) order by host
     on conflict (host) do update set rests_until = greatest(h.rests_until, excluded.rests_until), rest_noted_at = now(),
       rests = h.rests + case when h.rests_until <= now() then 1 else 0 end`,
    [rests.map(({ host }) => host), rests.map(({ restMs }) => restMs)],
    'note-rests',
  );
}

/** Finds the hosts whose rest was noted within the last `withinMs`: only the newest, when there are very many. */
export async function findRests(db: Queryable, withinMs: number): Promise<readonly HostRest[]> {
  const rows = await db.query<{ host: string; rest_ms: number }>(
    `select host, ${epochMs('rests_until')} - ${epochMs('now()')} as rest_ms from host_pacing
     where rest_noted_at > now() - $1 * interval '1 millisecond' and rests_until > now() order by rest_noted_at desc limit ${MAX_RESTS}`,
    [withinMs],
    'find-rests',
  );
  return rows.map((row) => ({ host: row.host, restMs: row.rest_ms }));
}

/** What the workers have noted of a host. */
export interface HostRecord {
  /** End of the rest that it has asked for; undefined when it does not rest. */
  readonly restsUntil?: Date;
  /** Rests that it has asked for since its row was made. */
  readonly restCount: number;
  readonly lastRestAt?: Date;
}

/** Finds what is noted of a host: nothing of most. @param host in lower case, without brackets and the dot at the end */
export async function findHostRecord(db: Queryable, host: string): Promise<HostRecord> {
  const [row] = await db.query<{ rests_until: Date | null; rests: number; rest_noted_at: Date | null }>(
    `select case when rests_until > now() then rests_until end as rests_until, rests, rest_noted_at from host_pacing where host = $1`,
    [host],
  );
  if (row === undefined) return { restCount: 0 };
  return {
    ...(row.rests_until !== null && { restsUntil: row.rests_until }),
    restCount: row.rests,
    ...(row.rest_noted_at !== null && { lastRestAt: row.rest_noted_at }),
  };
}

/**
 * Makes an appointment for a single job that cannot wait for its host here: one after another, whichever workers ask.
 * @param notBeforeMs earliest appointment (ms from now)
 * @returns the appointment (ms from now); undefined when the next free one is more than `atMostMs` after the earliest, and none was
 *   made
 */
export async function makeAppointment(
  db: Queryable,
  host: string,
  {
    notBeforeMs,
    intervalMs,
    atMostMs,
  }: { readonly notBeforeMs: number; readonly intervalMs: number; readonly atMostMs: number },
): Promise<number | undefined> {
  const [row] = await db.query<{ wait_ms: number }>(
    `insert into host_pacing as h (host, appointed_at) values ($1, now() + $2 * interval '1 millisecond')
     on conflict (host) do update
       set appointed_at = greatest(h.appointed_at + $3 * interval '1 millisecond', now() + $2 * interval '1 millisecond')
       where h.appointed_at + $3 * interval '1 millisecond' <= now() + ($2 + $4) * interval '1 millisecond'
     returning ${epochMs('appointed_at')} - ${epochMs('now()')} as wait_ms`,
    [host, notBeforeMs, intervalMs, atMostMs],
    'make-appointment',
  );
  return row?.wait_ms;
}

/** Forgets hosts whose times are all past. @returns whether all of them are gone; false when `mayGoOn` ended it */
export async function purgeHostPacing(db: Database, mayGoOn: MayGoOn): Promise<boolean> {
  for (;;) {
    const [row] = await db.query<{ gone: number }>(
      `with old as materialized (
         select ctid from host_pacing where greatest(next_at, rests_until, appointed_at) < now() - interval '1 hour' limit ${GROUP}),
       gone as (
         delete from host_pacing where ctid = any(array(select ctid from old))
           and greatest(next_at, rests_until, appointed_at) < now() - interval '1 hour' returning 1)
       select count(*)::int as gone from gone`,
    );
    if (row === undefined || row.gone === 0) return true;
    if (!(await mayGoOn())) return false;
  }
}
