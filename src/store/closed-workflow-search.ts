import type { Queryable } from './database';

/** One page of a round: the range that is asked for, and the place where the round goes on. */
export interface SearchTurn {
  readonly closedAfter: Date;
  readonly pageToken: Buffer | undefined;
}

/** The turn of a worker that dies is free again after this time. */
const TURN_MS = 15_000;

/**
 * Each round looks back this far behind the beginning of the one before, because closed workflows become visible late and the
 * clocks of the servers differ. Workflows that take longer are found by the check that asks for them one by one.
 */
const OVERLAP_MS = 2 * 60_000;

/** Takes the next turn. @returns undefined when no turn is due, or another worker has it */
export async function takeSearchTurn(db: Queryable): Promise<SearchTurn | undefined> {
  const [row] = await db.query<{ closed_after: Date; page_token: Buffer | null }>(
    `update closed_workflow_search
     set next_page_at = now() + $1::interval, round_started_at = coalesce(round_started_at, now())
     where next_page_at <= now() returning closed_after, page_token`,
    [`${TURN_MS} milliseconds`],
  );
  return row && { closedAfter: row.closed_after, pageToken: row.page_token ?? undefined };
}

/**
 * Notes that a page has been worked through. It is not noted when the turn took so long that another worker has gone on.
 * @param pageToken where the round goes on; undefined when it is over, and the next one begins where this one began
 * @param waitMs how long no worker asks for the next page (ms)
 */
export async function noteSearchTurn(
  db: Queryable,
  turn: SearchTurn,
  pageToken: Buffer | undefined,
  waitMs: number,
): Promise<void> {
  await db.query(
    `update closed_workflow_search set page_token = $1, next_page_at = now() + $2::interval,
       closed_after = case when $1::bytea is null then greatest(closed_after, round_started_at - $3::interval) else closed_after end,
       round_started_at = case when $1::bytea is null then null else round_started_at end
     where page_token is not distinct from $4::bytea and round_started_at is not null`,
    [pageToken ?? null, `${waitMs} milliseconds`, `${OVERLAP_MS} milliseconds`, turn.pageToken ?? null],
  );
}

/** Begins the round anew, because its place was lost: the database of a Temporal server may have been replaced. */
export async function restartSearch(db: Queryable, waitMs: number): Promise<void> {
  await db.query(
    `update closed_workflow_search set page_token = null, round_started_at = null, next_page_at = now() + $1::interval`,
    [`${waitMs} milliseconds`],
  );
}
