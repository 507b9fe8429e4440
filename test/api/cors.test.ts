import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

// These are the requests that a browser sends and the headers that it needs (Fetch Standard §3.3).

const APP = 'https://app.example';
const preflight = (origin = APP, headers = 'content-type, x-api-key, idempotency-key') => ({
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': headers,
});

describe('with CORS_ORIGINS', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({
      roles: ['api'],
      env: { CORS_ORIGINS: 'HTTPS://App.example:443/, http://localhost:3000' },
    });
  });
  afterAll(() => service.stop());

  test.each(['/jobs', '/batchjobs', '/jobs/x', '/batches/x', '/account', '/nowhere'])(
    'a preflight of %s is answered without a key and without a body',
    async (path) => {
      const { status, headers, body } = await service.call('OPTIONS', path, undefined, preflight());
      expect(status).toBe(204);
      expect(body).toBeUndefined();
      expect(headers.get('access-control-allow-origin')).toBe(APP);
      expect(headers.get('access-control-allow-headers')).toBe('content-type, x-api-key, idempotency-key');
      const methods = headers.get('access-control-allow-methods')?.split(',');
      expect(methods).toEqual(expect.arrayContaining(['GET', 'POST', 'DELETE']));
      expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(0);
      expect(headers.get('vary')).toMatch(/Origin/);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    },
  );

  test.each([APP, 'http://localhost:3000'])('a script of %s may read the answer and its headers', async (origin) => {
    const job = { apiKey: TEST_KEY, urls: ['https://a.example/'] };
    const { status, headers } = await service.call('POST', '/batchjobs', job, { origin });
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('vary')).toMatch(/Origin/);
    const exposed = headers.get('access-control-expose-headers')?.split(',');
    expect(exposed).toEqual(
      expect.arrayContaining([
        ...['X-Batch-Id', 'Retry-After', 'ETag', 'Location', 'Link', 'Idempotency-Replayed', 'X-Ignored-Parameters'],
      ]),
    );
  });

  test.each([
    ['POST', '/jobs', 401],
    ['GET', '/jobs/x', 404],
    ['GET', '/nowhere', 404],
    ['GET', '/batches/x', 401],
    ['GET', '/jobs/%zz', 400],
  ])('an error of %s %s can be read, too', async (method, path, status) => {
    const answer = await service.call(method, path, method === 'POST' ? { url: 'x' } : undefined, { origin: APP });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP);
  });

  test.each(['https://other.example', 'http://app.example', 'https://app.example.evil.example', 'null'])(
    'a script of %s may not',
    async (origin) => {
      for (const headers of [preflight(origin), { origin }]) {
        const method = 'access-control-request-method' in headers ? 'OPTIONS' : 'GET';
        const answer = await service.call(method, '/jobs/x', undefined, headers);
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
        expect(answer.headers.get('vary')).toMatch(/Origin/);
      }
    },
  );

  test('what varies otherwise still varies by origin', async () => {
    const { body, headers } = await service.call('POST', '/batchjobs', {
      apiKey: TEST_KEY,
      urls: ['https://a.example/'],
    });
    expect(body).toHaveLength(1);
    const path = `/batches/${headers.get('x-batch-id')}/results?api_key=${TEST_KEY}`;
    const answer = await service.call('GET', path, undefined, { origin: APP });
    expect(answer.headers.get('vary')).toBe('Origin, Accept-Encoding');
  });

  test('OPTIONS that is no preflight is asked of the route', async () => {
    const { status, headers } = await service.call('OPTIONS', '/jobs');
    expect(status).toBe(200);
    expect(headers.get('allow')).toContain('POST');
  });
});

test('all origins may be let in, and by default none is', async () => {
  for (const [env, expected] of [
    [{ CORS_ORIGINS: '*' }, '*'],
    [{}, null],
  ] as const) {
    const service = await startTestService({ roles: ['api'], env });
    try {
      for (const [method, headers] of [
        ['OPTIONS', preflight()],
        ['GET', { origin: APP }],
      ] as const) {
        const answer = await service.call(method, '/jobs/x', undefined, headers);
        expect(answer.headers.get('access-control-allow-origin')).toBe(expected);
      }
    } finally {
      await service.stop();
    }
  }
});
