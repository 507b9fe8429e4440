import type { RequestListener, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { Answer, TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

// What common clients of the hosted service do, written down from their code: each must work here unchanged.

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { BROWSER: 'off' } });
});
afterAll(() => service.stop());

type Job = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

const POLL_MS = 50;

/** The loop that every client has: ask until the state is not running, and parse whatever comes as JSON. */
async function poll(statusUrl: string): Promise<Job> {
  for (let polls = 0; polls < 400; polls += 1) {
    const answer = await fetch(statusUrl);
    const job = JSON.parse(await answer.text()) as Job;
    expect(answer.status).toBe(200);
    if (job['status'] !== 'running') return job;
    await sleep(POLL_MS);
  }
  throw new Error(`${statusUrl} is still running`);
}

/** Takes anything but 200 for a failure, as clients do. */
async function submit(path: '/jobs' | '/batchjobs', body: unknown): Promise<Answer['body']> {
  const answer = await service.call('POST', path, body);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.body?.error}`);
  return answer.body;
}

const submitJob = async (url: string, more: object = {}): Promise<Job> =>
  submit('/jobs', { apiKey: TEST_KEY, url, ...more });

const result = async (url: string, more: object = {}): Promise<Job> =>
  poll((await submitJob(url, more))['statusUrl'] as string);

const page =
  (body: string | Buffer = 'page', contentType = 'text/html; charset=utf-8', statusCode = 200): RequestListener =>
  (_req, res) =>
    res.writeHead(statusCode, { 'content-type': contentType }).end(body);

/** Ends once the request's body has come, so that the origin's record of it is whole. */
const afterBody =
  (answer: (res: ServerResponse) => unknown): RequestListener =>
  (req, res) => {
    req.on('end', () => answer(res)).resume();
  };

test('a client that asks every few moments gets JSON with status 200 in every state', async () => {
  const origin = await startOrigin((_req, res) => setTimeout(() => page()(_req, res), 400));
  const job = await submitJob(origin.url);
  expect(job).toMatchObject({ status: 'running', attempts: 0, supposedToRunAt: expect.any(String) });
  expect(await poll(job['statusUrl'])).toMatchObject({ id: job['id'], status: 'finished', response: { body: 'page' } });
});

describe('answers of a batch', () => {
  test('are zipped with the input by index and by URL, every URL as it was sent', async () => {
    const origin = await startOrigin((req, res) => res.end(req.url));
    const { port, url } = origin;
    const urls = [
      url,
      `${url}/`,
      `HTTP://127.0.0.1:${port}/upper`,
      `http://127.0.0.1:${port}/a/../b?x=1&y=%7e#part`,
      `${url}/grüße/日本?q=ü 1`,
      `${url}/again`,
      `${url}/again`,
      `${url}#only-a-fragment`,
    ];
    const jobs = (await submit('/batchjobs', { apiKey: TEST_KEY, urls })) as Job[];
    expect(jobs.map((job) => job['url'])).toEqual(urls);
    expect(new Set(jobs.map((job) => job['id'])).size).toBe(urls.length);
    for (const job of jobs) expect(Object.keys(job).sort()).toEqual(['attempts', 'id', 'status', 'statusUrl', 'url']);
    const ended = await Promise.all(jobs.map((job) => poll(job['statusUrl'])));
    expect(ended.map((job) => job['url'])).toEqual(urls);
    expect(ended.map((job) => job['response'].body)).toEqual([
      ...[
        '/',
        '/',
        '/upper',
        '/b?x=1&y=%7e',
        '/gr%C3%BC%C3%9Fe/%E6%97%A5%E6%9C%AC?q=%C3%BC%201',
        '/again',
        '/again',
        '/',
      ],
    ]);
  });

  test('keep hosts in upper case and unicode, and missing slashes, in what is echoed', async () => {
    const urls = ['https://EXAMPLE.invalid', 'https://Exämple.invalid/Ä', 'https://example.invalid:443/#'];
    const jobs = (await submit('/batchjobs', { apiKey: TEST_KEY, urls })) as Job[];
    expect(jobs.map((job) => job['url'])).toEqual(urls);
    for (const [index, job] of jobs.entries()) {
      expect((await service.call('DELETE', `/jobs/${job['id']}`)).body).toMatchObject({
        status: 'cancelled',
        url: urls[index],
      });
    }
  });

  test('come one by one when url is sent to /batchjobs, and as an array when urls are sent to /jobs', async () => {
    const origin = await startOrigin(page());
    const one = await submit('/batchjobs', { apiKey: TEST_KEY, url: origin.url });
    expect(one).toMatchObject([{ url: origin.url, status: 'running' }]);
    const alsoOne = await submit('/batchjobs', { apiKey: TEST_KEY, urls: origin.url });
    expect(alsoOne).toMatchObject([{ url: origin.url }]);
    const two = await submit('/jobs', { apiKey: TEST_KEY, urls: [origin.url, `${origin.url}/2`] });
    expect(two).toMatchObject([{ url: origin.url }, { url: `${origin.url}/2` }]);
    for (const job of [...one, ...alsoOne, ...two] as Job[])
      expect(await poll(job['statusUrl'])).toMatchObject({ status: 'finished' });
  });
});

describe('sloppy submissions', () => {
  test.each([
    ['the index of the array', 3],
    ['the first index', 0],
    ['an empty array', []],
    ['null', null],
    ['an empty object', {}],
  ])('apiParams that is %s means no parameters', async (_what, apiParams) => {
    const origin = await startOrigin(page());
    expect(await result(origin.url, { apiParams })).toMatchObject({ status: 'finished' });
  });

  test('the key as api_key, in the query, as a header or as a bearer token', async () => {
    const origin = await startOrigin(page());
    const body = { url: origin.url };
    const answers = [
      await service.call('POST', '/jobs', { ...body, api_key: TEST_KEY }),
      await service.call('POST', `/jobs?apiKey=${TEST_KEY}`, body),
      await service.call('POST', `/jobs?api_key=${TEST_KEY}`, body),
      await service.call('POST', '/jobs', body, { 'x-api-key': TEST_KEY }),
      await service.call('POST', '/jobs', body, { authorization: `Bearer ${TEST_KEY}` }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    for (const { body: job } of answers) await poll(job.statusUrl);
  });

  test('a body without a JSON content type, as from curl -d', async () => {
    const origin = await startOrigin(page());
    const body = JSON.stringify({ apiKey: TEST_KEY, url: origin.url });
    const answer = await service.call('POST', '/jobs', body, { 'content-type': 'application/x-www-form-urlencoded' });
    expect(answer.status).toBe(200);
    expect(await poll(answer.body.statusUrl)).toMatchObject({ status: 'finished' });
  });

  test('booleans and numbers as strings', async () => {
    const origin = await startOrigin((_req, res) => res.writeHead(302, { location: '/elsewhere' }).end());
    expect(
      await result(origin.url, { timeoutSec: '30', apiParams: { follow_redirect: 'false', render: 'false' } }),
    ).toMatchObject({ status: 'finished', response: { statusCode: 302 } });
  });

  test('parameters at the top level count, and those in apiParams win', async () => {
    const origin = await startOrigin((req, res) =>
      req.url === '/end' ? res.end('the end') : res.writeHead(302, { location: '/end' }).end(),
    );
    expect(await result(origin.url, { follow_redirect: false })).toMatchObject({ response: { statusCode: 302 } });
    expect(await result(origin.url, { follow_redirect: false, apiParams: { follow_redirect: true } })).toMatchObject({
      response: { statusCode: 200, body: 'the end' },
    });
  });

  test.each([
    ['maxCost', { maxCost: 4 }],
    ['max_cost as a text', { max_cost: '4' }],
    ['max_cost in apiParams', { apiParams: { max_cost: 4 } }],
  ])('%s is a bound of the price', async (_what, more) => {
    const answer = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: 'https://www.amazon.com/', ...more });
    expect(answer).toMatchObject({ status: 403, body: { code: 'max_cost_exceeded', error: expect.any(String) } });
  });

  test('a key sent to the status URL, right or wrong, changes nothing', async () => {
    const origin = await startOrigin(page());
    const { statusUrl } = await submitJob(origin.url);
    for (const key of [TEST_KEY, 'wrong'])
      expect(await poll(`${statusUrl}?apiKey=${key}`)).toMatchObject({ status: 'finished' });
  });

  test('fields nobody knows are ignored and named', async () => {
    const origin = await startOrigin(page());
    const answer = await service.call('POST', '/jobs', {
      apiKey: TEST_KEY,
      url: origin.url,
      wibble: 1,
      apiParams: { follow_redirects: 'x' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-ignored-parameters')).toBe('wibble, apiParams.follow_redirects');
    await poll(answer.body.statusUrl);
  });
});

describe('errors of a submission', () => {
  const url = 'https://example.com/';
  test.each<[string, number, unknown, string?]>([
    ['no key', 401, { url }],
    ['a wrong key', 401, { apiKey: 'wrong', url }],
    ['a key that is no text', 401, { apiKey: 7, url }],
    ['no URL', 400, { apiKey: TEST_KEY }],
    ['a URL without a scheme', 400, { apiKey: TEST_KEY, url: 'example.com' }],
    ['another scheme', 400, { apiKey: TEST_KEY, url: 'ftp://example.com/' }],
    ['no URLs', 400, { apiKey: TEST_KEY, urls: [] }, '/batchjobs'],
    ['one bad URL of many', 400, { apiKey: TEST_KEY, urls: [url, 'nope', url] }, '/batchjobs'],
    ['a bad callback', 400, { apiKey: TEST_KEY, url, callback: { type: 'email', url } }],
    ['a time out of range', 400, { apiKey: TEST_KEY, url, timeoutSec: 86_401 }],
    ['a forbidden target', 403, { apiKey: TEST_KEY, url: 'http://169.254.169.254/' }],
    ['not JSON', 400, '{"apiKey": '],
    ['an array', 400, '[]', '/jobs?api_key=' + TEST_KEY],
    ['render', 400, { apiKey: TEST_KEY, url, apiParams: { render: true } }],
    ['premium', 400, { apiKey: TEST_KEY, url, premium: 'true' }],
    ['a country', 400, { apiKey: TEST_KEY, url, apiParams: { country_code: 'us' } }],
    ['an output that there is not', 400, { apiKey: TEST_KEY, url, apiParams: { output_format: 'csv' } }],
    ['a rule with a typo', 400, { apiKey: TEST_KEY, url, successWhen: { contain: 'x' } }],
  ])('%s is %i with a JSON object that has a text as error', async (_what, status, body, path = '/jobs') => {
    const answer = await service.call('POST', path, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.body).toMatchObject({ error: expect.stringMatching(/\S/), code: expect.stringMatching(/^[a-z_]+$/) });
  });

  test('an unknown job is 404 with JSON, to GET and DELETE', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await service.call(method, '/jobs/3f1c9a52-0000-4000-8000-000000000000');
      expect(answer).toMatchObject({ status: 404, body: { error: expect.any(String) } });
    }
  });
});

describe('what a page looks like', () => {
  test.each<[string, Buffer, string, string]>([
    ['latin1 by its header', Buffer.from('caf\xe9', 'latin1'), 'text/html; charset=iso-8859-1', 'café'],
    ['windows-1252 quotes labelled latin1', Buffer.from([0x93, 0x61, 0x94]), 'text/html; charset=latin1', '“a”'],
    ['shift_jis', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), 'text/html; charset=Shift_JIS', '日本'],
    [
      'shift_jis by its meta element',
      Buffer.concat([Buffer.from('<meta charset="shift_jis">'), Buffer.from([0x93, 0xfa, 0x96, 0x7b])]),
      'text/html',
      '<meta charset="shift_jis">日本',
    ],
    ['utf-8', Buffer.from('grüße 日本 😀'), 'text/html; charset=utf-8', 'grüße 日本 😀'],
    ['JSON that is not declared as such', Buffer.from('{"a":1}'), 'text/plain', '{"a":1}'],
    ['an empty page', Buffer.alloc(0), 'text/html', ''],
  ])('%s is Unicode in body', async (_what, bytes, contentType, body) => {
    const origin = await startOrigin(page(bytes, contentType));
    const { response } = await result(origin.url);
    expect(response.body).toBe(body);
    expect(response).not.toHaveProperty('base64EncodedBody');
  });

  test.each<[string, string, object]>([
    ['an image', 'image/png', {}],
    ['a PDF', 'application/pdf', {}],
    ['bytes that are no text', 'text/html', {}],
    ['what binary_target says', 'text/plain', { binary_target: true }],
  ])('%s is base64EncodedBody instead of body', async (what, contentType, apiParams) => {
    const bytes =
      what === 'what binary_target says'
        ? Buffer.from('text')
        : Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\xff', 'latin1');
    const origin = await startOrigin(page(bytes, contentType));
    const { response } = await result(origin.url, { apiParams });
    expect(response).not.toHaveProperty('body');
    expect(Buffer.from(response.base64EncodedBody, 'base64')).toEqual(bytes);
  });

  test('headers are lower-case texts, with sa-final-url and sa-statuscode, without those of the connection', async () => {
    const origin = await startOrigin((req, res) => {
      if (req.url === '/start') return res.writeHead(301, { location: '/end?x=1' }).end();
      return res
        .writeHead(200, { 'Content-Type': 'text/html', ETag: '"1"', 'Set-Cookie': ['a=1', 'b=2'], 'X-Two': ['1', '2'] })
        .end('end');
    });
    const { url, response } = await result(`${origin.url}/start`);
    expect(url).toBe(`${origin.url}/start`);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/html',
      etag: '"1"',
      date: expect.any(String),
      'x-two': '1, 2',
      'sa-final-url': `${origin.url}/end?x=1`,
      'sa-statuscode': '200',
      'sa-credit-cost': '1',
    });
    for (const [name, value] of Object.entries(response.headers as Record<string, unknown>)) {
      expect(name).toBe(name.toLowerCase());
      expect(typeof value).toBe('string');
    }
    for (const name of ['set-cookie', 'connection', 'keep-alive', 'transfer-encoding', 'content-encoding'])
      expect(response.headers).not.toHaveProperty(name);
  });

  test('?response=false leaves the body out', async () => {
    const origin = await startOrigin(page());
    const { id } = await result(origin.url);
    const { response } = (await service.call('GET', `/jobs/${id}?response=false`)).body;
    expect(response).toMatchObject({ statusCode: 200, headers: { 'sa-statuscode': '200' } });
    expect(response).not.toHaveProperty('body');
  });
});

describe('requests to the target', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    '%s keeps body and content type, without keep_headers',
    async (method) => {
      const origin = await startOrigin(afterBody((res) => res.end('done')));
      const job = await result(origin.url, {
        method,
        body: 'a=1&b=ü',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Mine': 'dropped' },
      });
      expect(job).toMatchObject({ status: 'finished', response: { body: 'done' } });
      const [request] = origin.requests;
      expect(request).toMatchObject({ method, body: 'a=1&b=ü' });
      expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
      expect(request?.headers).not.toHaveProperty('x-mine');
    },
  );

  test.each(['HEAD', 'head', 'OPTIONS'])('%s is sent as such, and an empty answer is an empty body', async (method) => {
    const origin = await startOrigin((_req, res) => res.writeHead(200, { 'x-there': 'yes' }).end());
    const { response } = await result(origin.url, { method });
    expect(response).toMatchObject({ statusCode: 200, body: '', headers: { 'x-there': 'yes' } });
    expect(origin.requests[0]?.method).toBe(method.toUpperCase());
  });

  test('keep_headers sends the headers of the client, and ours fill what is missing', async () => {
    const origin = await startOrigin(page());
    const headers = { 'User-Agent': 'mine/1.0', 'X-Mine': 'kept', Accept: 'text/plain' };
    await result(origin.url, { headers, apiParams: { keep_headers: true } });
    await result(origin.url, { headers });
    const [kept, dropped] = origin.requests;
    expect(kept?.headers).toMatchObject({ 'user-agent': 'mine/1.0', 'x-mine': 'kept', accept: 'text/plain' });
    expect(kept?.headers['accept-language']).toMatch(/^en/);
    expect(dropped?.headers).not.toHaveProperty('x-mine');
    expect(dropped?.headers['user-agent']).toMatch(/Mozilla/);
  });

  test('device_type changes the browser we look like', async () => {
    const origin = await startOrigin(page());
    await result(origin.url, { apiParams: { device_type: 'mobile' } });
    expect(origin.requests[0]?.headers['user-agent']).toMatch(/Mobile/);
  });
});

describe('which answers are final', () => {
  test.each([404, 410])('%i ends the job as finished after one fetch', async (statusCode) => {
    const origin = await startOrigin(page('gone', 'text/html', statusCode));
    expect(await result(origin.url)).toMatchObject({
      status: 'finished',
      attempts: 1,
      response: { statusCode, body: 'gone', headers: { 'sa-statuscode': String(statusCode) } },
    });
  });

  test('with retry_404 a 404 is tried again', async () => {
    let visits = 0;
    const origin = await startOrigin((req, res) => page('now', 'text/html', (visits += 1) === 1 ? 404 : 200)(req, res));
    expect(await result(origin.url, { apiParams: { retry_404: 'true' } })).toMatchObject({
      status: 'finished',
      attempts: 2,
      response: { statusCode: 200 },
    });
  });

  test('with follow_redirect=false the redirect is the result', async () => {
    const origin = await startOrigin((_req, res) => res.writeHead(307, { location: '/x' }).end('moved'));
    expect(await result(origin.url, { apiParams: { follow_redirect: false } })).toMatchObject({
      status: 'finished',
      attempts: 1,
      response: { statusCode: 307, body: 'moved', headers: { location: '/x', 'sa-final-url': `${origin.url}/` } },
    });
    expect(origin.requests).toHaveLength(1);
  });

  test('a failed job has neither response nor statusUrl', async () => {
    const origin = await startOrigin(page('broken', 'text/html', 500));
    const job = await result(origin.url, { timeoutSec: 1, meta: ['mine'] });
    expect(job).toMatchObject({
      status: 'failed',
      failReason: 'failed_due_to_timeout',
      url: origin.url,
      meta: ['mine'],
    });
    expect(job).not.toHaveProperty('response');
    expect(job).not.toHaveProperty('statusUrl');
  });
});

describe('callbacks', () => {
  test('carry the object of the status URL to a receiver that answers 200 with a body, once', async () => {
    const calls: Job[] = [];
    const receiver = await startOrigin((req, res) => {
      const parts: Buffer[] = [];
      req.on('data', (part: Buffer) => parts.push(part));
      req.on('end', () => {
        expect(req.headers['content-type']).toMatch(/^application\/json/);
        calls.push(JSON.parse(Buffer.concat(parts).toString()) as Job);
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: 'x'.repeat(200_000) }));
      });
    });
    const origin = await startOrigin(page());
    const job = await result(origin.url, { callback: { type: 'webhook', url: receiver.url }, meta: { row: 1 } });
    await waitFor(() => calls.length > 0);
    expect(calls).toEqual([job]);
    await sleep(300);
    expect(calls).toHaveLength(1);
  });

  test.each(['expectUnsuccessReport', 'expectsUnsuccessReport'])('%s asks for failed jobs as well', async (field) => {
    const receiver = await createReceiver();
    const origin = await startOrigin(page('broken', 'text/html', 500));
    const more = { timeoutSec: 1, callback: { type: 'webhook', url: receiver.url } };
    const silent = await result(origin.url, more);
    const loud = await result(origin.url, { ...more, [field]: 'true' });
    await waitFor(() => receiver.calls.length > 0);
    expect(receiver.calls.map(({ body }) => body)).toEqual([loud]);
    expect(silent).toMatchObject({ status: 'failed' });
  });

  test('user and password in the URL become HTTP Basic', async () => {
    const receiver = await createReceiver();
    const origin = await startOrigin(page());
    await result(origin.url, { callback: { type: 'webhook', url: receiver.url.replace('//', '//me:p%40ss@') } });
    await waitFor(() => receiver.calls.length > 0);
    expect(receiver.calls[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });
});

test('the account is asked with api_key and has numbers throughout', async () => {
  const answer: Answer = await service.call('GET', `/account?api_key=${TEST_KEY}`);
  expect(answer.status).toBe(200);
  for (const name of [
    ...['concurrencyLimit', 'concurrentRequests', 'failedRequestCount', 'requestCount', 'requestLimit', 'creditsLeft'],
  ])
    expect(answer.body[name]).toEqual(expect.any(Number));
});
