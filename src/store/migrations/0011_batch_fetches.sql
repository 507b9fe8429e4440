-- URLs of a batch that a worker fetches for the first time right now: they have no row of their own yet. Noted every second, and
-- worth nothing after a crash, so it needs no log.
create unlogged table batch_fetches (
  batch_id uuid not null references batches on delete cascade,
  worker_id uuid not null,
  fetches integer not null,
  noted_at timestamptz not null default now(),
  primary key (batch_id, worker_id)
);
