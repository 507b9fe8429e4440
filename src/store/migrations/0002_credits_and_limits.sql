-- Limits of a key. Null means no limit of its own.
alter table api_keys
  add column credit_limit bigint check (credit_limit >= 0),
  add column max_concurrency integer check (max_concurrency > 0),
  add column submits_per_second integer not null default 100 check (submits_per_second > 0),
  add column max_unfinished bigint not null default 250000 check (max_unfinished > 0);

-- What is promised to unfinished jobs is reserved, so that submissions that race cannot overspend together.
alter table usage
  add column credits bigint not null default 0,
  add column reserved bigint not null default 0,
  add column unfinished bigint not null default 0,
  -- When the next submission would be on time (GCRA: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm).
  add column next_submit_at timestamptz not null default now();

insert into usage (api_key_id) select id from api_keys on conflict do nothing;
create function create_usage() returns trigger language plpgsql as
  'begin insert into usage (api_key_id) values (new.id) on conflict do nothing; return new; end';
create trigger api_keys_usage after insert on api_keys for each row execute function create_usage();

-- The price agreed on at submission; what was charged at the end.
alter table jobs add column price integer not null default 1, add column credits integer;
alter table batch_chunks add column prices integer[];

-- Answers that may be asked for again, kept for 24 hours.
create table idempotency_keys (
  api_key_id uuid not null references api_keys,
  key text not null,
  request_hash bytea not null,
  -- The job or batch that the first request made.
  answer_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (api_key_id, key)
);
create index idempotency_keys_by_time on idempotency_keys (created_at);
