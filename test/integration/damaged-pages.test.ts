import { open, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { BROWSER: 'off' } });
});
afterAll(() => service.stop());

const LARGE = randomBytes(1_500_000);

const target = () =>
  startOrigin((req, res) => {
    res.setHeader('content-type', req.url === '/large' ? 'application/octet-stream' : 'text/html');
    res.end(req.url === '/large' ? LARGE : `<h1>page ${req.url}</h1>`);
  });

async function finished(body: Record<string, unknown>): Promise<string> {
  const { body: job } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, ...body });
  await waitFor(async () => (await service.call('GET', `/jobs/${job.id}`)).body.status === 'finished');
  return job.id as string;
}

interface Place {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

async function placeOf(id: string): Promise<Place> {
  const [row] = await service.db.database.query<{ segment: string; segment_offset: number; segment_length: number }>(
    'select segment, segment_offset, segment_length from jobs where id = $1',
    [id],
  );
  if (row === undefined) throw new Error('no row');
  const path = join(service.dataDir, 'pages', row.segment);
  return { path, offset: row.segment_offset, length: row.segment_length };
}

/** Damages the file in place, as a disk would. */
async function flip({ path, offset }: Place, behind: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, offset + behind);
    byte[0] = (byte[0] ?? 0) ^ 4;
    await file.write(byte, 0, 1, offset + behind);
  } finally {
    await file.close();
  }
}

async function expectDamaged(id: string): Promise<void> {
  for (const path of [`/jobs/${id}`, `/jobs/${id}?response=false`])
    expect(await service.call('GET', path)).toMatchObject({
      ...{ status: 500, body: { code: 'page_damaged', error: expect.stringMatching(/damaged/) } },
    });
  const body = await service.call('GET', `/jobs/${id}/body`);
  expect(body).toMatchObject({ status: 500, body: { code: 'page_damaged', status: 500 } });
  expect(body.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body.headers.get('etag')).toBeNull();
}

test.each([
  ['the WARC head', () => 30],
  ['the body', ({ length }: Place) => length - 6],
])('a bit that flipped in %s is an error, and no page', async (_where, behind) => {
  const origin = await target();
  const id = await finished({ url: `${origin.url}/small` });
  const place = await placeOf(id);
  await flip(place, behind(place));
  await expectDamaged(id);
  await flip(place, behind(place)); // mended again
  expect(await service.call('GET', `/jobs/${id}`)).toMatchObject({ status: 200, body: { status: 'finished' } });
});

test('a large page is checked to its end before its first byte is sent', async () => {
  const origin = await target();
  const id = await finished({ url: `${origin.url}/large` });
  const place = await placeOf(id);
  expect((await fetch(`${service.url}/jobs/${id}/body`)).status).toBe(200);
  await flip(place, place.length - 6);
  await expectDamaged(id);
});

test('a segment that is cut short, full of zeros or gone is an error each', async () => {
  const origin = await target();
  const id = await finished({ url: `${origin.url}/cut` });
  const { path, offset, length } = await placeOf(id);
  const { size } = await stat(path);
  await truncate(path, offset + length - 10);
  await expectDamaged(id);
  await truncate(path, size); // which fills with zeros
  await expectDamaged(id);
  await rm(path);
  await expectDamaged(id);
});

test('in the results of a batch and in callbacks the others go on, and the damaged one is named', async () => {
  const origin = await target();
  let isOpen = false;
  const receiver = await createReceiver(() => (isOpen ? 200 : 500));
  const answer = await service.call('POST', '/batchjobs', {
    ...{ apiKey: TEST_KEY, urls: ['a', 'b', 'large', 'c', 'd'].map((name) => `${origin.url}/${name}`) },
    ...{ callback: { type: 'webhook', url: receiver.url }, fanOut: 'sweep' },
  });
  const ids = answer.body.map(({ id }: { id: string }) => id) as string[];
  for (const id of ids)
    await waitFor(async () => (await service.call('GET', `/jobs/${id}`)).body.status === 'finished');
  const spoiled = [ids[1], ids[2]] as [string, string];
  for (const id of spoiled) {
    const place = await placeOf(id);
    await flip(place, place.length - 6);
  }
  receiver.calls.length = 0;
  isOpen = true;
  const batch = answer.headers.get('x-batch-id') ?? '';
  const lines = (await service.call('GET', `/batches/${batch}/results?api_key=${TEST_KEY}`)).body as {
    id: string;
    status: string;
    error?: string;
    response?: unknown;
  }[];
  const expected = Object.fromEntries(ids.map((id) => [id, spoiled.includes(id) ? 'page_damaged' : undefined]));
  expect(Object.fromEntries(lines.map(({ id, error }) => [id, error]))).toEqual(expected);
  for (const { error, response, status } of lines) {
    expect(status).toBe('finished');
    expect(response === undefined).toBe(error !== undefined);
  }
  await service.call('POST', `/webhooks/replay?api_key=${TEST_KEY}`, {
    since: new Date(0).toISOString(),
    status: 'pending',
  });
  await waitFor(() => new Set(receiver.calls.map(({ body }) => body.id as string)).size === ids.length);
  for (const { body } of receiver.calls) {
    expect(body).toMatchObject({ status: 'finished' });
    expect(body.error).toBe(expected[body.id as string]);
    expect(body.response === undefined).toBe(body.error !== undefined);
  }
});

test('an offset that points into another record gives nobody a page that is not his', async () => {
  const origin = await target();
  const ids = (
    await service.call('POST', '/batchjobs', {
      ...{ apiKey: TEST_KEY, urls: ['x', 'y'].map((name) => `${origin.url}/${name}`), fanOut: 'sweep' },
    })
  ).body.map(({ id }: { id: string }) => id) as [string, string];
  for (const id of ids)
    await waitFor(async () => (await service.call('GET', `/jobs/${id}`)).body.status === 'finished');
  await service.db.database.query(
    `update jobs j set segment = o.segment, segment_offset = o.segment_offset, segment_length = o.segment_length
     from jobs o where j.id = $1 and o.id = $2`,
    ids,
  );
  await expectDamaged(ids[0]);
  expect((await service.call('GET', `/jobs/${ids[1]}`)).body.response.body).toBe('<h1>page /y</h1>');
});
