-- What callbacks are signed with (https://www.standardwebhooks.com): 32 bytes, 244 of their bits random. During a rotation both count.
alter table api_keys
  add column webhook_secret text not null default
    'whsec_' || encode(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'), 'base64'),
  add column previous_webhook_secret text,
  add column previous_webhook_secret_until timestamptz;

-- A receiver that fails again and again is probed: not called before `next_call_at`, one call at a time.
alter table webhook_endpoints
  -- When the first of the failures without a success in between was.
  add column failing_since timestamptz,
  add column next_call_at timestamptz;

-- URLs that answered 410. What is to be told to them is noted and not sent.
create table webhook_stops (
  endpoint_id text not null references webhook_endpoints on delete cascade,
  url_hash text not null,
  stopped_at timestamptz not null default now(),
  primary key (endpoint_id, url_hash)
);

alter table webhook_deliveries
  drop constraint webhook_deliveries_job_id_event_key,
  drop constraint webhook_deliveries_status_check,
  add constraint webhook_deliveries_status_check check (status in ('pending', 'delivered', 'failed', 'stopped')),
  alter column job_id drop not null,
  -- Of the call that reports the end of a batch. A test call has neither.
  add column batch_id uuid references batches on delete cascade,
  -- A replay begins a new round: its schedule starts anew, the log goes on.
  add column round integer not null default 1,
  add column round_attempts integer not null default 0,
  add column round_started_at timestamptz not null default now(),
  add column last_attempt_at timestamptz,
  drop column last_error;
update webhook_deliveries set round_attempts = attempts, round_started_at = created_at,
  -- UUIDv7 from here on (RFC 9562): the log is in order of id.
  id = (lpad(to_hex((extract(epoch from created_at) * 1000)::bigint), 12, '0') || '7' || substr(md5(id::text), 1, 3) || '8' ||
    substr(md5(id::text), 5, 15))::uuid;
drop index webhook_deliveries_due;
-- In the order in which calls are made, ties included, so that reading the next few never sorts what waits behind them.
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_attempt_at, id) where status = 'pending';
create index webhook_deliveries_of_job on webhook_deliveries (job_id) where job_id is not null;
create index webhook_deliveries_of_batch on webhook_deliveries (batch_id) where batch_id is not null;
create index webhook_deliveries_log on webhook_deliveries (endpoint_id, id);
create index webhook_deliveries_lost on webhook_deliveries (endpoint_id, id) where status in ('failed', 'stopped');
create index webhook_deliveries_test on webhook_deliveries (created_at) where job_id is null and batch_id is null;

-- The log: what each call came to. A delivery has 100 places in it; the call after the hundredth takes the first one again.
create table webhook_attempts (
  delivery_id uuid not null references webhook_deliveries on delete cascade,
  place integer not null,
  at timestamptz not null,
  status_code integer,
  error text,
  duration_ms integer not null,
  -- The first 1,000 bytes of it, as text.
  answer text,
  primary key (delivery_id, place)
);

-- Who is told when a batch has ended.
alter table batches add column on_done_url text;
alter table batch_chunks add column credits bigint not null default 0;
update batch_chunks c set credits = s.credits
from (select batch_id, chunk_number, sum(credits) as credits from jobs where batch_id is not null and credits is not null group by 1, 2) s
where s.batch_id = c.batch_id and s.chunk_number = c.number;
create index webhook_endpoints_of_key on webhook_endpoints (api_key_id);
