import { Client } from 'pg';

export interface ListFilling {
  /** Key that gets three of four batches and single jobs. */
  readonly apiKeyId: string;
  readonly otherKeyId: string;
  /** Jobs in all, rows or not. */
  readonly jobs: number;
}

/** A fifth are single jobs. Of the others, half are in batches of this size and half in batches of a tenth. */
export const LARGE_BATCH = 10_000;
const HOSTS = 50;

/**
 * Fills the tables as years of use would, with SQL alone. A job every millisecond; nine of ten URLs have ended, one of 100 of them
 * failed; the newest tenth of batches runs, and of their URLs every second one has no row yet.
 */
export async function fillLists(databaseUrl: string, filling: ListFilling): Promise<void> {
  // The pool of the service breaks statements off after a minute.
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await fill(client, filling);
  } finally {
    await client.end();
  }
}

async function fill(database: Client, { apiKeyId, otherKeyId, jobs }: ListFilling): Promise<void> {
  const singles = Math.floor(jobs / 5);
  const large = Math.max(Math.floor((jobs - singles) / 2 / LARGE_BATCH), 1);
  const small = large * 10;
  const owner = (n: string) => `case when ${n} % 4 = 0 then $2::uuid else $1::uuid end`;
  const startedAt = `timestamptz '2026-01-01 00:00:00+00'`;
  await database.query(
    `insert into batches (id, api_key_id, total, options, fan_out, created_at, deadline_at, start_acknowledged_at, ended_at, name, tags)
     select (lpad(to_hex(1767225600000 + n), 8 + 4, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 3) || substr(md5(n::text), 7, 8) || 'ffff')::uuid,
       ${owner('n')}, case when n % 11 = 0 then ${LARGE_BATCH} else ${LARGE_BATCH / 10} end, '{}', 'sweep',
       ${startedAt} + n * interval '1 second', ${startedAt} + interval '1 day', ${startedAt},
       case when n <= ${Math.floor((large + small) * 0.9)} then ${startedAt} + n * interval '1 minute' end,
       'batch ' || n, case when n % 7 = 0 then array['seventh', 'shop'] else array['shop'] end
     from generate_series(0, ${large + small - 1}) n`,
    [apiKeyId, otherKeyId],
  );
  await database.query(
    `insert into batch_chunks (batch_id, number, urls, client_ids, finished, failed, cancelled, ended_at, failures)
     select b.id, number,
       array(select 'https://h' || (number * 500 + p) % ${HOSTS} || '.example/' || b.name || '/' || number * 500 + p from generate_series(1, 500) p),
       array(select 'id-' || b.name || '-' || number * 500 + p from generate_series(1, 500) p),
       case when b.ended_at is null then 245 else 490 end, 5, 5 * (b.ended_at is not null)::int, b.ended_at, '{"failed_due_to_timeout": 5}'
     from batches b, generate_series(0, b.total / 500 - 1) number`,
  );
  await database.query(
    `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, attempts, status_code, fail_reason, created_at, deadline_at, ended_at, price, credits)
     select (left(c.batch_id::text, 32) || lpad(to_hex(c.number * 500 + u.place), 4, '0'))::uuid, c.batch_id, c.number, b.api_key_id, u.url,
       case when u.place % 100 = 1 then 'failed' when b.ended_at is null then 'finished' when u.place % 100 = 2 then 'cancelled' else 'finished' end,
       1, case when u.place % 100 = 3 then 404 when u.place % 100 > 3 then 200 end,
       case when u.place % 100 = 1 then 'failed_due_to_timeout' end,
       b.created_at, b.deadline_at, b.created_at + u.place * interval '1 second', 1, 1
     from batch_chunks c join batches b on b.id = c.batch_id, unnest(c.urls) with ordinality as u(url, place)
     where b.ended_at is not null or u.place % 2 = 1`,
  );
  await database.query(
    `insert into jobs (id, api_key_id, url, options, status, attempts, status_code, created_at, deadline_at, start_acknowledged_at, ended_at, price, credits)
     select (lpad(to_hex(1767225600000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '9' || substr(md5(n::text), 4, 3) || substr(md5(n::text), 7, 8) || '0000')::uuid,
       ${owner('n')}, 'https://h' || n % ${HOSTS} || '.example/single/' || n, '{}', case when n % 100 = 0 then 'running' else 'finished' end, 1, 200,
       ${startedAt} + n * interval '37 milliseconds', ${startedAt} + interval '1 day', ${startedAt},
       case when n % 100 > 0 then ${startedAt} + n * interval '38 milliseconds' end, 1, 1
     from generate_series(1, ${singles}) n`,
    [apiKeyId, otherKeyId],
  );
  await database.query('analyze');
}
