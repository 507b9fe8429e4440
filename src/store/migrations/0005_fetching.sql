-- What earlier attempts of a job ran into, newest last: the next one is planned by it.
alter table jobs add column tried json;
-- A screenshot is the record right behind the page's.
alter table jobs add column screenshot_length integer;

-- Cookies and proxy of a `session_number`, while it is used and 15 minutes longer.
create table sessions (
  api_key_id uuid not null references api_keys,
  number integer not null,
  cookies json not null,
  proxy text,
  used_at timestamptz not null default now(),
  primary key (api_key_id, number)
);
create index sessions_by_use on sessions (used_at);

-- What the workers of this installation can do, for an API that runs elsewhere.
create table workers (
  id uuid primary key,
  features json not null,
  seen_at timestamptz not null default now()
);
