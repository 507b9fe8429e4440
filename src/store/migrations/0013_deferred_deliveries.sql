-- Whether the next attempt was put off because the URL is left alone: then it is due as soon as the URL takes calls again.
alter table webhook_deliveries add column deferred boolean not null default false;
