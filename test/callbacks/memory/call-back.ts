import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPayloadOf } from '../../../src/callbacks/callback-payload';
import { presentResponse } from '../../../src/pages/present-response';
import { createGuard } from '../../../src/net/guard';
import type { StoredJob } from '../../../src/store/jobs';
import { createOpenPage } from '../../../src/pages/open-page';
import { createReadResponse } from '../../../src/pages/read-response';
import { createFsSegmentStore } from '../../../src/pages/segments/fs-segment-store';
import { crc32Of } from '../../../src/pages/segments/check-record';
import { segmentKey } from '../../../src/pages/segments/segment-store';
import { buildSegment, writePageRecord } from '../../../src/pages/segments/warc';
import { createPostCallback } from '../../../src/callbacks/post-callback';

/** Runs in a process of its own, whose memory is measured. It calls back all jobs at once and reports to its parent. */
const [url = '', jobs = 0, pageBytes = 0] = process.argv
  .slice(2)
  .map((text, index) => (index === 0 ? text : Number(text))) as [string, number, number];

function peakMegabytes(): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'everfetch-callbacks-'));
  const segments = createFsSegmentStore(folder);
  const common = { publicUrl: 'https://everfetch.example', retentionMs: 259_200_000 };
  const payloadOf = createPayloadOf({
    ...common,
    database: { query: () => Promise.reject(new Error('no row is needed')) },
    readResponse: createReadResponse({ segments, present: presentResponse }),
    openPage: createOpenPage(segments),
  });
  const { post, close } = createPostCallback(createGuard(['127.0.0.1/32']));

  /** Makes a job whose page is in a segment of its own. */
  async function jobWith(body: Buffer): Promise<StoredJob> {
    const id = randomUUID();
    const headers = [['content-type', 'text/html; charset=utf-8']] as const;
    const page = {
      finalUrl: 'https://a.example/',
      statusCode: 200,
      statusText: 'OK',
      headers,
      body,
      fetchedAt: new Date().toISOString(),
    };
    const record = writePageRecord({ page, jobId: id });
    const { chunks, places } = buildSegment([record]);
    const segment = segmentKey(new Date(), randomUUID());
    await segments.write(segment, chunks);
    const now = new Date();
    const job = {
      id,
      apiKeyId: id,
      url: page.finalUrl,
      options: {},
      attempts: 1,
      strikes: 0,
      price: 1,
      createdAt: now,
      deadlineAt: now,
      endedAt: now,
    };
    const place = places[0] ?? { offset: 0, length: 0 };
    return { ...job, status: 'finished', statusCode: 200, page: { segment, ...place, crc32: crc32Of(record) } };
  }

  async function callBack(job: StoredJob): Promise<number> {
    const now = new Date();
    const delivery = {
      id: job.id,
      jobId: job.id,
      event: 'job.finished' as const,
      url,
      createdAt: now,
      round: 1,
      roundAttempts: 0,
      roundStartedAt: now,
    };
    const payload = await payloadOf({ delivery, job, record: undefined });
    if (payload === undefined) throw new Error('nothing to tell');
    const call = { id: job.id, url, payload, secrets: [`whsec_${Buffer.alloc(32).toString('base64')}`] };
    const result = await post({ ...call, signal: new AbortController().signal });
    if (payload.kind === 'stream') payload.release();
    return result.kind === 'answered' ? result.statusCode : 0;
  }

  const text = Buffer.from('Größe 10 € – '.repeat(Math.ceil(pageBytes / 16))).subarray(0, pageBytes - 16);
  const warm = await jobWith(text.subarray(0, 1024 * 1024));
  for (let round = 0; round < 8; round += 1) await callBack(warm);
  const large: StoredJob[] = [];
  for (let index = 0; index < jobs; index += 1) large.push(await jobWith(text));
  const before = peakMegabytes();
  const statuses = await Promise.all(large.map(callBack));
  process.send?.({ statuses, growth: peakMegabytes() - before });
  await close();
  await rm(folder, { recursive: true, force: true });
  process.disconnect();
}

void run();
