-- Keys of users. Only a hash is kept: a key is 160 random bits, so a plain SHA-256 is enough.
create table api_keys (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  key_hash bytea not null unique,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

-- What a key has used since it was made. Changes in the transaction that ends the jobs.
create table usage (
  api_key_id uuid primary key references api_keys,
  finished_count bigint not null default 0,
  failed_count bigint not null default 0,
  cancelled_count bigint not null default 0
);

create table batches (
  id uuid primary key,
  api_key_id uuid not null references api_keys,
  total integer not null check (total > 0),
  -- json, not jsonb: kept as sent, and jsonb refuses \u0000.
  options json not null,
  fan_out text not null check (fan_out in ('jobs', 'sweep')),
  created_at timestamptz not null default now(),
  deadline_at timestamptz not null,
  start_acknowledged_at timestamptz,
  ended_at timestamptz
);
create index batches_not_started on batches (created_at) where start_acknowledged_at is null and ended_at is null;
create index batches_open on batches (deadline_at) where ended_at is null;
create index batches_ended on batches (ended_at) where ended_at is not null;

-- The manifest: a row per 500 URLs. The counters change in the transaction that ends the jobs, so they always sum.
create table batch_chunks (
  batch_id uuid not null references batches on delete cascade,
  number integer not null,
  urls text[] not null,
  finished integer not null default 0,
  failed integer not null default 0,
  cancelled integer not null default 0,
  ended_at timestamptz,
  primary key (batch_id, number),
  check (finished + failed + cancelled <= cardinality(urls))
);

-- Single jobs from the start; batch members once something happened to them.
create table jobs (
  id uuid primary key,
  batch_id uuid references batches on delete cascade,
  chunk_number integer,
  api_key_id uuid not null references api_keys,
  workflow_id text,
  url text not null,
  -- Options of a single job; a member takes its batch's.
  options json,
  status text not null check (status in ('running', 'finished', 'failed', 'cancelled')),
  attempts integer not null default 0,
  strikes integer not null default 0,
  last_failure json,
  next_attempt_at timestamptz,
  created_at timestamptz not null default now(),
  deadline_at timestamptz not null,
  start_acknowledged_at timestamptz,
  status_code integer,
  fail_reason text,
  segment text,
  segment_offset bigint,
  segment_length integer,
  ended_at timestamptz,
  check ((status = 'running') = (ended_at is null)),
  check ((batch_id is null) = (chunk_number is null))
);
create index jobs_not_started on jobs (created_at) where start_acknowledged_at is null and status = 'running' and batch_id is null;
create index jobs_running_in_batch on jobs (batch_id) where status = 'running';
create index jobs_overdue on jobs (deadline_at) where status = 'running';
create index jobs_ended on jobs (ended_at) where ended_at is not null;
create index jobs_of_chunk on jobs (batch_id, chunk_number) where batch_id is not null;

-- Ids whose rows retention has removed, for as long as the id alone does not tell.
create table expired_ids (
  id uuid primary key,
  expired_at timestamptz not null default now()
);
create index expired_ids_by_time on expired_ids (expired_at);

-- A receiver: the callbacks of one key to one origin.
create table webhook_endpoints (
  id text primary key,
  api_key_id uuid not null references api_keys,
  origin text not null,
  consecutive_failures integer not null default 0,
  created_at timestamptz not null default now()
);

-- The outbox: written in the transaction that ends the job.
create table webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  endpoint_id text not null references webhook_endpoints,
  job_id uuid not null references jobs on delete cascade,
  event text not null,
  url text not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (job_id, event)
);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_attempt_at) where status = 'pending';
