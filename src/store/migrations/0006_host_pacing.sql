-- What workers know of target hosts together: the pace the owner allows, and rests that hosts have asked for. Only hosts with a pace,
-- or that have throttled, have a row. All times are PostgreSQL's.
create table host_pacing (
  host text primary key,
  -- The first slot that nobody has taken (GCRA: one time stamp per host is all there is to keep).
  next_at timestamptz not null default '-infinity',
  -- What the last reservation took, for its own statement to return.
  reserved_from timestamptz not null default '-infinity',
  reserved integer not null default 0,
  rests_until timestamptz not null default '-infinity',
  rest_noted_at timestamptz,
  -- The last time that a single job was told to come back at.
  appointed_at timestamptz not null default '-infinity'
) with (fillfactor = 50); -- room on the page keeps the updates of each reservation in place (HOT)

-- Workers ask once a second for the news.
create index host_pacing_rests on host_pacing (rest_noted_at) where rest_noted_at is not null;
