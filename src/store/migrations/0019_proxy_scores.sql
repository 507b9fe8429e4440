-- What workers have against proxies, for people to see; workers themselves go by what they remember. An empty host is the proxy as a whole.
create table proxy_scores (
  host text not null,
  name text not null,
  worker_id uuid not null,
  tier text not null,
  country text,
  score real not null,
  rests_until timestamptz,
  noted_at timestamptz not null default now(),
  primary key (host, name, worker_id)
);
create index proxy_scores_by_age on proxy_scores (noted_at);
