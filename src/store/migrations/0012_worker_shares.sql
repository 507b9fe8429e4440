-- The workers that fetch now, and by how many each divides the limits that they share (0: it has joined and fetches nothing yet).
-- `over_limits`: hosts and keys of which it still has more in flight than its part. See "Limits of all workers together" in docs/architecture.md.
create table worker_shares (
  id uuid primary key,
  process text not null,
  divides_by integer not null,
  over_limits text[] not null,
  seen_at timestamptz not null default clock_timestamp()
);
-- What a worker may have in flight of a host or a key beyond its part; 0 slots: it waits for some.
create table share_leases (
  resource text not null,
  worker uuid not null references worker_shares on delete cascade,
  most integer not null,
  slots integer not null,
  waits_since timestamptz not null default clock_timestamp(),
  asked_at timestamptz not null default clock_timestamp(),
  primary key (resource, worker)
);
create index share_leases_by_worker on share_leases (worker);
