import { Everfetch } from '../../src/client';
import { startOrigin } from '../support/origin';

/** A service that takes batches, and counts their lines and bytes as it gets them. */
async function takingService(refusedAt?: number) {
  const taken: { lines: number; bytes: number; key: unknown; query: string }[] = [];
  const origin = await startOrigin((req, res) => {
    let lines = 0;
    let bytes = 0;
    req.on('data', (part: Buffer) => {
      bytes += part.length;
      for (let at = part.indexOf(10); at !== -1; at = part.indexOf(10, at + 1)) lines += 1;
    });
    req.on('end', () => {
      res.setHeader('content-type', 'application/json');
      if (taken.length === refusedAt) {
        const errors = [{ path: 'line 2', message: 'is wrong' }];
        return void res
          .writeHead(400)
          .end(JSON.stringify({ detail: 'line 2: is wrong.', code: 'invalid_url', errors }));
      }
      taken.push({ lines, bytes, key: req.headers['idempotency-key'], query: req.url ?? '' });
      res.writeHead(202).end(JSON.stringify({ id: String(taken.length) }));
    });
  });
  return { taken, client: new Everfetch({ url: origin.url }) };
}

async function* urls(count: number, path = ''): AsyncGenerator<string> {
  for (let index = 0; index < count; index += 1) yield `http://a.example/${index}${path}`;
}

const idsOf = async (batches: AsyncIterable<{ id: string }>): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { id } of batches) ids.push(id);
  return ids;
};

test('120,000 lines become three batches, each with a key of its own', async () => {
  const { taken, client } = await takingService();
  const fields = {
    name: 'n&=',
    tags: ['a', 'b'],
    onDone: { url: 'http://r.example/' },
    callback: 'http://c.example/',
    apiParams: { render: true, instruction_set: [{ type: 'click' as const }] },
  };
  expect(await idsOf(client.submitMany(urls(120_000), fields, { idempotencyKey: 'k' }))).toEqual(['1', '2', '3']);
  expect(taken.map(({ lines }) => lines)).toEqual([50_000, 50_000, 20_000]);
  expect(taken.map(({ key }) => key)).toEqual(['k-1', 'k-2', 'k-3']);
  const query = new URL(taken[0]?.query ?? '', 'http://x').searchParams;
  expect([...query]).toEqual([
    ['name', 'n&='],
    ['render', 'true'],
    ['instruction_set', '[{"type":"click"}]'],
    ['tags', 'a'],
    ['tags', 'b'],
    ['onDone', 'http://r.example/'],
    ['callback', 'http://c.example/'],
  ]);
});

test('long lines make batches that the service takes', async () => {
  const { taken, client } = await takingService();
  const ids = await idsOf(client.submitMany(urls(70, '/é'.repeat(300_000)), {}));
  expect(ids).toHaveLength(2);
  expect(taken.reduce((sum, { lines }) => sum + lines, 0)).toBe(70);
  for (const { bytes } of taken) expect(bytes).toBeLessThan(64_000_000);
});

test('nothing is read ahead of a batch that has not been asked for', async () => {
  const { taken, client } = await takingService();
  let read = 0;
  async function* lines() {
    for await (const url of urls(100)) {
      read += 1;
      yield { url };
    }
  }
  const batches = client.submitMany(lines(), {}, { linesPerBatch: 10 });
  await batches.next();
  expect(read).toBe(11);
  await batches.return();
  expect(taken).toHaveLength(1);
});

test('what is wrong in a later batch is named by the line of the whole input', async () => {
  const { client } = await takingService(1);
  const batches = client.submitMany(urls(25), {}, { linesPerBatch: 10 });
  await batches.next();
  await expect(batches.next()).rejects.toMatchObject({
    name: 'InvalidRequestError',
    message: 'line 12: is wrong.',
    details: [{ path: 'line 12', message: 'is wrong' }],
  });
});

test('no lines make no batch', async () => {
  const { taken, client } = await takingService();
  expect(await idsOf(client.submitMany([], {}))).toEqual([]);
  expect(taken).toEqual([]);
});
