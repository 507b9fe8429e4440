-- What a key used in each hour of its last 90 days. Changes in the statement that ends the jobs, beside `usage`.
create table usage_hours (
  api_key_id uuid not null references api_keys,
  hour timestamptz not null,
  credits bigint not null,
  finished integer not null,
  failed integer not null,
  cancelled integer not null,
  primary key (api_key_id, hour)
) with (fillfactor = 50); -- room on the page keeps the updates of each commit in place (HOT)
-- Retention removes by age.
create index usage_hours_by_age on usage_hours (hour);
