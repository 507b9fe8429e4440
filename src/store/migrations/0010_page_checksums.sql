-- CRC-32 of the whole record of a page, and of its screenshot's. Null for what was stored before: such a page is known by its WARC payload digest.
alter table jobs add column page_crc32 bigint, add column screenshot_crc32 bigint;
