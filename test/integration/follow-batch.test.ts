import { createGunzip } from 'node:zlib';
import { createInterface } from 'node:readline';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import express from 'express';
import { BatchWatch } from '../../src/api/batch-watch';
import { batchResultsRouter } from '../../src/api/routes/batch-results';
import { createBatchId } from '../../src/jobs/job-id';
import { findApiKey, findApiKeyByName } from '../../src/store/api-keys';
import { findBatch, insertBatch } from '../../src/store/batches';
import type { Database } from '../../src/store/database';
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

const open = (url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    httpRequest(url, { headers: { 'x-api-key': TEST_KEY, ...headers }, agent: false }, resolve)
      .on('error', reject)
      .end();
  });

const linesOf = (answer: IncomingMessage): AsyncIterableIterator<string> => {
  const isGzipped = answer.headers['content-encoding'] === 'gzip';
  const text = isGzipped ? answer.pipe(createGunzip().on('error', () => undefined)) : answer;
  return createInterface({ input: text })[Symbol.asyncIterator]();
};

/** A target that answers each request when it is told to. */
async function startHeldTarget() {
  const held: (() => void)[] = [];
  const origin = await startOrigin((req, res) => {
    held.push(() => {
      res.statusCode = req.url === '/down' ? 403 : 200;
      res.end(`page ${req.url}`);
    });
  });
  return { url: origin.url, held };
}

const submit = async (body: object): Promise<{ id: string; jobs: string[] }> => {
  const answer = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, ...body });
  return { id: answer.headers.get('x-batch-id') ?? '', jobs: answer.body.map(({ id }: { id: string }) => id) };
};

test.each(['identity', 'gzip'])(
  'followed results come as they end, and the answer ends with the batch (%s)',
  async (coding) => {
    const { url, held } = await startHeldTarget();
    const { id } = await submit({ urls: [`${url}/a`, `${url}/b`] });
    const answer = await open(`${service.url}/batches/${id}/results?follow=true`, { 'accept-encoding': coding });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'x-batch-unfinished': '2',
    });
    const lines = linesOf(answer);
    const found: Json[] = [];
    for (let n = 0; n < 2; n += 1) {
      // The first line is here before the second page is given out.
      (await waitFor(() => held.shift()))();
      const { value } = await lines.next();
      found.push(JSON.parse(value as string));
    }
    expect((await lines.next()).done).toBe(true);
    expect(found.map(({ response }) => response.body).sort()).toEqual(['page /a', 'page /b']);
  },
);

test('a reader that is cut off twenty times and goes on behind its last line gets every line once', async () => {
  const origin = await startOrigin((_req, res) => res.end('x'.repeat(2_000)));
  const urls = Array.from({ length: 600 }, (_, index) => `${origin.url}/${index}`);
  const { id, jobs } = await submit({ urls, fanOut: 'sweep' });
  const found: string[] = [];
  let cursor = '';
  for (let cut = 0; ; cut += 1) {
    const query = `follow=true${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const answer = await open(`${service.url}/batches/${id}/results?${query}`, {
      'accept-encoding': cut % 2 === 0 ? 'gzip' : 'identity',
    });
    // At least one line each time, so that it comes to an end.
    let left = cut < 20 ? 1 + Math.floor(Math.random() * 28) : Number.POSITIVE_INFINITY;
    for await (const line of linesOf(answer)) {
      if (line === '') continue;
      const result = JSON.parse(line) as { id: string; cursor: string };
      found.push(result.id);
      cursor = result.cursor;
      if (--left === 0) break;
    }
    answer.destroy();
    if (left > 0) break;
  }
  expect([...found].sort()).toEqual([...jobs].sort());
});

test('fields leave out what was not asked for, and pages are read only for response', async () => {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url === '/gone' ? 404 : 200;
    res.end('page');
  });
  const { id } = await submit({ urls: [`${origin.url}/gone`] });
  await waitFor(async () => (await read(`/batches/${id}/results`)).length === 1);
  const [line] = await read(`/batches/${id}/results?fields=id,status,url,clientId,statusCode`);
  expect(Object.keys(line).sort()).toEqual(['cursor', 'id', 'status', 'statusCode', 'url']);
  expect(line).toMatchObject({ status: 'finished', statusCode: 404 });
  const [page] = await read(`/batches/${id}/results?fields=response,cursor`);
  expect(page).toEqual({ response: expect.objectContaining({ body: 'page' }), cursor: line.cursor });
  for (const [query, path] of [
    ['fields=id,colour', 'fields'],
    ['fields=', 'fields'],
    ['fields=id&fields=url', 'fields'],
    ['follow=maybe', 'follow'],
  ])
    expect(
      await service.call('GET', `/batches/${id}/results?${query}`, undefined, { 'x-api-key': TEST_KEY }),
    ).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path }] } });
});

const read = async (path: string): Promise<Json[]> =>
  (await service.call('GET', path, undefined, { 'x-api-key': TEST_KEY })).body ?? [];

describe('a stream of results', () => {
  let watch: BatchWatch;
  let lookups = 0;

  /** The route alone, on a server of its own, so that it can be looked at from within. */
  async function startRoute(): Promise<string> {
    lookups = 0;
    const database: Database = {
      ...service.db.database,
      query: (sql, values, name) => {
        if (name === 'find-members') lookups += 1;
        return service.db.database.query(sql, values, name);
      },
    };
    watch = new BatchWatch({ findBatch: (id) => findBatch(database, id), everyMs: 20 });
    const unused = () => Promise.reject(new Error('no page is read'));
    const deps = {
      ...{
        database,
        readResponse: unused,
        openPage: unused,
        segments: { read: unused },
        publicUrl: 'http://a',
        retentionMs: 1,
      },
      findApiKey: (key: string) => findApiKey(service.db.database, key),
    };
    return (await startOrigin(express().use(batchResultsRouter(deps, watch, 20)))).url;
  }

  async function insertEnded(total: number, urlBytes: number, running: number): Promise<string> {
    const { database } = service.db;
    const [id, apiKeyId] = [createBatchId(), (await findApiKeyByName(database, 'default'))?.id ?? ''];
    const urls = Array.from({ length: total + running }, (_, index) =>
      `https://a.example/${index}`.padEnd(urlBytes, 'x'),
    );
    const times = { createdAt: new Date(), deadlineAt: new Date(Date.now() + 3_600_000) };
    // `isStarted` keeps the dispatcher away from it.
    const batch = {
      id,
      apiKeyId,
      urls,
      options: {},
      fanOut: 'sweep' as const,
      prices: urls.map(() => 1),
      isStarted: true,
      ...times,
    };
    await database.transaction((tx) => insertBatch(tx, batch));
    await database.query(
      `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, deadline_at, ended_at)
       select (left($1, 32) || lpad(to_hex(n), 4, '0'))::uuid, $1::uuid, (n - 1) / 500, $2, rpad('https://a.example/' || n, $4, 'x'), 'finished', now(), now() + n * interval '1 microsecond'
       from generate_series(1, $3::int) n`,
      [id, apiKeyId, total, urlBytes],
    );
    await database.query(
      'update batch_chunks set finished = least(greatest($2 - number * 500, 0), cardinality(urls)), ended_at = case when (number + 1) * 500 <= $2 then now() end where batch_id = $1',
      [id, total],
    );
    return id;
  }

  test('lives visibly while nothing ends, and leaves nothing behind when its reader goes', async () => {
    const url = await startRoute();
    const id = await insertEnded(3, 30, 1);
    for (const coding of ['identity', 'gzip']) {
      const answer = await open(`${url}/batches/${id}/results?follow=1&fields=id`, { 'accept-encoding': coding });
      const lines = linesOf(answer);
      for (let n = 0; n < 3; n += 1) expect((await lines.next()).value).toMatch(/^\{"id":/);
      for (let n = 0; n < 3; n += 1) expect((await lines.next()).value).toBe('');
      expect(watch.listeners).toBe(1);
      answer.destroy();
      await waitFor(() => watch.listeners === 0);
    }
  });

  test('reads no more than its reader takes', async () => {
    const url = await startRoute();
    const id = await insertEnded(10_000, 3_000, 0);
    const answer = await open(`${url}/batches/${id}/results?fields=id,url`, { 'accept-encoding': 'identity' });
    let before = -1;
    // Nobody reads: it comes to rest.
    await waitFor(
      () => {
        const isAtRest = lookups > 0 && lookups === before;
        before = lookups;
        return isAtRest;
      },
      { intervalMs: 300 },
    );
    expect(lookups).toBeLessThan(100);
    let count = 0;
    for await (const line of linesOf(answer)) count += Number(line !== '');
    expect({ count, lookups }).toEqual({ count: 10_000, lookups: 100 });
  });
});
