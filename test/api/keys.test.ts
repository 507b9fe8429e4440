import { collectLogs } from '../support/collect-logs';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { Answer, TestService } from '../support/test-service';

const { logger, entries } = collectLogs();

/** Two API processes of one installation. */
let first: TestService;
let second: TestService;

beforeAll(async () => {
  first = await startTestService({ roles: ['api'], logger });
  second = await startTestService({ roles: ['api'], beside: first });
});
afterAll(async () => {
  await second.stop();
  await first.stop();
});

const ask = (method: string, path: string, body?: object, key = TEST_KEY, service = first): Promise<Answer> =>
  service.call(method, path, body, { 'x-api-key': key });

interface MadeKey {
  readonly id: string;
  readonly key: string;
}

async function make(name: string, more: object = {}): Promise<MadeKey> {
  const { status, body } = await ask('POST', '/keys', { name, ...more });
  expect(status).toBe(201);
  return body;
}

const rows = () => first.db.database.query('select * from api_keys order by id');
const submit = (key: string, service = first) => ask('POST', '/jobs', { url: 'http://127.0.0.1:9/' }, key, service);
const NOBODY = '/keys/0b9d5c1e-8a63-4f27-9c41-7e20d6b3f518';

test('a key is made, listed, changed and revoked, and each change counts at every API from the next request on', async () => {
  const made = await ask('POST', '/keys', { name: 'prices', limits: { credits: 0, concurrency: 3 } });
  expect(made).toMatchObject({ status: 201, body: { name: 'prices', isAdmin: false } });
  const { id, key, ...object } = made.body;
  expect(key).toMatch(/^ef_[0-9a-f]{40}$/);
  expect(made.headers.get('location')).toBe(`/keys/${id}`);
  expect(made.headers.get('cache-control')).toBe('no-store');
  expect(object).toMatchObject({
    limits: { credits: 0, concurrency: 3, submitsPerSecond: 100, maxUnfinished: 250_000 },
    usage: { credits: 0, reserved: 0, unfinished: 0, finished: 0, failed: 0, cancelled: 0 },
  });

  expect(await submit(key, second)).toMatchObject({ status: 403, body: { code: 'credits_exhausted' } });
  const limits = { credits: 5, concurrency: null, maxUnfinished: 7 };
  const changed = await ask('PATCH', `/keys/${id}`, { name: 'price watch', limits }, TEST_KEY, second);
  expect(changed).toMatchObject({ status: 200, body: { id, name: 'price watch', isAdmin: false } });
  expect(changed.body.limits).toEqual({ credits: 5, submitsPerSecond: 100, maxUnfinished: 7 });
  expect(await submit(key)).toMatchObject({ status: 200 });
  const shown = await ask('GET', `/keys/${id}`);
  expect(shown.body.usage).toMatchObject({ credits: 0, reserved: 1, unfinished: 1 });
  const { body: list } = await ask('GET', '/keys');
  expect(list).toEqual({ items: expect.arrayContaining([shown.body]) });
  expect(JSON.stringify(list)).not.toMatch(/ef_|whsec_|hash/);

  const revoked = await ask('DELETE', `/keys/${id}`);
  expect(revoked).toMatchObject({ status: 200, body: { name: 'price watch', revokedAt: expect.any(String) } });
  for (const service of [first, second])
    expect(await submit(key, service)).toMatchObject({ status: 401, body: { code: 'unknown_api_key' } });
  expect(await ask('DELETE', `/keys/${id}`)).toMatchObject({ status: 200, body: revoked.body });
  expect(await ask('PATCH', `/keys/${id}`, { name: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'key_revoked' },
  });
  expect(await ask('POST', '/keys', { name: 'price watch' })).toMatchObject({
    status: 409,
    body: { code: 'key_name_taken', errors: [{ path: 'name' }] },
  });

  const log = JSON.stringify(entries);
  expect(log).not.toContain(key.slice(3));
  expect(log).not.toContain(TEST_KEY);
  const done = entries
    .filter((entry) => entry['key_id'] === id)
    .map(({ msg, admin_key_name: by }) => `${String(by)}: ${String(msg)}`);
  expect(done).toEqual(['default: API key made', 'default: API key revoked', 'default: API key revoked']);
});

test('only an admin key may ask, whatever it asks for', async () => {
  const { id, key } = await make('plain');
  const before = await rows();
  for (const [method, path, body] of [
    ['GET', '/keys'],
    ['POST', '/keys', { name: 'stolen', isAdmin: true }],
    ['POST', '/keys', { unknown: 1 }],
    ['GET', `/keys/${id}`],
    ['PATCH', `/keys/${id}`, { isAdmin: true }],
    ['DELETE', `/keys/${id}`],
    ['GET', NOBODY],
  ] as const) {
    expect(await ask(method, path, body, key)).toMatchObject({ status: 403, body: { code: 'admin_key_required' } });
    expect(await ask(method, path, body, 'nobody')).toMatchObject({ status: 401, body: { code: 'unknown_api_key' } });
  }
  expect(await rows()).toEqual(before);
});

test('an admin key neither revokes nor demotes itself, and of two that revoke each other one stays', async () => {
  const me = (await ask('GET', '/keys')).body.items.find(({ name }: { name: string }) => name === 'default');
  expect(me.isAdmin).toBe(true);
  const alone = { status: 409, body: { code: 'last_admin_key' } };
  expect(await ask('DELETE', `/keys/${me.id}`)).toMatchObject(alone);
  expect(await ask('PATCH', `/keys/${me.id}`, { isAdmin: false, limits: { credits: 1 } })).toMatchObject(alone);

  const other = await make('second owner', { isAdmin: true });
  const itself = { status: 409, body: { code: 'key_in_use' } };
  expect(await ask('DELETE', `/keys/${me.id}`)).toMatchObject(itself);
  expect(await ask('PATCH', `/keys/${me.id}`, { isAdmin: false })).toMatchObject(itself);
  expect(await ask('PATCH', `/keys/${me.id}`, { isAdmin: true })).toMatchObject({ status: 200, body: me });
  expect(await ask('PATCH', `/keys/${other.id}`, { isAdmin: false })).toMatchObject({ body: { isAdmin: false } });
  expect(await ask('GET', '/keys', undefined, other.key)).toMatchObject({ status: 403 });
  expect(await ask('PATCH', `/keys/${other.id}`, { isAdmin: true })).toMatchObject({ body: { isAdmin: true } });

  const third = await make('third owner', { isAdmin: true });
  const both = await Promise.all([
    ask('DELETE', `/keys/${other.id}`, undefined, third.key, first),
    ask('DELETE', `/keys/${third.id}`, undefined, other.key, second),
  ]);
  const [won, lost] = both.sort((a, b) => a.status - b.status);
  expect(won?.status).toBe(200);
  // It had been revoked before it was looked up, or after.
  expect([401, 403]).toContain(lost?.status);
});

test('the list comes in pages, and a cursor is one of this list', async () => {
  for (const name of ['a', 'b', 'c']) await make(`page ${name}`);
  const whole = (await ask('GET', '/keys')).body.items;
  const found: unknown[] = [];
  let path = '/keys?limit=2';
  for (let pages = 0; path !== '' && pages < 50; pages++) {
    const { body, headers } = await ask('GET', path);
    found.push(...body.items);
    path = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
    expect(path !== '').toBe(body.nextCursor !== undefined);
  }
  expect(found).toEqual(whole);
  expect(await ask('GET', '/keys?cursor=x')).toMatchObject({ status: 400, body: { errors: [{ path: 'cursor' }] } });
});

const name = 'wrong';
test.each([
  ['POST', '/keys', undefined, ['request']],
  ['POST', '/keys', {}, ['name']],
  ['POST', '/keys', { name: 7 }, ['name']],
  ['POST', '/keys', { name: ' spaced' }, ['name']],
  ['POST', '/keys', { name: 'a\u001b[31m' }, ['name']],
  ['POST', '/keys', { name: 'x'.repeat(101) }, ['name']],
  ['POST', '/keys', { name, isAdmin: 'yes' }, ['isAdmin']],
  ['POST', '/keys', { name, limits: 5 }, ['limits']],
  ['POST', '/keys', { name, limits: { credit: 5 } }, ['limits']],
  ['POST', '/keys', { name, limits: { credits: -1, concurrency: 0 } }, ['limits.credits', 'limits.concurrency']],
  ['POST', '/keys', { name, limits: { submitsPerSecond: 2 ** 31, maxUnfinished: 1.5 } }, undefined],
  ['POST', '/keys', { name, limits: { maxUnfinished: '5' } }, ['limits.maxUnfinished']],
  ['POST', '/keys', { name, secret: 'x' }, ['secret']],
  ['POST', '/keys?name=wrong', { name }, ['name']],
  ['PATCH', NOBODY, {}, ['']],
  ['PATCH', NOBODY, { limits: null }, ['limits']],
  ['PATCH', NOBODY, { revokedAt: null }, ['revokedAt']],
  ['GET', '/keys?limit=0', undefined, ['limit']],
  ['GET', '/keys?name=a', undefined, ['name']],
  ['DELETE', `${NOBODY}?purge=true`, undefined, ['purge']],
])('%s %s with %j is refused and changes nothing', async (method, path, body, paths) => {
  const before = await rows();
  const answer = await ask(method, path, body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  const errors: { path: string }[] = answer.body.errors ?? [{ path: 'request' }];
  if (paths !== undefined) expect(errors.map((error) => error.path)).toEqual(paths);
  expect(await rows()).toEqual(before);
});

test('a key that is not there is 404, and neither two names are equal nor is the default key renamed', async () => {
  for (const path of [NOBODY, '/keys/x'])
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const)
      expect(await ask(method, path, body)).toMatchObject({ status: 404, body: { code: 'not_found' } });

  const { id } = await make('renamed');
  const taken = { status: 409, body: { code: 'key_name_taken' } };
  expect(await ask('PATCH', `/keys/${id}`, { name: 'default', limits: { credits: 1 } })).toMatchObject(taken);
  expect((await ask('GET', `/keys/${id}`)).body.limits.credits).toBeUndefined();
  const both = await Promise.all(
    [first, second].map((service) => ask('POST', '/keys', { name: 'raced' }, TEST_KEY, service)),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);

  const me = (await ask('GET', '/keys')).body.items.find((key: { name: string }) => key.name === 'default');
  expect(await ask('PATCH', `/keys/${me.id}`, { name: 'mine' })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'name' }] },
  });
  expect(await ask('PATCH', `/keys/${me.id}`, { name: 'default' })).toMatchObject({ status: 200 });
});
