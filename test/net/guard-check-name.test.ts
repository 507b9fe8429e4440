import { createGuard } from '../../src/net/guard';
import type { GuardOptions } from '../../src/net/guard';

type Resolve = NonNullable<GuardOptions['resolve']>;

/** A resolver that knows these names, and notes what it was asked for. */
function resolverOf(known: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const resolve: Resolve = (name, _options, callback) => {
    asked.push(name);
    const answers = known[name];
    setImmediate(() => {
      if (answers === undefined) callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
      else
        callback(
          null,
          answers.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
    });
  };
  return { asked, resolve };
}

const known = {
  'public.test': ['93.184.216.34'],
  'private.test': ['10.0.0.1'],
  'mixed.test': ['93.184.216.34', '127.0.0.1'],
  'empty.test': [],
};

test.each(['public.test', 'PUBLIC.test.', 'unknown.test', 'empty.test', '93.184.216.34', '[2606:4700::1111]'])(
  '%s may be asked of a proxy',
  async (name) => {
    await expect(createGuard([], resolverOf(known)).checkName(name)).resolves.toBeUndefined();
  },
);

test.each([
  'private.test', 'mixed.test', 'localhost', 'a.localhost.', '127.0.0.1', '[::1]', '169.254.169.254', 'metadata.google.internal',
])('%s may not', async (name) => {
  await expect(createGuard([], resolverOf(known)).checkName(name)).rejects.toMatchObject({
    name: 'ForbiddenTargetError',
    reason: expect.any(String),
  });
}); // prettier-ignore

test('what the owner has opened may be asked of a proxy too', async () => {
  const { checkName } = createGuard(['10.0.0.0/8', 'mixed.test', 'metadata.google.internal'], resolverOf(known));
  for (const name of ['private.test', 'mixed.test', '10.1.2.3', 'metadata.google.internal']) await checkName(name);
});

test('the resolver is asked once in 30 s for a name, also by many at once', async () => {
  let nowMs = 0;
  const { asked, resolve } = resolverOf(known);
  const { checkName } = createGuard([], { resolve, now: () => nowMs });
  const both = () =>
    Promise.allSettled([...Array(50).keys()].map((key) => checkName(key % 2 ? 'public.test' : 'private.test')));
  const first = await both();
  expect(first.filter(({ status }) => status === 'rejected')).toHaveLength(25);
  nowMs = 29_999;
  await both();
  expect(asked).toEqual(['private.test', 'public.test']);
  nowMs = 30_000;
  await both();
  expect(asked).toHaveLength(4);
});

test('no more than 5,000 names are kept, and the oldest goes first', async () => {
  const { asked, resolve } = resolverOf(known);
  const { checkName } = createGuard([], { resolve });
  for (let name = 0; name < 5_000; name += 1) await checkName(`${name}.test`);
  await checkName('0.test');
  expect(asked).toHaveLength(5_000);
  await checkName('5000.test');
  await checkName('1.test');
  expect(asked).toHaveLength(5_001);
  await checkName('0.test');
  expect(asked).toHaveLength(5_002);
});
