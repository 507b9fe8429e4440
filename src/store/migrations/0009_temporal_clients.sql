-- The start of a Temporal client that a row belongs to, by the id of its first run: a retry or a reset of it joins the row, another start does not.
alter table jobs add column start_run_id text;
alter table batches
  add column start_run_id text,
  -- Only when such a client chose another id than batch/<id>.
  add column workflow_id text,
  -- When somebody cancelled it as a whole. What had ended by then stays as it is.
  add column cancelled_at timestamptz;

-- From a workflow that was ended from the Temporal side to the row that is still open.
create index jobs_of_workflow on jobs (workflow_id) where workflow_id is not null and status = 'running';
create index batches_of_workflow on batches (workflow_id) where workflow_id is not null and ended_at is null;

-- How far the search for such workflows has come: one row, which the workers of this installation share.
create table closed_workflow_search (
  only_row boolean primary key default true check (only_row),
  -- Closings from here on are looked for; older than a day they are of no interest, because nothing runs that long.
  closed_after timestamptz not null default now() - interval '25 hours',
  -- When the round began whose pages are being read, and where it goes on.
  round_started_at timestamptz,
  page_token bytea,
  -- Not before: that is how one worker keeps the others from asking as well.
  next_page_at timestamptz not null default '-infinity'
);
insert into closed_workflow_search default values;
