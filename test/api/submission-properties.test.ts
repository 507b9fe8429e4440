import fc from 'fast-check';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ roles: ['api'] });
});
afterAll(() => service.stop());

const TABLES = ['jobs', 'batches', 'batch_chunks'];
const rows = async () => {
  const [row] = await service.db.database.query(
    `select ${TABLES.map((table) => `(select count(*) from ${table}) as ${table}`).join(', ')}`,
  );
  return row;
};

const object = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor')), fc.jsonValue(), {
  minKeys: 1,
});
const list = fc.array(fc.jsonValue(), { minLength: 1 });
const text = fc.string({ unit: 'binary' });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const outside = (min: number, max: number) =>
  fc.oneof(
    fc.maxSafeInteger().map((value) => (value < 0 ? min + value : max + 1 + value)),
    fc.constantFrom(1e308, min + 0.5, min - 1, max + 1),
  );
const noInteger = fc.oneof(object, list, fc.boolean(), fc.constantFrom('ten', '1.5', '0x10', '1e3', '\u0000'));
const noBoolean = fc.oneof(object, list, fc.integer({ min: 2 }), fc.constantFrom('perhaps', 'truth', '2', '\u0000'));
/** Empty strings are not among the wrong values, because they count as absent (`empty-values.test.ts`). */
const isNotEmpty = (value: string) => value !== '';
const noString = fc.oneof(object, list, fc.boolean(), number);
const noUrl = fc.oneof(
  noString,
  text.filter((value) => !/^\s*https?:\/\//i.test(value)),
  fc.constantFrom('http://', '//a.example', 'file:///etc/passwd', 'javascript:alert(1)', 'https://a.example/\r\nx: y'),
  fc.constantFrom('https://a.example/\u0000', 'https://a.example/\ud800', `https://a.example/${'x'.repeat(8_192)}`),
);
const noUrlField = fc.oneof(noUrl, fc.constant(null));
const enumOf = (names: readonly string[]) =>
  fc.oneof(
    noString,
    text.filter(isNotEmpty).filter((value) => !names.includes(value.toLowerCase())),
  );

const METHODS = ['get', 'post', 'put', 'head', 'patch', 'delete', 'options'];
const booleans = ['keep_headers', 'follow_redirect', 'retry_404', 'binary_target', 'render', 'premium', 'autoparse'];

/** A field, the path that the answer has to name, and values that are wrong for it. */
const wrong: readonly (readonly [path: string, values: fc.Arbitrary<unknown>])[] = [
  ['url', noUrlField],
  ['method', enumOf(METHODS)],
  ['headers', fc.oneof(list, fc.boolean(), number, text)],
  ['headers.x-a', fc.oneof(object, list, fc.constantFrom('a\r\nb', 'a\nb', '\u0000', 'x'.repeat(16_385)))],
  ['body', noString],
  ['callback', fc.oneof(list, fc.boolean(), number, text)],
  [
    'callback.type',
    fc.oneof(
      noString,
      text.filter((value) => value !== 'webhook'),
    ),
  ],
  ['callback.url', noUrlField],
  ['expectUnsuccessReport', noBoolean],
  ['timeoutSec', fc.oneof(outside(1, 86_400), noInteger)],
  ['meta', fc.oneof(fc.string({ minLength: 4_095, maxLength: 5_000 }), fc.constant('\u0000'.repeat(700)))],
  ['apiParams', fc.oneof(list, fc.boolean(), text)],
  ...booleans.map((name) => [`apiParams.${name}`, noBoolean] as const),
  ['apiParams.device_type', enumOf(['desktop', 'mobile'])],
  ['apiParams.output_format', enumOf(['html', 'text', 'markdown', 'json'])],
  ['apiParams.country_code', fc.oneof(noString, fc.constantFrom('usa', 'u', '12', 'u\u0000'))],
  ['apiParams.session_number', fc.oneof(outside(0, 2_147_483_647), noInteger)],
  ['apiParams.max_cost', fc.oneof(object, list, fc.constantFrom(-1, 1e308, 'cheap', '-1'))],
];

/** Puts a value at a path such as `callback.url` into a body that is valid otherwise. */
function bodyWith(path: string, value: unknown): Record<string, unknown> {
  const [field = '', inner] = path.split('.');
  const base = { apiKey: TEST_KEY, url: 'https://a.example/' };
  if (inner === undefined) return { ...base, [field]: value };
  const beside = field === 'callback' ? { type: 'webhook', url: 'https://hook.example/' } : {};
  return { ...base, [field]: { ...beside, [inner]: value } };
}

const cases = fc.oneof(
  ...wrong.map(([path, values]) => values.map((value) => ({ path, body: bodyWith(path, value) }))),
);

test('a wrong value is answered with 4xx and JSON that names the field, and nothing is stored', async () => {
  const before = await rows();
  await fc.assert(
    fc.asyncProperty(cases, fc.constantFrom('/jobs', '/batchjobs'), async ({ path, body }, route) => {
      const { status, headers, body: answer } = await service.call('POST', route, body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(headers.get('content-type')).toContain('application/json');
      expect(answer).toMatchObject({ error: expect.any(String), code: expect.any(String) });
      const paths = (answer.details as { path: string }[]).map((detail) => detail.path);
      const named = route === '/batchjobs' && path === 'url' ? 'urls[0]' : path;
      expect(paths).toContain(named);
      expect(await rows()).toEqual(before);
    }),
    { numRuns: 250 },
  );
});

test('any JSON at all is answered with JSON below 500', async () => {
  const names = [
    'url',
    'urls',
    'method',
    'headers',
    'body',
    'callback',
    'timeoutSec',
    'meta',
    'apiParams',
    '__proto__',
  ];
  const any = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom(...names, 'render', 'max_cost', 'maxCost', 'constructor'), fc.jsonValue()),
  );
  await fc.assert(
    fc.asyncProperty(any, fc.constantFrom('/jobs', '/batchjobs'), async (body, route) => {
      const answer = await service.call('POST', route, JSON.stringify(body), { 'x-api-key': TEST_KEY });
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers.get('content-type')).toContain('application/json');
    }),
    { numRuns: 200 },
  );
});

const lenient = <T>(values: fc.Arbitrary<T>) =>
  fc.option(fc.oneof(values as fc.Arbitrary<unknown>, values.map(String)), { nil: null });
const tolerated = fc.record(
  {
    method: fc.option(fc.constantFrom(...METHODS, 'Get', 'POST'), { nil: null }),
    headers: fc.option(
      fc.dictionary(
        fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
        fc.oneof(fc.stringMatching(/^[ -~]{0,50}$/), fc.integer()),
      ),
      { nil: null },
    ),
    body: fc.option(text, { nil: null }),
    callback: fc.option(fc.constant({ type: 'webhook', url: 'https://u:p@hook.example/?a=b', more: 1 }), { nil: null }),
    expectUnsuccessReport: lenient(fc.boolean()),
    expectsUnsuccessReport: lenient(fc.boolean()),
    timeoutSec: lenient(fc.integer({ min: 1, max: 86_400 })),
    meta: fc.jsonValue({ maxDepth: 3 }).filter((value) => Buffer.byteLength(JSON.stringify(value)) <= 4_096),
    retry_404: lenient(fc.boolean()),
    keep_headers: fc.constantFrom('yes', 'no', 'on', 'off', 0, 1, ''),
    unknown: fc.jsonValue(),
    apiParams: fc.oneof(
      fc.constantFrom([], null, 3),
      fc.record(
        {
          follow_redirect: lenient(fc.boolean()),
          device_type: fc.constantFrom('desktop', 'mobile', null),
          binary_target: lenient(fc.boolean()),
          render: fc.constantFrom(false, 'false', null),
          max_cost: lenient(fc.integer({ min: 100, max: 1_000 })),
          tpyo: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);

test('the tolerances of the compatible surface are taken, in any combination', async () => {
  await fc.assert(
    fc.asyncProperty(tolerated, fc.webUrl({ withQueryParameters: true }), async (options, url) => {
      const { status, body } = await service.call('POST', '/jobs', { api_key: TEST_KEY, url, ...options });
      expect({ status, body }).toMatchObject({ status: 200, body: { status: 'running', url } });
      const sent: unknown = options.meta === undefined ? undefined : JSON.parse(JSON.stringify(options.meta));
      expect(body.meta).toEqual(sent);
      expect((await service.call('GET', `/jobs/${body.id}`)).body.meta).toEqual(sent);
    }),
    { numRuns: 100 },
  );
});
