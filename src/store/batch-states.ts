import type { Queryable } from './database';
import { BATCH_STATE } from './jobs';
import type { BatchHold } from './jobs';

/** What was asked of a batch, as far as it concerns those who fetch its URLs. */
export interface BatchState {
  /** Why nothing of it is to be fetched now. */
  readonly hold?: BatchHold;
  /** How many times its failed URLs were given their time once more. */
  readonly round: number;
  /** Most fetches in flight to one host, of this batch. */
  readonly maxPerHost?: number;
  /** True when what it may cost is limited. */
  readonly isCapped: boolean;
}

interface StateRow {
  id: string;
  hold: BatchHold | null;
  round: number;
  max_per_host: number | null;
  is_capped: boolean;
}

/** Finds the states of these batches. Those that are gone are left out. */
export async function findBatchStates(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, BatchState>> {
  const rows = await db.query<StateRow & Record<string, unknown>>(
    `select b.id, ${BATCH_STATE} from batches b where b.id = any($1)`,
    [ids],
    'find-batch-states',
  );
  return new Map(
    rows.map(({ id, hold, round, max_per_host: maxPerHost, is_capped: isCapped }) => [
      id,
      { round, isCapped, ...(hold !== null && { hold }), ...(maxPerHost !== null && { maxPerHost }) },
    ]),
  );
}
