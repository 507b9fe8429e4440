-- How many rests a host has asked for. One that it asks for while it rests is the same one.
alter table host_pacing add column rests integer not null default 0;

-- The last call that showed a receiver to be failing. Cleared when it answers.
alter table webhook_endpoints
  add column failed_at timestamptz,
  add column failed_status_code integer,
  add column failed_error text;

-- The URLs that the keys are made of. Rows of before have none.
alter table webhook_stops add column url text;
alter table webhook_troubled_urls add column url text;
