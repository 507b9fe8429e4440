import type { Database } from './database';

/** What a sweep needs of one of its chunks. */
export interface ChunkWish {
  readonly chunk: number;
  /** Credits of the URLs that are being fetched, or are about to be. They stay reserved. */
  readonly inUse: number;
  /** Prices of the URLs that could be fetched next, in the order in which they would be. */
  readonly wanted: readonly number[];
}

export interface Reserved {
  /** Credits that are reserved for each chunk from now on, in the order of the wishes. */
  readonly credits: readonly number[];
  /** True when nothing is to be started, because the batch is paused: by somebody, or here and now because nothing more is covered. */
  readonly isPaused: boolean;
}

interface ChunkRow {
  number: number;
  credits: number;
  /** 0 once it has ended: what is left then is free. */
  reserved: number;
}

/**
 * Sets what is reserved for the chunks of a sweep. Of what is wanted it grants as much as the batch has left, so that credits that
 * were charged and credits that are reserved are never more than its `max_credits` together. When nothing can be granted and nobody
 * fetches anything that might not be charged in the end, the batch is paused.
 * @returns undefined when the batch is gone
 */
export function reserveCredits(
  db: Database,
  batchId: string,
  wishes: readonly ChunkWish[],
): Promise<Reserved | undefined> {
  return db.transaction(async (tx) => {
    const [batch] = await tx.query<{ max_credits: number | null; is_paused: boolean }>(
      'select max_credits, paused_at is not null or cancel_requested_at is not null as is_paused from batches where id = $1 for no key update',
      [batchId],
    );
    if (batch === undefined) return undefined;
    const own = wishes.map(({ chunk }) => chunk);
    // The chunks of the sweep itself are locked, so that no page of it is charged between this look and the new reservation.
    await tx.query('select 1 from batch_chunks where batch_id = $1 and number = any($2) order by number for update', [
      batchId,
      own,
    ]);
    const chunks = await tx.query<ChunkRow & Record<string, unknown>>(
      'select number, credits, case when ended_at is null then reserved else 0 end as reserved from batch_chunks where batch_id = $1',
      [batchId],
    );
    const spent = sum(chunks.map(({ credits }) => credits));
    // A page may have been charged of which the sweep has not heard yet. Then its price is not reserved any more.
    const reserved = new Map(chunks.map((row) => [row.number, row.reserved]));
    const kept = wishes.map((wish) => Math.min(wish.inUse, reserved.get(wish.chunk) ?? 0));
    const ofOthers = sum(chunks.filter(({ number }) => !own.includes(number)).map(({ reserved }) => reserved));
    const free = (batch.max_credits ?? Infinity) - spent - ofOthers - sum(kept);
    const granted = batch.is_paused ? wishes.map(() => 0) : grant(wishes, free);
    const credits = kept.map((each, index) => each + (granted[index] ?? 0));
    await tx.query(
      `update batch_chunks c set reserved = x.reserved from unnest($2::int[], $3::bigint[]) as x(number, reserved)
       where c.batch_id = $1 and c.number = x.number and c.reserved <> x.reserved`,
      [batchId, own, credits],
    );
    const inUse = sum(wishes.map((wish) => wish.inUse));
    const isStuck = sum(granted) === 0 && inUse + ofOthers === 0 && wishes.some(({ wanted }) => wanted.length > 0);
    if (!isStuck || batch.is_paused) return { credits, isPaused: batch.is_paused };
    await tx.query(
      `update batches set paused_at = now(), paused_because = 'max_credits', control_count = control_count + 1 where id = $1`,
      [batchId],
    );
    return { credits, isPaused: true };
  });
}

/** Covers URLs in their order; one that is too dear is passed over for those that are not. */
function grant(wishes: readonly ChunkWish[], free: number): number[] {
  let left = free;
  return wishes.map(({ wanted }) => {
    let granted = 0;
    for (const price of wanted) {
      if (price > left) continue;
      left -= price;
      granted += price;
    }
    return granted;
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
