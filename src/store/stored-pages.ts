import type { Queryable } from './database';
import type { PagePlace, StoredJob } from './jobs';

/** Parts of a job that a check of its page needs. */
export type StoredPage = Pick<StoredJob, 'id' | 'statusCode'> & { readonly page: PagePlace };

/** Range of segment keys, compared as texts: `from` is inclusive, `to` exclusive, and undefined sets no bound. */
export interface SegmentRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface PageRow {
  readonly id: string;
  readonly status_code: number | null;
  readonly segment: string;
  readonly segment_offset: number;
  readonly segment_length: number;
  readonly screenshot_length: number | null;
  readonly page_crc32: number | null;
  readonly screenshot_crc32: number | null;
  readonly page_owner: string | null;
}

const PAGE_COLUMNS =
  'id, status_code, segment, segment_offset, segment_length, screenshot_length, page_crc32, screenshot_crc32, page_owner';

const ROWS_AT_A_TIME = 1_000;

/**
 * Lists the stored pages in the order in which they lie in the segments. PostgreSQL sorts them, so that this process holds a
 * thousand at a time; an index by segment would slow down the storing of every page.
 * @param tx must be a transaction that stays open until the last page was read
 */
export async function* storedPages(tx: Queryable, { from, to }: SegmentRange): AsyncGenerator<StoredPage> {
  await tx.query(
    `declare stored_pages no scroll cursor for
     select ${PAGE_COLUMNS} from jobs
     where segment is not null and ($1::text is null or segment collate "C" >= $1) and ($2::text is null or segment collate "C" < $2)
     order by segment collate "C", segment_offset`,
    [from ?? null, to ?? null],
  );
  for (;;) {
    const rows = await tx.query<PageRow & Record<string, unknown>>(`fetch ${ROWS_AT_A_TIME} from stored_pages`);
    for (const row of rows) yield pageOf(row);
    if (rows.length < ROWS_AT_A_TIME) return;
  }
}

/** Place of a page in the order in which pages lie in the segments. */
export interface PageOrder {
  readonly segment: string;
  readonly offset: number;
}

/**
 * The pages of a batch behind a place, in the order in which they lie in the segments, at most a thousand. A page that several URLs share
 * is listed once.
 */
export async function listPagesOfBatch(
  db: Queryable,
  batchId: string,
  { segment, offset }: PageOrder = { segment: '', offset: -1 },
): Promise<StoredPage[]> {
  const rows = await db.query<PageRow & Record<string, unknown>>(
    `select distinct on (segment collate "C", segment_offset) ${PAGE_COLUMNS} from jobs
     where batch_id = $1 and segment is not null
       and segment collate "C" >= $2 and (segment collate "C" > $2 or segment_offset > $3)
     order by segment collate "C", segment_offset limit ${ROWS_AT_A_TIME}`,
    [batchId, segment, offset],
  );
  return rows.map(pageOf);
}

const pageOf = (row: PageRow): StoredPage => ({
  id: row.id,
  ...(row.status_code !== null && { statusCode: row.status_code }),
  page: {
    segment: row.segment,
    offset: row.segment_offset,
    length: row.segment_length,
    ...(row.screenshot_length !== null && { screenshotLength: row.screenshot_length }),
    ...(row.page_crc32 !== null && { crc32: row.page_crc32 }),
    ...(row.screenshot_crc32 !== null && { screenshotCrc32: row.screenshot_crc32 }),
    ...(row.page_owner !== null && { ownerId: row.page_owner }),
  },
});

/** Whether the job still has its page there: retention may have removed it meanwhile. */
export async function isStillStored(db: Queryable, { id, page }: StoredPage): Promise<boolean> {
  return (await db.query('select 1 from jobs where id = $1 and segment = $2', [id, page.segment])).length > 0;
}
