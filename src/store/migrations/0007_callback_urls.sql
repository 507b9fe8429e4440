-- Callback URLs (without their query) that answer, but refuse: not called before `next_call_at`, one call at a time. Only those that
-- are left alone stand here, at most 1,000 of a receiver; `url_key` is md5(split_part(url, '?', 1)).
create table webhook_troubled_urls (
  endpoint_id text not null references webhook_endpoints on delete cascade,
  url_key text not null,
  consecutive_failures integer not null,
  failing_since timestamptz not null,
  next_call_at timestamptz not null,
  primary key (endpoint_id, url_key)
);
-- What waits for one URL. Hashed, because URLs are longer than an index entry may be.
create index webhook_deliveries_url on webhook_deliveries (endpoint_id, md5(split_part(url, '?', 1))) where status = 'pending';
