import { createPayloadOf } from '../../src/callbacks/callback-payload';
import type { Payload } from '../../src/callbacks/callback-payload';
import type { StoredJob } from '../../src/store/jobs';
import type { OpenedPage } from '../../src/pages/open-page';

const now = new Date('2026-03-02T09:30:00Z');
const job: StoredJob = {
  ...{ id: 'job', apiKeyId: 'key', url: 'https://a.example/', options: {}, attempts: 1, strikes: 0, price: 1 },
  ...{ createdAt: now, deadlineAt: now, endedAt: now, status: 'finished', statusCode: 200 },
  page: { segment: 'segment', offset: 0, length: 1_000_000 },
};
const delivery = {
  ...{ id: 'delivery', jobId: 'job', event: 'job.finished' as const, url: 'https://r.example/', createdAt: now },
  ...{ round: 1, roundAttempts: 0, roundStartedAt: now },
};

function payloads(openPage: () => Promise<OpenedPage>) {
  const deps = { database: { query: async () => [] }, readResponse: async () => undefined, openPage };
  const payloadOf = createPayloadOf({ ...deps, publicUrl: 'https://everfetch.example', retentionMs: 259_200_000 });
  return () => payloadOf({ delivery, job, record: undefined });
}

const page = async (): Promise<OpenedPage> => ({
  ...{ targetUri: 'https://a.example/', date: now.toISOString(), statusCode: 200, statusText: 'OK' },
  ...{ headers: [['content-type', 'text/plain']], bodyBytes: 6, isConverted: false },
  heads: { record: Buffer.alloc(0), http: Buffer.alloc(0) },
  body: async function* () {
    yield Buffer.from('a"b');
    yield Buffer.from('\n😀'.slice(0, 3));
  },
});

test('a page that is streamed comes out as one job object', async () => {
  const payload = await payloads(page)();
  if (payload?.kind !== 'stream') throw new Error('it is not streamed');
  const parts: Buffer[] = [];
  for await (const part of payload.parts()) parts.push(part);
  expect(JSON.parse(Buffer.concat(parts).toString('utf8'))).toMatchObject({
    id: 'job',
    response: { statusCode: 200, body: 'a"b\n😀' },
  });
});

test('eight pages are streamed at a time, whoever asks; the others follow when a call is over', async () => {
  const payloadOf = payloads(page);
  const ready: Payload[] = [];
  const asked = Array.from({ length: 20 }, () => payloadOf().then((payload) => payload && ready.push(payload)));
  for (let over = 0; over < 20; over += 1) {
    while (ready.length === over) await Promise.race(asked.slice(ready.length));
    expect(ready.length).toBeLessThanOrEqual(over + 8);
    const payload = ready[over];
    if (payload?.kind === 'stream') payload.release();
  }
  await Promise.all(asked);
  expect(ready).toHaveLength(20);
});

test('a page that cannot be read gives its place back', async () => {
  const payloadOf = payloads(() => Promise.reject(new Error('damaged')));
  for (let call = 0; call < 20; call += 1) await expect(payloadOf()).rejects.toThrow('damaged');
});
