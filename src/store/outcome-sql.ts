/**
 * A row that had failed and was given its time once more has a later deadline: what comes late of the time before, other than a page,
 * is not about this one. A deadline that was read has no microseconds.
 */
const IS_SAME_TIME = `excluded.deadline_at > jobs.deadline_at - interval '1 millisecond'`;

/**
 * Rows, chunk counters, usage and outbox change in one statement, so they cannot disagree, and a commit is one round trip.
 * A row that has ended is never written again: everything else follows from the rows that this statement itself ended.
 * Rows are locked in order of id, and tables in the order jobs, batch_chunks, usage, usage_hours, batch_minutes, batch_slow_hosts: each
 * part counts the rows of the part before it, because PostgreSQL runs parts that nothing reads in the reverse of their order here.
 * `$1` … `$26` and `$45` are jobs that end, `$27` … `$38` attempts that did not end theirs, `$39` … `$42` hosts of batches that took
 * long to answer, `$43` and `$44` chunks of batches with `max_credits`.
 * In such a chunk no more is charged than what its sweep has reserved, even when two sweeps believe that it is theirs.
 * A surcharge was not reserved, so it is charged only as far as the key's credits go; jobs and chunks are locked before the key, as everywhere.
 * Deliveries to a URL that has answered 410 are noted as stopped. A receiver that is being probed is not returned, because it is
 * called at its own time.
 */
export const WRITE_OUTCOMES = `
with input as (
  select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::text[], $9::int[],
    $10::text[], $11::text[], $12::bigint[], $13::int[], $14::timestamptz[], $15::timestamptz[], $16::text[], $17::text[], $18::text[], $19::int[],
    $20::uuid[], $21::text[], $22::int[], $23::int[], $24::bigint[], $25::bigint[], $26::uuid[], $45::text[])
  as t(id, batch_id, chunk_number, api_key_id, url, status, attempts, last_failure, status_code,
    fail_reason, segment, segment_offset, segment_length, created_at, deadline_at, callback_url, endpoint_id, origin, price,
    delivery_id, url_hash, screenshot_length, surcharge, page_crc32, screenshot_crc32, page_owner, tried)
),
held as materialized (
  select j.id from jobs j where j.id in (select id from input) and (cardinality($43::uuid[]) > 0 or exists (select 1 from input where surcharge > 0))
  order by j.id for update
),
chunks_held as materialized (
  select c.batch_id, c.number, c.reserved from batch_chunks c
  where (c.batch_id, c.number) in (
    select * from unnest($43::uuid[], $44::int[])
    union all select batch_id, chunk_number from input where batch_id is not null and exists (select 1 from input where surcharge > 0))
  and (select count(*) from held) >= 0
  order by c.batch_id, c.number for update of c
),
uncovered as materialized (
  select id from (
    select i.id, c.reserved, sum(i.price) over (partition by i.batch_id, i.chunk_number order by i.id) as total
    from chunks_held c join unnest($43::uuid[], $44::int[]) as k(batch_id, number) on k.batch_id = c.batch_id and k.number = c.number
    join input i on i.batch_id = c.batch_id and i.chunk_number = c.number where i.status = 'finished') as summed
  where total > reserved
),
purse as (
  select u.api_key_id, k.credit_limit - u.credits - u.reserved as free
  from usage u join api_keys k on k.id = u.api_key_id
  where k.credit_limit is not null and u.api_key_id in (select api_key_id from input where surcharge > 0)
    and (select count(*) from chunks_held) >= 0
  order by u.api_key_id for update of u
),
priced as (
  select i.*, case when p.free is null or sum(i.surcharge) over (partition by i.api_key_id order by i.id) <= p.free then i.surcharge else 0 end as extra
  from input i left join purse p on p.api_key_id = i.api_key_id
),
ended as (
  insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, attempts, last_failure, status_code,
    fail_reason, segment, segment_offset, segment_length, screenshot_length, page_crc32, screenshot_crc32, page_owner, created_at, deadline_at, ended_at, price, credits, tried)
  select id, batch_id, chunk_number, api_key_id, url, status, attempts, last_failure::json, status_code,
    fail_reason, segment, segment_offset, segment_length, screenshot_length, page_crc32, screenshot_crc32, page_owner, created_at, deadline_at, now(), price,
    case when status <> 'finished' or (status_code not between 200 and 399 and status_code not in (404, 410)) or id in (select id from uncovered) then 0 else price + extra end, tried::json
  from priced order by id
  on conflict (id) do update set
    status = excluded.status, attempts = greatest(jobs.attempts, excluded.attempts),
    last_failure = case when excluded.attempts < jobs.attempts then coalesce(jobs.last_failure, excluded.last_failure)
      else coalesce(excluded.last_failure, jobs.last_failure) end, status_code = excluded.status_code,
    fail_reason = excluded.fail_reason, segment = excluded.segment, segment_offset = excluded.segment_offset,
    segment_length = excluded.segment_length, screenshot_length = excluded.screenshot_length,
    page_crc32 = excluded.page_crc32, screenshot_crc32 = excluded.screenshot_crc32,
    page_owner = excluded.page_owner, tried = coalesce(case when ${IS_SAME_TIME} then excluded.tried end, jobs.tried), next_attempt_at = null, ended_at = excluded.ended_at,
    price = excluded.price, credits = excluded.credits
  where jobs.status = 'running' and (excluded.status = 'finished' or ${IS_SAME_TIME})
  returning id, batch_id, chunk_number, api_key_id, status, fail_reason, price, credits
),
delta as (
  select batch_id, chunk_number, count(*) filter (where status = 'finished') as finished,
    count(*) filter (where status = 'failed') as failed, count(*) filter (where status = 'cancelled') as cancelled,
    sum(credits) as credits
  from ended where batch_id is not null group by batch_id, chunk_number
),
reasons as (
  select batch_id, chunk_number, fail_reason, count(*) as jobs from ended
  where batch_id is not null and fail_reason is not null group by batch_id, chunk_number, fail_reason
),
locked as (
  select c.batch_id, c.number from batch_chunks c join delta d on d.batch_id = c.batch_id and d.chunk_number = c.number
  order by c.batch_id, c.number for update of c
),
counted as (
  update batch_chunks c set credits = c.credits + d.credits, reserved = greatest(c.reserved - d.credits, 0),
    failures = case when d.failed = 0 then c.failures else (
      select jsonb_object_agg(reason, jobs) from (
        select reason, sum(jobs) as jobs from (
          select key as reason, value::int as jobs from jsonb_each_text(c.failures)
          union all select r.fail_reason, r.jobs from reasons r where r.batch_id = c.batch_id and r.chunk_number = c.number
        ) as both_of_them group by reason) as summed) end,
    finished = c.finished + d.finished, failed = c.failed + d.failed, cancelled = c.cancelled + d.cancelled,
    ended_at = case when c.finished + c.failed + c.cancelled + d.finished + d.failed + d.cancelled = cardinality(c.urls) then now() end
  from locked l join delta d on d.batch_id = l.batch_id and d.chunk_number = l.number
  where c.batch_id = l.batch_id and c.number = l.number
  returning 1
),
used as (
  insert into usage (api_key_id, credits, reserved, unfinished, finished_count, failed_count, cancelled_count)
  select api_key_id, sum(credits), -sum(price), -count(*), count(*) filter (where status = 'finished'), count(*) filter (where status = 'failed'), count(*) filter (where status = 'cancelled')
  from ended where (select count(*) from counted) >= 0 group by api_key_id order by api_key_id
  on conflict (api_key_id) do update set
    credits = usage.credits + excluded.credits, reserved = usage.reserved + excluded.reserved,
    unfinished = usage.unfinished + excluded.unfinished,
    finished_count = usage.finished_count + excluded.finished_count, failed_count = usage.failed_count + excluded.failed_count,
    cancelled_count = usage.cancelled_count + excluded.cancelled_count
  returning 1
),
hours as (
  insert into usage_hours (api_key_id, hour, credits, finished, failed, cancelled)
  select api_key_id, date_trunc('hour', now(), 'UTC'), sum(credits), count(*) filter (where status = 'finished'), count(*) filter (where status = 'failed'), count(*) filter (where status = 'cancelled')
  from ended where (select count(*) from used) >= 0 group by api_key_id order by api_key_id
  on conflict (api_key_id, hour) do update set
    credits = usage_hours.credits + excluded.credits, finished = usage_hours.finished + excluded.finished,
    failed = usage_hours.failed + excluded.failed, cancelled = usage_hours.cancelled + excluded.cancelled
  returning 1
),
minutes as (
  insert into batch_minutes (batch_id, minute, finished, failed)
  select batch_id, date_trunc('minute', now()), sum(finished), sum(failed) from delta where (select count(*) from hours) >= 0 group by batch_id order by batch_id
  on conflict (batch_id, minute) do update set
    finished = batch_minutes.finished + excluded.finished, failed = batch_minutes.failed + excluded.failed
  returning 1
),
slow_hosts as (
  insert into batch_slow_hosts (batch_id, host, attempts, total_ms)
  select s.* from unnest($39::uuid[], $40::text[], $41::int[], $42::bigint[]) as s(batch_id, host, attempts, total_ms)
  join batches b on b.id = s.batch_id where (select count(*) from minutes) >= 0 order by s.batch_id, s.host
  on conflict (batch_id, host) do update set
    attempts = batch_slow_hosts.attempts + excluded.attempts, total_ms = batch_slow_hosts.total_ms + excluded.total_ms
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
  insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, attempts, strikes, last_failure, next_attempt_at, created_at, deadline_at, tried)
  select id, batch_id, chunk_number, api_key_id, url, 'running', attempts, strikes, last_failure::json, next_attempt_at, created_at, deadline_at, tried::json
  from unnest($27::uuid[], $28::uuid[], $29::int[], $30::uuid[], $31::text[], $32::int[], $33::int[], $34::text[], $35::timestamptz[], $36::timestamptz[], $37::timestamptz[], $38::text[])
    as t(id, batch_id, chunk_number, api_key_id, url, attempts, strikes, last_failure, next_attempt_at, created_at, deadline_at, tried)
  order by id
  on conflict (id) do update set attempts = greatest(jobs.attempts, excluded.attempts), strikes = excluded.strikes,
    last_failure = excluded.last_failure, next_attempt_at = excluded.next_attempt_at, tried = excluded.tried
  where jobs.status = 'running' and ${IS_SAME_TIME}
  returning id
)
select e.id, case when r.next_call_at > now() then null else c.endpoint_id end as endpoint_id, true as is_end
from ended e left join called c on c.id = e.id left join webhook_endpoints r on r.id = c.endpoint_id
union all select id, null, false from retried`;
