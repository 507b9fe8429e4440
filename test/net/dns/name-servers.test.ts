import { closeNameServers, openNameServer, openResolver } from './resolver-fixture';

afterEach(closeNameServers);

const V4 = '93.184.216.34';
const V6 = '2606:2800:220:1::1';
const NOBODY = '127.0.0.1:1';

describe('a first name server that is no help', () => {
  test.each(['SERVFAIL', 'REFUSED', 'FORMERR'] as const)('and answers %s: the second is asked', async (rcode) => {
    const first = await openNameServer(() => ({ rcode }));
    const { find, server } = await openResolver(() => [V4], { serversAround: (second) => [first.address, second] });
    expect(await find('a.test')).toEqual([V4]);
    expect(first.questions).toHaveLength(2);
    expect(server.questions).toHaveLength(2);
  });

  test('and is not there: the second is asked', async () => {
    const { find } = await openResolver(() => [V4], { serversAround: (second) => [NOBODY, second] });
    expect(await find('a.test')).toEqual([V4]);
  });

  test('and is silent: the second is asked, and is asked first from then on', async () => {
    const first = await openNameServer(() => 'silence');
    const { find } = await openResolver(() => [V4], { serversAround: (second) => [first.address, second] });
    expect(await find('a.test')).toEqual([V4]);
    expect(await find('b.test')).toEqual([V4]);
    expect(new Set(first.questions.map(({ name }) => name))).toEqual(new Set(['a.test']));
  });

  test('and cannot even be named to c-ares: the second is asked', async () => {
    const { find } = await openResolver(() => [V4], { serversAround: (second) => ['no address', second] });
    expect(await find('a.test')).toEqual([V4]);
  });

  test('but knows that there is no such name: nobody else is asked', async () => {
    const first = await openNameServer(() => ({ rcode: 'NXDOMAIN' }));
    const { find, server } = await openResolver(() => [V4], { serversAround: (second) => [first.address, second] });
    expect(await find('a.test')).toBe('ENOTFOUND');
    expect(server.questions).toEqual([]);
  });
});

test('a single name server that fails once is asked again', async () => {
  const { find } = await openResolver((_name, asked) => (asked === 1 ? { rcode: 'SERVFAIL' } : [V4]));
  expect(await find('a.test')).toEqual([V4]);
});

describe('an answer that is truncated', () => {
  const many = Array.from({ length: 200 }, (_, index) => `93.184.${index}.34`);

  test('is asked for again over TCP', async () => {
    const { find, server } = await openResolver(() => ({ addresses: [V4, V6], isTruncated: true }));
    expect([...(await find('a.test'))].sort()).toEqual([V6, V4].sort());
    expect(server.questions.filter(({ isTcp }) => isTcp).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['A', 'AAAA']),
    );
  });

  test('may have more addresses over TCP than are kept', async () => {
    const { find } = await openResolver(() => ({ addresses: many, isTruncated: true }));
    expect(await find('a.test')).toEqual(many.slice(0, 64));
  });
});

describe('aliases', () => {
  test('are followed to the end of a chain', async () => {
    const alias = ['b.test', 'c.cdn.test', 'd.edge.test'].map((name) => ({ name, ttl: 60 }));
    const { find } = await openResolver(() => ({ addresses: [V4], alias }));
    expect(await find('a.test')).toEqual([V4]);
  });

  test.each([
    ['to itself', [{ name: 'a.test', ttl: 60 }]],
    ['in a circle', ['b.test', 'a.test', 'b.test'].map((name) => ({ name, ttl: 60 }))],
    ['to nothing', [{ name: 'gone.test', ttl: 60 }]],
  ])('that lead %s have no address', async (_where, alias) => {
    const { find } = await openResolver(() => ({ alias }));
    expect(await find('a.test')).toBe('ENOTFOUND');
  });
});

describe('one family', () => {
  test('may be the only one that there is', async () => {
    const { find } = await openResolver(() => [V6]);
    expect(await find('six.test')).toEqual([V6]);
  });

  test.each(['NXDOMAIN', 'SERVFAIL', 'REFUSED'] as const)(
    'may have addresses although the server says %s of the other (RFC 4074 §4)',
    async (rcode) => {
      const { find } = await openResolver((_name, _asked, { type }) => (type === 'A' ? [V4] : { rcode }));
      expect(await find('a.test')).toEqual([V4]);
    },
  );

  test('does not wait for the other when the server is silent about it', async () => {
    const { find } = await openResolver((_name, _asked, { type }) => (type === 'A' ? [V4] : 'silence'));
    expect(await find('a.test')).toEqual([V4]);
  });

  test('that has none, with trouble about the other, is no answer', async () => {
    const { find } = await openResolver((_name, _asked, { type }) => (type === 'A' ? { rcode: 'SERVFAIL' } : []));
    expect(await find('a.test')).toBe('EAI_AGAIN');
  });
});
