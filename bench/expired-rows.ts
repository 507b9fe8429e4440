import { mkdir, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database } from '../src/store/database';

export interface ExpiredOptions {
  readonly rows: number;
  readonly pagesDir: string;
}

const BATCH_URLS = 50_000;
const PAGES_PER_SEGMENT = 200;
const FILL_ROWS = 100_000;
const HOURS = 6;
const SEGMENT_BYTES = 16_384;

/**
 * What a day of work leaves behind: half of the rows are single jobs, half are members of ended batches; commits of 200 rows
 * share their time and their segment, every 20th job had a callback. All ended 74 to 80 hours ago.
 */
export async function fillExpired(db: Database, { rows, pagesDir }: ExpiredOptions): Promise<void> {
  await db.query(
    `insert into webhook_endpoints (id, api_key_id, origin) select 'bench', id, 'https://hook.example' from api_keys limit 1`,
  );
  await db.query('create unlogged table bench_batches (number integer primary key, id uuid not null)');
  await db.query(
    `insert into bench_batches select n, overlay(uuidv7(interval '-81 hours')::text placing 'ffff' from 33)::uuid from generate_series(0, $1::int) n`,
    [Math.ceil(rows / 2 / BATCH_URLS) - 1],
  );
  await db.query(
    `insert into batches (id, api_key_id, total, options, fan_out, created_at, deadline_at, start_acknowledged_at, ended_at)
       select b.id, k.id, ${BATCH_URLS}, '{}', 'sweep', now() - interval '81 hours', now() - interval '57 hours', now() - interval '81 hours', now() - interval '74 hours'
       from bench_batches b, (select id from api_keys limit 1) k`,
  );
  await db.query(
    `insert into batch_chunks (batch_id, number, urls, prices, finished, ended_at)
       select b.id, c, (select array_agg('https://shop.example/catalogue/' || b.number || '/products/' || md5((c * 500 + p)::text)) from generate_series(0, 499) p),
         array_fill(1, array[500]), 500, now() - interval '74 hours'
       from bench_batches b, generate_series(0, ${BATCH_URLS / 500 - 1}) c`,
  );
  for (let from = 0; from < rows; from += FILL_ROWS) {
    // A statement each, because one may take no longer than the pool allows.
    await db.query(
      `insert into jobs (id, batch_id, chunk_number, api_key_id, url, options, status, attempts, created_at, deadline_at, start_acknowledged_at,
           status_code, segment, segment_offset, segment_length, ended_at, price, credits)
         select case when b.id is null then overlay(uuidv7(interval '-81 hours')::text placing '0000' from 33)::uuid
             else overlay(b.id::text placing lpad(to_hex(m % ${BATCH_URLS} + 1), 4, '0') from 33)::uuid end,
           b.id, case when b.id is not null then m % ${BATCH_URLS} / 500 end, k.id, 'https://shop.example/catalogue/' || n || '/products/' || md5(n::text),
           case when b.id is null then '{}'::json end, 'finished', 1, at - interval '1 hour', at + interval '23 hours', at - interval '1 hour',
           200, 'segments/' || to_char(at at time zone 'utc', 'YYYY/MM/DD/HH24') || '/' || md5((n / ${PAGES_PER_SEGMENT})::text)::uuid || '.warc',
           n % ${PAGES_PER_SEGMENT} * 20500::bigint, 20500, at, 1, 1
         from generate_series($1::int, $2::int) n
         cross join lateral (select n / 2 as m, now() - interval '80 hours' + n / ${PAGES_PER_SEGMENT} * (interval '${HOURS} hours' * ${PAGES_PER_SEGMENT} / $3::int) as at) t
         cross join (select id from api_keys limit 1) k
         left join bench_batches b on n % 2 = 1 and b.number = m / ${BATCH_URLS}`,
      [from, Math.min(from + FILL_ROWS, rows) - 1, rows],
    );
  }
  await db.query(
    `insert into webhook_deliveries (endpoint_id, job_id, event, url, status, attempts, created_at, ended_at)
       select 'bench', id, 'job.finished', 'https://hook.example/', 'delivered', 1, ended_at, ended_at from jobs where hashtext(id::text) % 20 = 0 and ended_at < now() - interval '73 hours'`,
  );
  await db.query('drop table bench_batches');
  for (const table of ['jobs', 'batches', 'batch_chunks', 'webhook_deliveries'])
    await db.query(`vacuum analyze ${table}`);
  await db.query('checkpoint');
  await fillSegments(pagesDir, Math.ceil(rows / PAGES_PER_SEGMENT));
}

/** Writes as many files as the rows have segments, though smaller ones. */
async function fillSegments(pagesDir: string, segments: number): Promise<void> {
  const bytes = Buffer.alloc(SEGMENT_BYTES, 'x');
  for (let hour = 0; hour < HOURS; hour += 1) {
    const time = new Date(Date.now() - (80 - hour) * 3_600_000).toISOString();
    const folder = join(pagesDir, 'segments', time.slice(0, 13).replace(/[-T]/g, '/'));
    await mkdir(folder, { recursive: true });
    for (let n = 0; n < segments / HOURS; n += 1) await writeFile(join(folder, `${randomUUID()}.warc`), bytes);
  }
}
