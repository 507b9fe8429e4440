import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import {
  API_KEY,
  BATCH_ID,
  DELIVERY_ID,
  FORGOTTEN_BATCH_ID,
  JOB_ID,
  KEY_ID,
  RECEIVER_ID,
} from '../../tools/docs/openapi/examples';
import {
  apiParamNotes,
  batchFieldNotes,
  deliveryFilterNotes,
  jobFieldNotes,
  keyFieldNotes,
  keyLimitNotes,
  lineFieldNotes,
  receiverFilterNotes,
  usageRangeNotes,
} from '../../tools/docs/openapi/field-notes';
import { openApiDocument } from '../../tools/docs/openapi/open-api-document';
import { openApiRouter } from '../../src/api/routes/openapi';
import { lineFields } from '../../src/api/lines/line-reader';
import { UsageQuery } from '../../src/jobs/account-requests';
import { ApiParams } from '../../src/jobs/api-params';
import { BatchOptions } from '../../src/jobs/batch-options';
import { errorCodes } from '../../src/jobs/error-codes';
import { createJobId } from '../../src/jobs/job-id';
import { jobObject } from '../../src/jobs/job-object';
import type { JobRecord } from '../../src/jobs/job-object';
import { CancelledJob, FailedJob, FinishedJob, JobObject, RunningJob } from '../../src/jobs/job-object-schema';
import { JobOptions } from '../../src/jobs/job-options';
import { ReceiverQuery } from '../../src/jobs/receiver-object-schema';
import { NewKey, keyLimitRanges } from '../../src/jobs/key-requests';
import { DeliveryQuery } from '../../src/jobs/webhook-requests';
import { createFsSegmentStore } from '../../src/pages/segments/fs-segment-store';
import { crc32Of } from '../../src/pages/segments/check-record';
import { segmentKey } from '../../src/pages/segments/segment-store';
import { buildSegment, writePageRecord, writeScreenshotRecord } from '../../src/pages/segments/warc';
import { fetchedPage } from '../pages/segments/page-fixture';
import { schemaIn, undocumented } from '../support/documented-answer';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { Answer, TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any

const document: Json = JSON.parse(openApiDocument());
const operations = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Json>(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, method, operation })),
);

function* nodesOf(node: Json): Generator<Json> {
  if (typeof node !== 'object' || node === null) return;
  yield node;
  for (const child of Object.values(node)) yield* nodesOf(child);
}

const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce((node: Json, name) => node?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], document);

test('it is an OpenAPI 3.1 document without loose ends', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'everfetch', version: expect.any(String) } });
  const refs = [...nodesOf(document)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
  expect(refs.length).toBeGreaterThan(50);
  expect(refs.filter((ref) => at(ref) === undefined)).toEqual([]);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const schemes = Object.keys(document.components.securitySchemes);
  for (const { path, operation } of operations) {
    const inPath = (operation.parameters ?? []).filter((parameter: Json) => parameter.in === 'path');
    expect(inPath.map(({ name }: Json) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    const statuses = Object.keys(operation.responses);
    expect(statuses).toEqual(expect.arrayContaining(['400', '404', '500', 'default']));
    expect(statuses.filter((status) => /^2\d\d$/.test(status))).not.toEqual([]);
    for (const response of Object.values<Json>(operation.responses)) expect(response.description).toMatch(/\S/);
    for (const requirement of operation.security)
      expect(schemes).toEqual(expect.arrayContaining(Object.keys(requirement)));
  }
});

test('every part of the document is used', () => {
  const text = JSON.stringify(document);
  for (const kind of ['schemas', 'headers']) {
    for (const name of Object.keys(document.components[kind])) {
      expect(text).toContain(`"#/components/${kind}/${name}"`);
    }
  }
});

test('every field of a submission is explained', () => {
  expect(Object.keys(jobFieldNotes).sort()).toEqual(Object.keys(JobOptions.shape).sort());
  expect(Object.keys(apiParamNotes).sort()).toEqual(Object.keys(ApiParams.shape).sort());
  expect(Object.keys(batchFieldNotes).sort()).toEqual(Object.keys(BatchOptions.shape).sort());
  expect(Object.keys(lineFieldNotes).sort()).toEqual([...lineFields].sort());
  expect(Object.keys(deliveryFilterNotes).sort()).toEqual(Object.keys(DeliveryQuery.shape).sort());
  expect(Object.keys(receiverFilterNotes).sort()).toEqual(Object.keys(ReceiverQuery.shape).sort());
  expect(Object.keys(usageRangeNotes).sort()).toEqual(Object.keys(UsageQuery.shape).sort());
  expect(Object.keys(keyFieldNotes).sort()).toEqual(Object.keys(NewKey.shape).sort());
  expect(Object.keys(keyLimitNotes).sort()).toEqual(Object.keys(keyLimitRanges).sort());
});

test('every error code is documented under its status', () => {
  const documented = operations.flatMap(({ operation }) =>
    Object.entries<Json>(operation.responses).flatMap(([status, { content }]) =>
      Object.values<Json>(content ?? {}).flatMap(({ examples }) =>
        Object.keys(examples ?? {}).map((code) => `${code} ${status}`),
      ),
    ),
  );
  for (const [code, { status }] of Object.entries(errorCodes)) expect(documented).toContain(`${code} ${status}`);
});

test('every example is as its schema says', () => {
  const wrong = [...nodesOf(document.paths)]
    .filter(({ schema, examples }) => schema !== undefined && examples !== undefined)
    .flatMap(({ schema, examples }) => {
      const checker = schemaIn(document, schema);
      return Object.entries<Json>(examples)
        .filter(([, { value }]) => !checker.safeParse(value).success)
        .map(([name, { value }]) => ({ name, value }));
    });
  expect(wrong).toEqual([]);
});

test('the checked-in copy is up to date (npm run docs)', () => {
  expect(readFileSync(join(__dirname, '../../docs/openapi.json'), 'utf8')).toBe(openApiDocument());
});

test('the route serves it with the address of the service', async () => {
  const app = express().use(openApiRouter({ publicUrl: 'https://fetch.example' }));
  const { status, type, body } = await request(app).get('/openapi.json');
  expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
  expect(body.servers).toEqual([{ url: 'https://fetch.example' }]);
  expect(Object.keys(body.paths)).toEqual(Object.keys(document.paths));
});

const record: JobRecord = {
  id: createJobId(),
  url: 'https://a.example/',
  status: 'running',
  attempts: 2,
  clientId: 'a',
  meta: null,
  nextAttemptAt: new Date(),
  lastFailure: { reason: 'blocked', statusCode: 403, detail: 'cloudflare', at: new Date().toISOString() },
  failReason: 'max_cost_exceeded',
  endedAt: new Date(),
  credits: 1,
  ignoredParams: ['premium'],
};
const response = { headers: { 'content-type': 'text/html' }, statusCode: 200, body: '' };

test.each([
  ['running', RunningJob],
  ['finished', FinishedJob],
  ['failed', FailedJob],
  ['cancelled', CancelledJob],
] as const)('a %s job has exactly the fields of its schema', (status, schema) => {
  const object = jobObject(
    { ...record, status },
    { publicUrl: 'http://a', retentionMs: 1, response, error: 'page_damaged' },
  );
  expect(schema.parse(object)).toEqual(object);
  expect(JobObject.parse(object)).toEqual(object);
  expect(Object.keys(object).sort()).toEqual(Object.keys(schema.shape).sort());
});

describe('against the service', () => {
  let service: TestService;
  let origin: Server;
  let originUrl: string;
  let jobId: string;
  let batchId: string;
  let deliveryId: string;
  let receiverId: string;
  let forgottenBatchId: string;
  let keyId: string;

  beforeAll(async () => {
    service = await startTestService();
    // `startOrigin` cannot be used, because its server ends with each test.
    origin = createServer((req, res) => {
      res.statusCode = req.url === '/broken' ? 500 : 200;
      res.setHeader('content-type', 'text/html').end('<title>a page</title>');
    });
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
    const batch = await submit('/batchjobs', { urls: [`${originUrl}/`] });
    jobId = batch.body[0].id;
    batchId = batch.headers.get('x-batch-id') ?? '';
    const forgotten = await submit('/batchjobs', { urls: [`${originUrl}/`] });
    forgottenBatchId = forgotten.headers.get('x-batch-id') ?? '';
    await ended(forgotten.body[0].id);
    keyId = (await submit('/keys', { name: 'other' })).body.id;
    deliveryId = (await submit('/webhooks/test', { url: originUrl })).body.id;
    await submit('/jobs', { url: `${originUrl}/`, callback: { type: 'webhook', url: originUrl } });
    receiverId = await waitFor(
      async () => (await service.call('GET', `/webhooks/receivers?api_key=${TEST_KEY}`)).body.items[0]?.id,
    );
    await ended(jobId);
    await addScreenshot();
  });
  afterAll(async () => {
    await service.stop();
    origin.close();
    origin.closeAllConnections();
  });

  const submit = (path: string, body: object): Promise<Answer> =>
    service.call('POST', path, { apiKey: TEST_KEY, ...body });

  /** Gives a job a screenshot as if a browser had made it, because the tests may run without one. */
  async function addScreenshot(): Promise<void> {
    const records = [
      writePageRecord({ page: fetchedPage(), jobId }),
      writeScreenshotRecord(fetchedPage(), Buffer.from('PNG')),
    ] as const;
    const { chunks, places } = buildSegment(records);
    const key = segmentKey(new Date(), randomUUID());
    await createFsSegmentStore(join(service.dataDir, 'pages')).write(key, chunks);
    await service.db.database.query(
      `update jobs set segment = $2, segment_offset = 0, segment_length = $3, screenshot_length = $4, page_crc32 = $5,
         screenshot_crc32 = $6 where id = $1`,
      [jobId, key, places[0]?.length, places[1]?.length, ...records.map((record) => crc32Of(record))],
    );
  }

  const ended = (id: string): Promise<Answer> =>
    waitFor(async () => {
      const answer = await service.call('GET', `/jobs/${id}`);
      return answer.body.status !== 'running' && answer;
    });

  /** An example with the addresses and ids of this service. */
  const local = (value: unknown): Json =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(API_KEY, TEST_KEY)
        .replaceAll(/https:\/\/(shop|receiver)\.example/g, originUrl)
        .replaceAll(BATCH_ID, batchId)
        .replaceAll(FORGOTTEN_BATCH_ID, forgottenBatchId)
        .replaceAll(JOB_ID, jobId)
        .replaceAll(DELIVERY_ID, deliveryId)
        .replaceAll(RECEIVER_ID, receiverId)
        .replaceAll(KEY_ID, keyId),
    );

  const firstOf = (parameter: Json): string => local(Object.values<Json>(parameter.examples)[0].value);

  /** Variants of a request: with its required parameters only, and with each example of the optional ones. */
  function* requestsOf({ path, operation }: (typeof operations)[number]) {
    const all: Json[] = operation.parameters ?? [];
    const needed = all.filter(({ required }) => required === true);
    const bodies: Json[] = Object.values<Json>(operation.requestBody?.content['application/json']?.examples ?? {});
    const optional = all
      .filter(({ required }) => required !== true)
      .flatMap((parameter) =>
        Object.values<Json>(parameter.examples ?? {}).map(({ value }) => ({ parameter, value: local(value) })),
      );
    for (const extra of [undefined, ...optional]) {
      const given = [
        ...needed.map((parameter) => ({ parameter, value: firstOf(parameter) })),
        ...(extra === undefined ? [] : [extra]),
      ];
      const of = (place: string): [string, string][] =>
        given
          .filter(({ parameter }) => parameter.in === place)
          .flatMap(({ parameter, value }) =>
            [value].flat().map((each): [string, string] => [parameter.name, String(each)]),
          );
      const filled = of('path').reduce((text, [name, value]) => text.replace(`{${name}}`, value), path);
      const query = new URLSearchParams(of('query')).toString();
      const headers = { 'x-api-key': TEST_KEY, ...Object.fromEntries(of('header')) };
      for (const body of bodies.length === 0 ? [undefined] : bodies)
        yield { path: query === '' ? filled : `${filled}?${query}`, headers, body: body && local(body.value) };
    }
  }

  const REFUSED_FOR_THE_BATCH = ['cancelBatch', 'pauseBatch', 'resumeBatch', 'changeBatch'];

  test.each(operations)('$name answers every example as documented', async (row) => {
    for (const { path, headers, body } of requestsOf(row)) {
      const answer = await service.call(row.method.toUpperCase(), path, body, headers);
      expect({ path, status: answer.status }).toEqual({
        path,
        status: 'if-none-match' in headers ? 304 : expect.any(Number),
      });
      // The batch has ended, and was made with a workflow per URL, so some of what may be asked of one is refused.
      if (!REFUSED_FOR_THE_BATCH.includes(row.operation.operationId)) expect(answer.status).toBeLessThan(400);
      expect(undocumented(document, row.operation, answer)).toBeUndefined();
    }
  });

  test('jobs in every state are as documented', async () => {
    const { get } = document.paths['/jobs/{id}'];
    const { body: failing } = await submit('/jobs', { url: `${originUrl}/broken`, timeoutSec: 1 });
    const { body: endless } = await submit('/jobs', { url: `${originUrl}/broken`, meta: { a: [null] } });
    const tried = await waitFor(async () => {
      const answer = await service.call('GET', `/jobs/${endless.id}`);
      return answer.body.lastFailure !== undefined && answer;
    });
    const cancelled = await service.call('DELETE', `/jobs/${endless.id}`);
    const answers = [tried, cancelled, await ended(failing.id), await ended(jobId)];
    expect(answers.map(({ body }) => body.status)).toEqual(['running', 'cancelled', 'failed', 'finished']);
    expect(answers.map((answer) => undocumented(document, get, answer))).toEqual(answers.map(() => undefined));
    expect(tried.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  test.each([
    ['post', '/jobs', '/jobs', { url: 'https://a.example/' }, 401],
    ['post', '/jobs', '/jobs', '{', 400],
    ['post', '/batchjobs', '/batchjobs', { apiKey: TEST_KEY, urls: ['x'] }, 400],
    ['post', '/jobs', '/jobs', { apiKey: TEST_KEY, url: 'http://10.0.0.1/' }, 403],
    ['get', '/jobs/{id}', '/jobs/x', undefined, 404],
    ['get', '/jobs/{id}', '/jobs/01900000-0000-7000-8000-000000000000', undefined, 410],
    ['get', '/jobs/{id}', '/jobs/%zz', undefined, 400],
    ['delete', '/jobs/{id}', '/jobs/x', undefined, 404],
    ['get', '/batches/{id}', '/batches/x', undefined, 401],
    ['get', '/batches/{id}', `/batches/x?api_key=${TEST_KEY}`, undefined, 404],
    ['delete', '/batches/{id}', `/batches/x?api_key=${TEST_KEY}`, undefined, 404],
    ['delete', '/jobs/{id}', '/jobs/x?purge=true', undefined, 401],
    ['get', '/webhooks/deliveries', '/webhooks/deliveries', undefined, 401],
    ['get', '/webhooks/deliveries', `/webhooks/deliveries?api_key=${TEST_KEY}&cursor=x`, undefined, 400],
    ['get', '/webhooks/deliveries/{id}', `/webhooks/deliveries/x?api_key=${TEST_KEY}`, undefined, 404],
    ['get', '/webhooks/receivers/{id}', `/webhooks/receivers/x?api_key=${TEST_KEY}`, undefined, 404],
    ['get', '/hosts/{host}', `/hosts/a.example:80?api_key=${TEST_KEY}`, undefined, 400],
    ['get', '/account/usage', '/account/usage', undefined, 401],
    ['post', '/webhooks/deliveries/{id}/replay', '/webhooks/deliveries/x/replay', { api_key: TEST_KEY }, 404],
    ['post', '/webhooks/replay', '/webhooks/replay', { api_key: TEST_KEY }, 400],
    ['post', '/webhooks/test', '/webhooks/test', { api_key: TEST_KEY, url: 'http://10.0.0.1/' }, 403],
    ['get', '/webhooks/secret', '/webhooks/secret', undefined, 401],
    ['post', '/scrape', '/scrape', { api_key: TEST_KEY, url: 'x' }, 400],
    ['get', '/', '/?url=x', undefined, 401],
    ['get', '/', `/?api_key=${TEST_KEY}&url=http://10.0.0.1/`, undefined, 403],
    ['get', '/keys', '/keys', undefined, 401],
    ['post', '/keys', '/keys', { api_key: TEST_KEY, name: 'default' }, 409],
    ['patch', '/keys/{id}', '/keys/x', { api_key: TEST_KEY, isAdmin: false }, 404],
    ['delete', '/keys/{id}', `/keys/x?api_key=${TEST_KEY}`, undefined, 404],
    ['get', '/account', '/account', undefined, 401],
    ['get', '/account/urlcost', `/account/urlcost?api_key=${TEST_KEY}`, undefined, 400],
  ] as const)('the error of %s %s (%s) is as documented', async (method, path, asked, body, status) => {
    const answer = await service.call(method.toUpperCase(), asked, body);
    expect(answer.status).toBe(status);
    expect(undocumented(document, document.paths[path][method], answer)).toBeUndefined();
  });
});
