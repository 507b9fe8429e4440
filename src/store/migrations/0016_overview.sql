-- How many pages a worker fetches, how many it may, and whether its commits keep up: as of its last announcement.
alter table workers add column load json;

-- Single jobs of a key that have not ended. Those of batches are found by their batch.
create index jobs_single_open on jobs (api_key_id) where status = 'running' and batch_id is null;
