import type { RequestListener, ServerResponse } from 'node:http';
import { ConnectionError, Everfetch } from '../../src/client';
import type { Batch } from '../../src/client';
import { startOrigin } from '../support/origin';

const LINES = Array.from({ length: 12 }, (_, index) => `{"id":"é😀${index}","cursor":"${index + 1}"}\n`);

/** Sends the lines behind the cursor, and breaks off after so many bytes. */
const cutLines =
  (bytesUntilCut: number): RequestListener =>
  (req, res) => {
    const cursor = new URL(req.url ?? '', 'http://x').searchParams.get('cursor') ?? '0';
    const bytes = Buffer.from(LINES.slice(Number(cursor)).join(''));
    if (bytes.length <= bytesUntilCut) return void res.end(bytes);
    res.write(bytes.subarray(0, bytesUntilCut), () => res.destroy());
  };

test('wherever the connection breaks, every line is given once and in order', async () => {
  let cutAt = 0;
  const origin = await startOrigin((req, res) => cutLines(cutAt)(req, res));
  const client = new Everfetch({ url: origin.url });
  for (cutAt = Buffer.byteLength(LINES[11] ?? ''); cutAt < 120; cutAt += 1) {
    const ids: string[] = [];
    for await (const { id } of client.results('b')) ids.push(id);
    expect(ids).toEqual(LINES.map((line) => JSON.parse(line).id));
  }
});

test('a stream that breaks off without a further line is given up after the retries', async () => {
  const origin = await startOrigin(cutLines(10));
  await expect(new Everfetch({ url: origin.url, maxRetries: 1 }).results('b').next()).rejects.toThrow(ConnectionError);
  expect(origin.requests).toHaveLength(2);
});

test('a server that stops while results are followed is asked again, until it says that none are missing', async () => {
  let calls = 0;
  const origin = await startOrigin((req, res) => {
    calls += 1;
    res.setHeader('x-batch-unfinished', calls < 3 ? '5' : '0');
    const cursor = Number(new URL(req.url ?? '', 'http://x').searchParams.get('cursor') ?? '0');
    res.end(LINES.slice(cursor, calls < 3 ? cursor + 4 : undefined).join('\n'));
  });
  const cursors: string[] = [];
  for await (const { cursor } of new Everfetch({ url: origin.url }).results('b', { follow: true, fields: ['id'] }))
    cursors.push(cursor);
  expect(cursors).toEqual(LINES.map((_, index) => String(index + 1)));
  expect(origin.requests[0]?.url).toBe('/batches/b/results?follow=true&fields=id%2Ccursor');
});

test('lines are read from the socket as they are taken', async () => {
  let sent = 0;
  const origin = await startOrigin((_req, res) => void pump(res, () => (sent += 1)));
  const results = new Everfetch({ url: origin.url }).results('b');
  await results.next();
  const before = await settled(() => sent);
  expect(before).toBeLessThan(1_000);
  for (let line = 0; line < 500; line += 1) await results.next();
  expect(await settled(() => sent)).toBeGreaterThan(before);
  await results.return();
});

/** Writes lines of 100 kB for as long as somebody reads. */
function pump(res: ServerResponse, onLine: () => void): void {
  let number = 0;
  const more = (): void => {
    while (number < 2_000 && !res.destroyed) {
      number += 1;
      onLine();
      if (!res.write(`{"cursor":"${number}","body":"${'x'.repeat(100_000)}"}\n`)) return void res.once('drain', more);
    }
  };
  more();
}

/** A number, once it has stopped to grow. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ;) {
    const next = read();
    if (next === last) return next;
    last = next;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const batch = (finished: number): Partial<Batch> => ({
  id: 'b',
  ...(finished === 3 && { endedAt: '2026-01-01T00:00:00Z' }),
  counts: { total: 3, queued: 0, running: 3 - finished, finished, failed: 0, cancelled: 0 },
});
const BATCH_ID = '01994f3c-6f2b-7a41-8d05-e17b90c2ffff';

test('events go on where they were, and tell no state twice', async () => {
  const told: (string | undefined)[] = [];
  const origin = await startOrigin((req, res) => {
    const last = req.headers['last-event-id'] as string | undefined;
    told.push(last);
    const next = Number(last ?? -1) + 1;
    res.write(`retry: 10\n\n:\n\nid: ${next}\nevent: batch\ndata: ${JSON.stringify(batch(next))}\n\nid: 9\nda`, () =>
      next === 3 ? res.end() : res.destroy(),
    );
  });
  const seen: number[] = [];
  for await (const { counts } of new Everfetch({ url: origin.url }).events(BATCH_ID)) seen.push(counts.finished);
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(told).toEqual([undefined, '0', '1', '2']);
});

test('where events do not get through, the batch is asked for', async () => {
  let asked = 0;
  const origin = await startOrigin((req, res) => {
    if (req.url?.endsWith('/events') === true) return void res.writeHead(501).end();
    asked += 1;
    res.setHeader('retry-after', '0');
    res.end(JSON.stringify(batch(asked)));
  });
  const seen: number[] = [];
  const client = new Everfetch({ url: origin.url, maxRetries: 0 });
  const ended = await client.wait({ id: BATCH_ID } as Batch, {
    onProgress: ({ counts }) => seen.push(counts.finished),
  });
  expect(ended.counts.finished).toBe(3);
  expect(seen).toEqual([1, 2, 3]);
});
