import { randomUUID } from 'node:crypto';
import { batchMemberId, chunkPlaceOf, createBatchId } from '../src/jobs/job-id';
import { crc32Of } from '../src/pages/segments/check-record';
import { createFsSegmentStore } from '../src/pages/segments/fs-segment-store';
import { segmentKey } from '../src/pages/segments/segment-store';
import { buildSegment, writePageRecord } from '../src/pages/segments/warc';
import { insertBatch } from '../src/store/batches';
import type { Database } from '../src/store/database';
import { pageText } from './page-text';

const PAGES_PER_SEGMENT = 100;

/** A batch all of whose URLs have finished, each with a page of 20 kB. @returns its id */
export async function fillBatch(db: Database, total: number, pagesDir: string): Promise<string> {
  const id = createBatchId();
  const [key] = await db.query<{ id: string }>('select id from api_keys limit 1');
  const apiKeyId = key?.id ?? '';
  const urls = Array.from({ length: total }, (_, index) => `https://shop.example/products/${index}`);
  const times = { createdAt: new Date(), deadlineAt: new Date(Date.now() + 86_400_000) };
  const batch = { id, apiKeyId, urls, options: {}, fanOut: 'sweep' as const, prices: urls.map(() => 1), ...times };
  await db.transaction((tx) => insertBatch(tx, { ...batch, isStarted: true }));
  const segments = createFsSegmentStore(pagesDir);
  const body = Buffer.from(pageText(0));
  for (let from = 0; from < total; from += PAGES_PER_SEGMENT) {
    const indices = Array.from({ length: Math.min(PAGES_PER_SEGMENT, total - from) }, (_, n) => from + n);
    const records = indices.map((index) => {
      const fetchedAt = new Date().toISOString();
      const page = { finalUrl: urls[index] ?? '', statusCode: 200, statusText: 'OK', body, fetchedAt };
      return writePageRecord({
        page: { ...page, headers: [['Content-Type', 'text/html; charset=utf-8']] },
        jobId: batchMemberId(id, index),
      });
    });
    const { chunks, places } = buildSegment(records);
    const segment = segmentKey(new Date(), randomUUID());
    await segments.write(segment, chunks);
    await db.query(
      `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, attempts, status_code, segment, segment_offset, segment_length,
         page_crc32, created_at, deadline_at, ended_at, price, credits)
       select t.id, $1, t.chunk, $2, t.url, 'finished', 1, 200, $3, t.place, t.length, t.crc32, $4, $5, now(), 1, 1
       from unnest($6::uuid[], $7::int[], $8::text[], $9::bigint[], $10::int[], $11::bigint[]) as t(id, chunk, url, place, length, crc32)`,
      [
        ...[id, apiKeyId, segment, times.createdAt, times.deadlineAt],
        indices.map((index) => batchMemberId(id, index)),
        indices.map((index) => chunkPlaceOf(index).chunk),
        indices.map((index) => urls[index]),
        places.map(({ offset }) => offset),
        places.map(({ length }) => length),
        records.map((record) => crc32Of(record)),
      ],
    );
  }
  await db.query(
    'update batch_chunks set finished = cardinality(urls), credits = cardinality(urls), ended_at = now() where batch_id = $1',
    [id],
  );
  await db.query('update batches set ended_at = now() where id = $1', [id]);
  await db.query('vacuum analyze jobs');
  return id;
}
