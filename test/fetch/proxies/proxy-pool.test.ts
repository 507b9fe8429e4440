import fc from 'fast-check';
import { parseProxies } from '../../../src/fetch/proxies/parse-proxies';
import { ProxyPool } from '../../../src/fetch/proxies/proxy-pool';
import type { ProxyVerdict, ProxyWish } from '../../../src/fetch/proxies/proxy-pool';
import type { ProxyTier } from '../../../src/fetch/proxies/proxy';

const MINUTE = 60_000;
const clock = { ms: 0 };
beforeEach(() => {
  clock.ms = 1_700_000_000_000;
});

const poolOf = (...lines: readonly string[]) => new ProxyPool(parseProxies(lines.join('\n')), { now: () => clock.ms });
const wish = (rest: Partial<ProxyWish> = {}): ProxyWish => ({
  tiers: ['standard'],
  host: 'h.test',
  random: 0,
  ...rest,
});

/** Counts how many of `count` evenly spread draws fall on each proxy. Each use is followed by a report, if one is given. */
function sharesOf(pool: ProxyPool, rest: Partial<ProxyWish> = {}, count = 1_000): Readonly<Record<string, number>> {
  const shares: Record<string, number> = {};
  for (let index = 0; index < count; index += 1) {
    const id = pool.choose(wish({ ...rest, random: index / count }))?.id ?? 'none';
    shares[id] = (shares[id] ?? 0) + 1;
  }
  return shares;
}

const A = 'http://a:80';
const B = 'http://b:80';
const C = 'http://c:80';
const repeat = (pool: ProxyPool, count: number, id: string, verdict: ProxyVerdict, host = 'h.test') => {
  for (let each = 0; each < count; each += 1) pool.report(id, host, verdict);
};

test('weights share out the traffic', () => {
  expect(sharesOf(poolOf(`${A} weight=3`, B))).toEqual({ [A]: 750, [B]: 250 });
});

test('tiers are taken in the order of preference, countries strictly', () => {
  const pool = poolOf(A, `${B} tier=premium country=de`, `${C} tier=premium country=us`, 'direct tier=ultra_premium');
  expect(sharesOf(pool, { tiers: ['premium', 'standard'] })).toEqual({ [B]: 500, [C]: 500 });
  expect(sharesOf(pool, { tiers: ['premium'], country: 'DE' })).toEqual({ [B]: 1_000 });
  expect(sharesOf(pool, { tiers: ['standard', 'premium'], country: 'us' })).toEqual({ [C]: 1_000 });
  expect(sharesOf(pool, { tiers: ['standard'], country: 'us' })).toEqual({ none: 1_000 });
  expect(sharesOf(pool, { tiers: [] })).toEqual({ none: 1_000 });
  expect(pool.choose(wish({ tiers: ['ultra_premium'] }))?.kind).toBe('direct');
  expect(new ProxyPool([]).choose(wish())).toBeUndefined();
});

test('eu is any member state, or the tag itself', () => {
  const pool = poolOf(`${A} country=gr`, `${B} country=uk`, `${C} country=eu`, 'http://d country=ch', 'http://e');
  expect(sharesOf(pool, { country: 'eu' })).toEqual({ [A]: 500, [C]: 500 });
  expect(sharesOf(pool, { country: 'gb' })).toEqual({ [B]: 1_000 });
  expect(sharesOf(pool, { country: 'uk' })).toEqual({ [B]: 1_000 });
});

test('what is there can be asked beforehand', () => {
  const pool = poolOf(A, `${B} tier=premium country=de`);
  expect(pool.has({})).toBe(true);
  expect(pool.has({ tier: 'premium' })).toBe(true);
  expect(pool.has({ tier: 'premium', country: 'eu' })).toBe(true);
  expect(pool.has({ tier: 'standard', country: 'de' })).toBe(false);
  expect(pool.has({ tier: 'ultra_premium' })).toBe(false);
  expect(pool.has({ country: 'de' })).toBe(true);
  expect(new ProxyPool([]).has({})).toBe(false);
});

test.each(['bad', 'silent'] as const)(
  'a proxy that a host finds %s gets little of its traffic, and all of the rest',
  (verdict) => {
    const pool = poolOf(A, B);
    pool.report(A, 'h.test', verdict);
    expect(sharesOf(pool)[A]).toBe(200);
    repeat(pool, 20, A, verdict);
    expect(sharesOf(pool)[A]).toBeLessThan(25);
    expect(sharesOf(pool)[A]).toBeGreaterThan(10); // It is still tried now and then.
    expect(sharesOf(pool, { host: 'other.test' })).toEqual({ [A]: 500, [B]: 500 });
  },
);

test('blocks are forgotten with time, and sooner when pages come', () => {
  const pool = poolOf(A, B);
  repeat(pool, 100, A, 'bad');
  const before = sharesOf(pool)[A] ?? 0;
  clock.ms += 25 * MINUTE;
  const later = sharesOf(pool)[A] ?? 0;
  expect(later).toBeGreaterThan(5 * before);
  pool.report(A, 'h.test', 'good');
  expect(sharesOf(pool)[A]).toBeGreaterThan(1.5 * later);
  clock.ms += 60 * MINUTE;
  expect(sharesOf(pool)[A]).toBeGreaterThan(480);
});

test('a host that blocks all alike changes nothing', () => {
  const pool = poolOf(A, B);
  for (const id of [A, B]) repeat(pool, 50, id, 'bad');
  expect(sharesOf(pool)).toEqual({ [A]: 500, [B]: 500 });
});

test('a proxy that fails on each new host is hardly asked on others, until it succeeds; it never rests for that', () => {
  const pool = poolOf(A, B);
  for (let each = 0; each < 20; each += 1) pool.report(A, `host-${each}.test`, 'silent');
  expect(sharesOf(pool, { host: 'new.test' })[A]).toBeLessThan(60);
  expect(sharesOf(pool, { host: 'new.test' })[A]).toBeGreaterThan(30);
  for (let each = 0; each < 20; each += 1) pool.report(B, `host-${each}.test`, 'silent');
  expect(sharesOf(pool, { host: 'new.test' })[A]).toBe(500);
  pool.report(A, 'host-1.test', 'good');
  expect(sharesOf(pool, { host: 'new.test' })[A]).toBeGreaterThan(940);
});

test('a session keeps its proxy while it fits and works', () => {
  const pool = poolOf(A, `${B} country=de`, `${C} tier=premium`);
  expect(sharesOf(pool, { preferredId: B })).toEqual({ [B]: 1_000 });
  expect(sharesOf(pool, { preferredId: B, country: 'fr' })).toEqual({ none: 1_000 });
  expect(sharesOf(pool, { preferredId: C })[C]).toBeUndefined();
  expect(sharesOf(pool, { preferredId: 'http://gone:80' })).toEqual({ [A]: 500, [B]: 500 });
  repeat(pool, 3, B, 'bad');
  expect(sharesOf(pool, { preferredId: B })).toEqual({ [B]: 1_000 });
  expect(sharesOf(pool, { preferredId: B, avoidId: B })).toEqual({ [A]: 1_000 });
  repeat(pool, 3, B, 'dead');
  expect(sharesOf(pool, { preferredId: B })).toEqual({ [A]: 1_000 });
});

test('the one that has just failed is not taken again when there is another, even of a later tier', () => {
  const pool = poolOf(A, B, `${C} tier=premium`);
  expect(sharesOf(pool, { avoidId: A })).toEqual({ [B]: 1_000 });
  expect(sharesOf(pool, { avoidId: C, tiers: ['premium', 'standard'] })).toEqual({ [A]: 500, [B]: 500 });
  expect(sharesOf(pool, { avoidId: C, tiers: ['premium'] })).toEqual({ [C]: 1_000 });
});

describe('rest', () => {
  test('comes after three failures in a row, whatever the hosts', () => {
    const pool = poolOf(A, B);
    pool.report(A, 'one.test', 'dead');
    pool.report(A, 'two.test', 'dead');
    expect(sharesOf(pool)[A]).toBe(500);
    pool.report(A, 'two.test', 'bad'); // It works, because a block came through it.
    repeat(pool, 2, A, 'dead');
    expect(sharesOf(pool, { host: 'any.test' })[A]).toBe(500);
    pool.report(A, 'three.test', 'dead');
    expect(sharesOf(pool, { host: 'any.test' })[A]).toBeUndefined();
  });

  test('lasts 30 s, doubles up to 30 min, and one probe at a time finds out', () => {
    const pool = poolOf(A, B);
    repeat(pool, 3, A, 'dead');
    for (const seconds of [30, 60, 120, 240, 480, 960, 1_800, 1_800]) {
      clock.ms += seconds * 1_000 - 1;
      expect(sharesOf(pool)[A]).toBeUndefined();
      clock.ms += 1;
      expect(sharesOf(pool)[A]).toBe(1);
      pool.report(A, 'h.test', 'dead');
    }
    clock.ms += 30 * MINUTE;
    expect(sharesOf(pool)[A]).toBe(1);
    pool.report(A, 'h.test', 'good');
    expect(sharesOf(pool)[A]).toBe(500);
    repeat(pool, 3, A, 'dead');
    clock.ms += 30_000;
    expect(sharesOf(pool)[A]).toBe(1);
  });

  test('is not made longer by what was under way when it began', () => {
    const pool = poolOf(A, B);
    repeat(pool, 50, A, 'dead');
    clock.ms += 30_000;
    expect(sharesOf(pool)[A]).toBe(1);
  });

  test('ends at once when something comes through', () => {
    const pool = poolOf(A, B);
    repeat(pool, 3, A, 'dead');
    pool.report(A, 'h.test', 'good');
    expect(sharesOf(pool)[A]).toBe(500);
  });

  test('a probe that tells nothing is followed by another, one that is never heard of after two minutes', () => {
    const pool = poolOf(A, B);
    repeat(pool, 3, A, 'dead');
    clock.ms += 30_000;
    expect(sharesOf(pool)[A]).toBe(1);
    pool.report(A, 'x.test', 'silent');
    expect(sharesOf(pool)[A]).toBe(1);
    clock.ms += 2 * MINUTE - 1;
    expect(sharesOf(pool)[A]).toBeUndefined();
    clock.ms += 1;
    expect(sharesOf(pool)[A]).toBe(1);
  });

  test('wrong credentials bring it at once and for long', () => {
    const pool = poolOf(A, B);
    pool.report(A, 'h.test', 'locked-out');
    clock.ms += 30 * MINUTE - 1;
    expect(sharesOf(pool)[A]).toBeUndefined();
    clock.ms += 1;
    expect(sharesOf(pool)[A]).toBe(1);
    pool.report(A, 'h.test', 'dead');
    expect(sharesOf(pool)[A]).toBeUndefined();
  });

  test('of all at once leaves the one whose rest ends first; a later tier that works comes before', () => {
    const pool = poolOf(A, B, `${C} tier=premium`);
    repeat(pool, 3, B, 'dead');
    clock.ms += 1_000;
    repeat(pool, 3, A, 'dead');
    expect(sharesOf(pool)).toEqual({ [B]: 1_000 });
    expect(sharesOf(pool, { avoidId: B })).toEqual({ [A]: 1_000 });
    expect(sharesOf(pool, { tiers: ['standard', 'premium'] })).toEqual({ [C]: 1_000 });
  });
});

test('a report of a proxy that is not there is passed over', () => {
  expect(() => poolOf(A).report('http://gone:80', 'h.test', 'dead')).not.toThrow();
});

const TIERS: readonly ProxyTier[] = ['standard', 'premium', 'ultra_premium'];
const COUNTRIES = ['de', 'us', 'eu', 'gb', undefined] as const;
const lines = fc
  .array(fc.tuple(fc.constantFrom(...TIERS), fc.constantFrom(...COUNTRIES), fc.integer({ min: 1, max: 9 })), {
    maxLength: 8,
  })
  .map((all) =>
    all.map(([tier, country, weight], index) =>
      [`http://p${index}:1 tier=${tier} weight=${weight}`, country && `country=${country}`].filter(Boolean).join(' '),
    ),
  );
const step = fc.record({
  tiers: fc.shuffledSubarray([...TIERS], { minLength: 1 }),
  country: fc.constantFrom(...COUNTRIES),
  preferredId: fc.constantFrom('http://p0:1', 'http://p1:1', undefined),
  avoidId: fc.constantFrom('http://p0:1', 'http://p2:1', undefined),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  host: fc.constantFrom('a.test', 'b.test'),
  verdict: fc.constantFrom<ProxyVerdict>('good', 'bad', 'silent', 'dead', 'locked-out'),
  laterMs: fc.integer({ min: 0, max: 10 * MINUTE }),
});

test('whatever has happened, the proxy chosen fits the wish, and there is one whenever one is configured', () => {
  fc.assert(
    fc.property(lines, fc.array(step, { maxLength: 60 }), (list, steps) => {
      const pool = poolOf(...list);
      let mayRest = false;
      for (const { verdict, laterMs, ...rest } of steps) {
        clock.ms += laterMs;
        const proxy = pool.choose(rest);
        expect(proxy !== undefined).toBe(rest.tiers.some((tier) => pool.has({ tier, country: rest.country })));
        if (proxy === undefined) continue;
        expect(rest.tiers).toContain(proxy.tier);
        if (rest.country === 'eu') expect(['de', 'eu']).toContain(proxy.country);
        else if (rest.country !== undefined) expect(proxy.country).toBe(rest.country);
        if (proxy.id === rest.avoidId && !mayRest) {
          const others = parseProxies(list.join('\n')).filter((each) => each.id !== rest.avoidId);
          const rivals = new ProxyPool(others);
          expect(rest.tiers.some((tier) => rivals.has({ tier, country: rest.country }))).toBe(false);
        }
        pool.report(proxy.id, rest.host, verdict);
        mayRest ||= verdict === 'dead' || verdict === 'locked-out';
      }
    }),
  );
});

test('in the long run a host that blocks one proxy is served by the others, whatever the chances', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 400, maxLength: 400 }),
      (draws) => {
        const pool = poolOf(A, B, C);
        let blocked = 0;
        for (const random of draws) {
          clock.ms += 1_000;
          const id = pool.choose(wish({ random }))?.id ?? '';
          if (id === A) blocked += 1;
          pool.report(id, 'h.test', id === A ? 'bad' : 'good');
        }
        const wanted = draws.filter((random) => random < 0.02).length; // Even the smallest chance would give it these draws.
        expect(blocked).toBeLessThan(60 + wanted);
      },
    ),
    { numRuns: 50 },
  );
});
