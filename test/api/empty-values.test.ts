import { checkOptions } from '../../src/jobs/check-request';
import { NO_FEATURES } from '../../src/jobs/features';
import { ApiParams, apiParamNames } from '../../src/jobs/api-params';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

// Forms send an empty string for a field that was left empty, and PHP an empty array for an empty map.

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ roles: ['api'] });
});
afterAll(() => service.stop());

const url = 'https://a.example/';
const submit = (body: object, path = '/jobs') => service.call('POST', path, { apiKey: TEST_KEY, url, ...body });
const optionsOf = (body: Record<string, unknown>) => {
  const checked = checkOptions(body, NO_FEATURES);
  return checked.ok ? checked.options : checked.details;
};

test.each([...apiParamNames, 'maxCost'])('an empty %s is not given, inside apiParams and beside', async (name) => {
  expect(optionsOf({ [name]: '' })).toEqual({});
  expect(optionsOf({ apiParams: { [name]: '' } })).toEqual({});
  for (const body of [{ [name]: '' }, { apiParams: { [name]: '' } }]) {
    const answer = await submit(body);
    expect({ status: answer.status, ignored: answer.headers.get('x-ignored-parameters') }).toEqual({
      status: 200,
      ignored: null,
    });
  }
  const query = `api_key=${TEST_KEY}&url=${encodeURIComponent(url)}&${name}=`;
  expect((await service.call('GET', `/account/urlcost?${query}`)).body).toEqual({ cost: 1, credits: 1 });
});

test('what is empty or null inside leaves what stands beside', () => {
  expect(optionsOf({ retry_404: true, apiParams: { retry_404: '' } })).toEqual({ apiParams: { retry_404: true } });
  expect(optionsOf({ retry_404: true, apiParams: { retry_404: null } })).toEqual({ apiParams: { retry_404: true } });
  expect(optionsOf({ retry_404: true, apiParams: { retry_404: false } })).toEqual({ apiParams: { retry_404: false } });
});

test.each([...['method', 'body', 'expectUnsuccessReport', 'expectsUnsuccessReport', 'timeoutSec', 'urls', 'fanOut']])(
  'an empty %s is not given',
  async (name) => {
    expect(optionsOf({ [name]: '' })).toEqual({});
    const answer = await submit({ [name]: '' }, name === 'fanOut' ? '/batchjobs' : '/jobs');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-ignored-parameters')).toBeNull();
  },
);

test.each(['headers', 'callback', 'successWhen', 'onDone', 'apiParams'])('%s: [] is {}', async (name) => {
  expect((await submit({ [name]: [] }, '/batchjobs')).status).toBe(200);
  for (const wrong of [['x'], '']) expect((await submit({ [name]: wrong }, '/batchjobs')).status).toBe(400);
});

test('an empty meta comes back', async () => {
  expect((await submit({ meta: '' })).body.meta).toBe('');
});

test('an empty URL is none', async () => {
  expect(await submit({ url: '' })).toMatchObject({ status: 400, body: { code: 'invalid_url' } });
});

test.each(['uk', 'UK', 'Uk', 'gb', 'GB'])('the country %s is gb', (code) => {
  expect(ApiParams.parse({ country_code: code })).toEqual({ country_code: 'gb' });
});

describe('maxCost', () => {
  const dear = { url: 'https://www.amazon.com/' };
  test.each([
    ['beside apiParams', { maxCost: 4 }],
    ['in apiParams', { apiParams: { maxCost: 4 } }],
    ['in apiParams as a text', { apiParams: { maxCost: '4' } }],
    ['in apiParams, over the one beside', { maxCost: 100, apiParams: { maxCost: 4 } }],
    ['in apiParams, over max_cost beside', { max_cost: 100, apiParams: { maxCost: 4 } }],
    ['beside an empty max_cost', { max_cost: '', maxCost: 4 }],
  ])('%s is a bound of the price', async (_where, more) => {
    const answer = await submit({ ...dear, ...more });
    expect(answer).toMatchObject({ status: 403, body: { code: 'max_cost_exceeded' } });
    expect(answer.headers.get('x-ignored-parameters')).toBeNull();
  });

  test('max_cost counts more than maxCost at the same place', async () => {
    expect((await submit({ ...dear, apiParams: { maxCost: 4, max_cost: 5 } })).status).toBe(200);
  });

  test('one that is no number is an error', async () => {
    expect(await submit({ apiParams: { maxCost: 'x' } })).toMatchObject({
      status: 400,
      body: { details: [{ path: 'apiParams.max_cost' }] },
    });
  });

  test('URLs of a batch that are over it end at once', async () => {
    const urls = [url, dear.url];
    const { body } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, apiParams: { maxCost: 4 } });
    const jobs = [];
    for (const { id } of body) jobs.push((await service.call('GET', `/jobs/${id}`)).body);
    expect(jobs).toMatchObject([{ status: 'running' }, { status: 'failed', failReason: 'max_cost_exceeded' }]);
  });
});

test.each([
  ['GET', '/nowhere'],
  ['POST', '/job'],
  ['PUT', '/batches'],
  ['GET', '/v1/jobs/x'],
])('%s %s, which there is not, has error beside the fields of a problem', async (method, path) => {
  const { status, body } = await service.call(method, path);
  expect(status).toBe(404);
  expect(body).toMatchObject({ type: 'about:blank', status: 404, code: 'not_found', error: body.detail });
  expect(body.error).toContain(path);
});
