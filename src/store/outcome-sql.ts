/**
 * Rows, chunk counters, usage and outbox change in one statement, so they cannot disagree, and a commit is one round trip.
 * A row that has ended is never written again: everything else follows from the rows that this statement itself ended.
 * Rows are locked in order of id. `$1` … `$21` are jobs that end, `$22` … `$32` attempts that did not end theirs.
 * What is to be told to a URL that has answered 410 is noted as stopped. A receiver that is probed is not named in the answer:
 * it has its time.
 */
export const WRITE_OUTCOMES = `
with input as (
  select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::text[], $9::int[],
    $10::text[], $11::text[], $12::bigint[], $13::int[], $14::timestamptz[], $15::timestamptz[], $16::text[], $17::text[], $18::text[], $19::int[],
    $20::uuid[], $21::text[])
  as t(id, batch_id, chunk_number, api_key_id, url, status, attempts, last_failure, status_code,
    fail_reason, segment, segment_offset, segment_length, created_at, deadline_at, callback_url, endpoint_id, origin, price,
    delivery_id, url_hash)
),
ended as (
  insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, attempts, last_failure, status_code,
    fail_reason, segment, segment_offset, segment_length, created_at, deadline_at, ended_at, price, credits)
  select id, batch_id, chunk_number, api_key_id, url, status, attempts, last_failure::json, status_code,
    fail_reason, segment, segment_offset, segment_length, created_at, deadline_at, now(), price,
    case when status = 'finished' then price else 0 end
  from input order by id
  on conflict (id) do update set
    status = excluded.status, attempts = greatest(jobs.attempts, excluded.attempts),
    last_failure = coalesce(excluded.last_failure, jobs.last_failure), status_code = excluded.status_code,
    fail_reason = excluded.fail_reason, segment = excluded.segment, segment_offset = excluded.segment_offset,
    segment_length = excluded.segment_length, next_attempt_at = null, ended_at = excluded.ended_at,
    price = excluded.price, credits = excluded.credits
  where jobs.status = 'running'
  returning id, batch_id, chunk_number, api_key_id, status, price, credits
),
delta as (
  select batch_id, chunk_number, count(*) filter (where status = 'finished') as finished,
    count(*) filter (where status = 'failed') as failed, count(*) filter (where status = 'cancelled') as cancelled,
    sum(credits) as credits
  from ended where batch_id is not null group by batch_id, chunk_number
),
locked as (
  select c.batch_id, c.number from batch_chunks c join delta d on d.batch_id = c.batch_id and d.chunk_number = c.number
  order by c.batch_id, c.number for update of c
),
counted as (
  update batch_chunks c set credits = c.credits + d.credits,
    finished = c.finished + d.finished, failed = c.failed + d.failed, cancelled = c.cancelled + d.cancelled,
    ended_at = case when c.finished + c.failed + c.cancelled + d.finished + d.failed + d.cancelled = cardinality(c.urls) then now() end
  from locked l join delta d on d.batch_id = l.batch_id and d.chunk_number = l.number
  where c.batch_id = l.batch_id and c.number = l.number
),
used as (
  insert into usage (api_key_id, credits, reserved, unfinished, finished_count, failed_count, cancelled_count)
  select api_key_id, sum(credits), -sum(price), -count(*), count(*) filter (where status = 'finished'), count(*) filter (where status = 'failed'), count(*) filter (where status = 'cancelled')
  from ended group by api_key_id order by api_key_id
  on conflict (api_key_id) do update set
    credits = usage.credits + excluded.credits, reserved = usage.reserved + excluded.reserved,
    unfinished = usage.unfinished + excluded.unfinished,
    finished_count = usage.finished_count + excluded.finished_count, failed_count = usage.failed_count + excluded.failed_count,
    cancelled_count = usage.cancelled_count + excluded.cancelled_count
),
called as (
  select i.* from input i join ended e on e.id = i.id where i.endpoint_id is not null
),
endpoints as (
  insert into webhook_endpoints (id, api_key_id, origin) select distinct on (endpoint_id) endpoint_id, api_key_id, origin from called order by endpoint_id
  on conflict (id) do nothing
),
outbox as (
  insert into webhook_deliveries (id, endpoint_id, job_id, event, url, status, ended_at)
  select c.delivery_id, c.endpoint_id, c.id, 'job.' || c.status, c.callback_url,
    case when s.stopped_at is null then 'pending' else 'stopped' end, case when s.stopped_at is not null then now() end
  from called c left join webhook_stops s on s.endpoint_id = c.endpoint_id and s.url_hash = c.url_hash
),
retried as (
  insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, attempts, strikes, last_failure, next_attempt_at, created_at, deadline_at)
  select id, batch_id, chunk_number, api_key_id, url, 'running', attempts, strikes, last_failure::json, next_attempt_at, created_at, deadline_at
  from unnest($22::uuid[], $23::uuid[], $24::int[], $25::uuid[], $26::text[], $27::int[], $28::int[], $29::text[], $30::timestamptz[], $31::timestamptz[], $32::timestamptz[])
    as t(id, batch_id, chunk_number, api_key_id, url, attempts, strikes, last_failure, next_attempt_at, created_at, deadline_at)
  order by id
  on conflict (id) do update set attempts = greatest(jobs.attempts, excluded.attempts), strikes = excluded.strikes,
    last_failure = excluded.last_failure, next_attempt_at = excluded.next_attempt_at
  where jobs.status = 'running'
  returning id
)
select e.id, case when r.next_call_at > now() then null else c.endpoint_id end as endpoint_id, true as is_end
from ended e left join called c on c.id = e.id left join webhook_endpoints r on r.id = c.endpoint_id
union all select id, null, false from retried`;
