-- What its owner says of a batch, and what was asked of it while it runs.
alter table batches
  add column name text,
  add column tags text[] not null default '{}',
  -- Most credits that it may cost. Before that would be exceeded it pauses.
  add column max_credits bigint check (max_credits > 0),
  -- Most fetches in flight to one host, of this batch.
  add column max_per_host integer check (max_per_host > 0),
  -- Whether URLs that are given twice with equal options are fetched once.
  add column dedupe boolean not null default false,
  -- While it is set, nothing new is fetched.
  add column paused_at timestamptz,
  add column paused_because text check (paused_because in ('request', 'max_credits')),
  -- When it was asked to cancel the batch. The workflow is told again and again until the end is noted.
  add column cancel_requested_at timestamptz,
  -- How many times its failed URLs were given their time once more.
  add column retry_rounds integer not null default 0,
  -- Whether a browser loads the page of some URL by options of its own. The options of the batch do not tell that.
  add column has_rendered_lines boolean not null default false;

-- The batches and the single jobs of a key, newest first. Members need no such index: they are listed by their batch.
create index batches_of_key on batches (api_key_id, created_at desc, id desc);
create index jobs_single_of_key on jobs (api_key_id, created_at desc, id desc) where batch_id is null;
create index batches_to_cancel on batches (cancel_requested_at) where cancel_requested_at is not null and ended_at is null;

alter table batch_chunks
  -- By place, as `urls`: the caller's own ids, and options of a URL that are not the batch's. Null when no URL has any.
  add column client_ids text[],
  add column line_options json[],
  -- By place: index in the batch of the URL whose result this one takes over. Null when there is none.
  add column copies_of integer[],
  -- Number of failed URLs by reason.
  add column failures jsonb,
  -- Credits that a sweep of a batch with `max_credits` may still spend on this chunk.
  add column reserved bigint not null default 0,
  -- When its failed URLs were given their time once more. From then on a URL without a row is one that retention has removed.
  add column reopened_at timestamptz;
create index batch_chunks_client_ids on batch_chunks using gin (client_ids) where client_ids is not null;

-- Where a result goes besides: URLs of a batch with `dedupe` that are equal to an earlier one.
create table batch_copies (
  original_id uuid not null,
  copy_id uuid not null,
  batch_id uuid not null references batches on delete cascade,
  chunk_number integer not null,
  primary key (original_id, copy_id)
);
create index batch_copies_of_batch on batch_copies (batch_id);

-- A copy has its page in the record of the job that was fetched.
alter table jobs add column page_owner uuid;

-- How many URLs of a batch ended in each minute.
create table batch_minutes (
  batch_id uuid not null references batches on delete cascade,
  minute timestamptz not null,
  finished integer not null,
  failed integer not null,
  primary key (batch_id, minute)
) with (fillfactor = 50); -- room on the page keeps the updates of each commit in place (HOT)

-- Hosts that took long to answer: the slowest ten of each commit.
create table batch_slow_hosts (
  batch_id uuid not null references batches on delete cascade,
  host text not null,
  attempts integer not null,
  total_ms bigint not null,
  primary key (batch_id, host)
) with (fillfactor = 50);

-- Counts what was asked of a batch while it runs, and how much of that its workflow has been told.
alter table batches
  add column control_count integer not null default 0,
  add column control_told integer not null default 0,
  add column control_told_at timestamptz;
drop index batches_to_cancel;
create index batches_to_tell on batches (deadline_at) where ended_at is null and (control_told < control_count or cancel_requested_at is not null);

-- URLs that are fetched right now and have been tried before. They count as running while their batch is paused.
alter table batch_fetches add column again integer not null default 0;

-- Set: the batch is to be deleted as soon as it has ended.
alter table batches add column delete_requested_at timestamptz;
create index batches_to_delete on batches (delete_requested_at) where delete_requested_at is not null;

-- Bytes of pages whose rows are gone and that have still to be overwritten.
create table page_erasures (
  segment text not null,
  first_byte bigint not null,
  bytes bigint not null,
  -- Not before: what could not be done is tried again a little later.
  due_at timestamptz not null default now(),
  primary key (segment, first_byte)
);
create index page_erasures_due on page_erasures (due_at);
