import { batchPlaceOf, chunkPlaceOf, CHUNK_URLS, batchMemberId } from '../jobs/job-id';
import type { AcceptedOptions } from '../jobs/job-options';
import type { Queryable } from './database';

/** What a URL of a batch has of its own. */
export interface MemberLine {
  readonly clientId?: string;
  /** Options that replace those of the batch by name. */
  readonly options?: AcceptedOptions;
}

/** The options of a URL: its own over those of the batch. */
export const withOwnOptions = (common: AcceptedOptions, own: AcceptedOptions | undefined): AcceptedOptions =>
  own === undefined ? common : { ...common, ...own };

/** Unpacks the arrays of a chunk once for all of its URLs that are asked for. */
const LINES = `
  select c.batch_id, c.number, u.place, u.client_id, u.options
  from (select batch_id, number, array_agg(place) as places from unnest($1::uuid[], $2::int[], $3::int[]) as w(batch_id, number, place)
        group by batch_id, number) w
  join batch_chunks c on c.batch_id = w.batch_id and c.number = w.number
  cross join lateral unnest(c.client_ids, c.line_options) with ordinality as u(client_id, options, place)
  where u.place = any(w.places) and (u.client_id is not null or u.options is not null)`;

interface LineRow {
  readonly batch_id: string;
  readonly number: number;
  readonly place: number;
  readonly client_id: string | null;
  readonly options: AcceptedOptions | null;
}

/** Finds what these members of batches have of their own, by id. Those that have nothing are left out. */
export async function findMemberLines(db: Queryable, ids: readonly string[]): Promise<Map<string, MemberLine>> {
  const places = ids.flatMap((id) => {
    const member = batchPlaceOf(id);
    return member === undefined ? [] : [{ batchId: member.batchId, ...chunkPlaceOf(member.index) }];
  });
  const rows = await db.query<LineRow & Record<string, unknown>>(
    LINES,
    [places.map(({ batchId }) => batchId), places.map(({ chunk }) => chunk), places.map(({ place }) => place + 1)],
    'find-member-lines',
  );
  return new Map(
    rows.map((row) => [
      batchMemberId(row.batch_id, row.number * CHUNK_URLS + row.place - 1),
      lineOf(row.client_id, row.options),
    ]),
  );
}

/** A line as its columns tell it. */
export const lineOf = (
  clientId: string | null | undefined,
  options: AcceptedOptions | null | undefined,
): MemberLine => ({
  ...(typeof clientId === 'string' && { clientId }),
  ...((options ?? undefined) !== undefined && { options: options ?? {} }),
});
