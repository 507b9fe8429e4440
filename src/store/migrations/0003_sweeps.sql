-- Every commit of a sweep changes the counters of its chunks: room on the page keeps those updates in place (HOT).
alter table batch_chunks set (fillfactor = 50);
alter table usage set (fillfactor = 20);

-- A sweep asks once a second whether URLs of its batch were cancelled.
create index jobs_cancelled on jobs (ended_at) where status = 'cancelled';
