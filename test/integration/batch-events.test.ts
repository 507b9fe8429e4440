import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: Json;
}

async function listen(id: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const answer = await fetch(`${service.url}/batches/${id}/events?api_key=${TEST_KEY}`, {
    headers,
    signal: abort.signal,
  });
  const events: Event[] = [];
  let hasEnded = false;
  const reading = (async () => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const part of answer.body ?? []) {
      text += decoder.decode(part as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
        if (fields.data !== undefined) events.push({ ...fields, data: JSON.parse(fields.data) });
      }
    }
    hasEnded = true;
  })().catch(() => undefined);
  return { answer, events, hasEnded: () => hasEnded, close: () => (abort.abort(), reading) };
}

test('a batch is told as it changes until it has ended, and from the state that a listener has', async () => {
  const held: (() => void)[] = [];
  const origin = await startOrigin((_req, res) => void held.push(() => res.end('page')));
  const urls = ['/a', '/b'].map((path) => `${origin.url}${path}`);
  const submitted = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, name: 'Two' });
  const id = submitted.headers.get('x-batch-id') ?? '';
  await waitFor(() => held.length === 2);
  // What is fetched is noted once a second; from then on nothing changes.
  await waitFor(
    async () => (await service.call('GET', `/batches/${id}?api_key=${TEST_KEY}`)).body.counts.running === 2,
  );

  const first = await listen(id);
  expect(first.answer.status).toBe(200);
  expect(first.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const running = await waitFor(() => first.events[0]);
  expect(running).toMatchObject({ event: 'batch', data: { id, name: 'Two', status: 'running' } });
  const knowing = await listen(id, { 'last-event-id': running.id });

  held.shift()?.();
  const isHalf = ({ data }: Event): boolean => data.counts.finished === 1;
  await waitFor(() => first.events.some(isHalf) && knowing.events.length > 0);
  expect(knowing.events.map((event) => event.id)).not.toContain(running.id);
  expect(new Set(first.events.map((event) => event.id)).size).toBe(first.events.length);
  expect(first.events.find(isHalf)?.data).toMatchObject({
    counts: { total: 2 },
    throughput: [{ finished: 1, failed: 0 }],
  });

  held.shift()?.();
  await waitFor(() => first.hasEnded() && knowing.hasEnded());
  const last = first.events.at(-1);
  expect(last?.data).toEqual((await service.call('GET', `/batches/${id}?api_key=${TEST_KEY}`)).body);
  expect(last?.data).toMatchObject({ status: 'finished', counts: { finished: 2 } });
  expect(knowing.events.at(-1)?.id).toBe(last?.id);

  // Who comes back with the last event is told that there is no more; others get it once more.
  const again = await listen(id, { 'last-event-id': last?.id ?? '' });
  expect(again.answer.status).toBe(204);
  const late = await listen(id);
  await waitFor(late.hasEnded);
  expect(late.events.map((event) => event.id)).toEqual([last?.id]);
  const head = await service.call('HEAD', `/batches/${id}/events?api_key=${TEST_KEY}`);
  expect(head.status).toBe(200);
});

test('a stream whose batch is deleted ends', async () => {
  const origin = await startOrigin(() => undefined);
  const submitted = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: [origin.url] });
  const id = submitted.headers.get('x-batch-id') ?? '';
  const stream = await listen(id);
  await waitFor(() => stream.events.length > 0);
  await service.db.database.query('delete from jobs where batch_id = $1', [id]);
  await service.db.database.query('delete from batches where id = $1', [id]);
  await waitFor(stream.hasEnded);
  expect((await listen(id)).answer.status).toBe(404);
});
