import fc from 'fast-check';
import type { ProxyTier } from '../../src/jobs/features';
import type { TriedAttempt } from '../../src/jobs/tried-attempt';
import { planReasons } from '../../src/jobs/plan-reasons';
import { backOffMs, hasPassedChallenge, planAttempt, planNext } from '../../src/fetch/escalation';
import type { FetchWish, Means } from '../../src/fetch/escalation';

const TIERS: readonly ProxyTier[] = ['standard', 'premium', 'ultra_premium'];
const PLAIN: FetchWish = { isRendered: false, tier: 'standard', isSession: false };
const ALL: Means = { canImpersonate: true, tiers: TIERS };
const NOTHING: Means = { canImpersonate: false, tiers: [] };

const blocked: TriedAttempt = { kind: 'blocked', statusCode: 403, vendor: 'cloudflare', engine: 'http' };
const failed: TriedAttempt = { kind: 'refused', statusCode: 500, engine: 'http' };
const times = (count: number, tried: TriedAttempt) => Array.from({ length: count }, () => tried);

const anyTried: fc.Arbitrary<TriedAttempt> = fc.record(
  {
    kind: fc.constantFrom(
      ...(['blocked', 'throttled', 'refused', 'unreachable', 'unsuccessful', 'too-large', 'unconvertible'] as const),
    ),
    statusCode: fc.constantFrom(200, 401, 403, 429, 500, 503),
    vendor: fc.constantFrom('cloudflare', 'generic'),
    code: fc.constantFrom('ECONNRESET', 'TLS_CLOSED', 'ECONNREFUSED', 'ENOTFOUND', 'PROXY_UNREACHABLE'),
    engine: fc.constantFrom(...(['http', 'impersonate', 'browser'] as const)),
    proxy: fc.constantFrom('http://a.example:1', 'http://b.example:2'),
  },
  { requiredKeys: ['kind', 'engine'] },
);
const anyWish = fc.record({
  isRendered: fc.boolean(),
  tier: fc.constantFrom(...TIERS),
  isSession: fc.boolean(),
});
const anyMeans = fc.record({ canImpersonate: fc.boolean(), tiers: fc.subarray([...TIERS]) });
const anything = [fc.integer({ min: 1, max: 100 }), fc.array(anyTried, { maxLength: 20 }), anyWish, anyMeans] as const;

test('the first attempt is the cheapest', () => {
  for (const means of [NOTHING, ALL])
    expect(planAttempt(1, [], PLAIN, means)).toMatchObject({
      ...{ engine: 'http', profile: 'chrome', isFresh: false, isOtherProxy: false, delayMs: 0 },
    });
});

test("a server's own trouble changes nothing but the delay", () => {
  const [first, fifth] = [planAttempt(1, [], PLAIN, ALL), planAttempt(5, times(4, failed), PLAIN, ALL)];
  expect({ ...fifth, delayMs: 0 }).toEqual(first);
  expect(fifth.delayMs).toBe(8_000);
});

test('each block is answered with something else than the attempt before', () => {
  for (const means of [NOTHING, ALL])
    for (let attempt = 2; attempt < 12; attempt += 1) {
      const [before, after] = [attempt - 1, attempt].map((each) => {
        const { engine, profile, isFresh } = planAttempt(each, times(each - 1, blocked), PLAIN, means);
        return { engine, profile, isFresh };
      });
      expect(after).not.toEqual(before);
    }
});

test("a vendor's challenge goes to a browser's TLS at once, a nameless block step by step", () => {
  const nameless = { ...blocked, vendor: 'generic' };
  expect(planAttempt(2, [blocked], PLAIN, ALL).engine).toBe('impersonate');
  expect(planAttempt(2, [nameless], PLAIN, ALL)).toMatchObject({ engine: 'http', isFresh: true });
  expect(planAttempt(4, times(3, nameless), PLAIN, ALL).engine).toBe('impersonate');
});

test.each([
  ...[
    'TLS_CLOSED',
    'EPROTO',
    'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    'ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED',
  ],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID', 'INVALID_RESPONSE', 'HEADERS_TOO_LARGE'],
])("%s goes to a browser's TLS and HTTP/2 at once, where there is one", (code) => {
  const tried: TriedAttempt = { kind: 'unreachable', code, engine: 'http' };
  expect(planAttempt(2, [tried], PLAIN, ALL).engine).toBe('impersonate');
  expect(planAttempt(2, [tried], PLAIN, NOTHING)).toMatchObject({ engine: 'http', isFresh: true });
});

test('while certificates are not accepted, the engine that can complete them has its turn again and again', () => {
  const code = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
  const history: TriedAttempt[] = [];
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    const { engine } = planAttempt(attempt, history, PLAIN, ALL);
    history.push({ kind: 'unreachable', code, engine });
  }
  expect(history.map(({ engine }) => engine)).toEqual([1, 2, 3].flatMap(() => ['http', 'impersonate']));
});

test('a connection that breaks goes there step by step', () => {
  const tried: TriedAttempt = { kind: 'unreachable', code: 'ECONNRESET', engine: 'http' };
  expect(planAttempt(2, [tried], PLAIN, ALL)).toMatchObject({ engine: 'http', isFresh: true });
  expect(planAttempt(4, times(3, tried), PLAIN, ALL).engine).toBe('impersonate');
});

test('nobody listening is no reason for another face, and a proxy that fails one for another proxy only', () => {
  const silent: TriedAttempt = { kind: 'unreachable', code: 'ECONNREFUSED', engine: 'http' };
  expect(planAttempt(2, [silent], PLAIN, ALL)).toMatchObject({ isFresh: false, isOtherProxy: false });
  const faulty = { ...silent, code: 'PROXY_AUTH_FAILED', proxy: 'http://a.example:1' };
  expect(planAttempt(2, [faulty], PLAIN, ALL)).toMatchObject({ engine: 'http', isFresh: false, isOtherProxy: true });
});

test('ultra_premium asks the premium pool in turn, premium no other', () => {
  const tiersOf = (tier: ProxyTier, setbacks: number) =>
    planAttempt(setbacks + 1, times(setbacks, blocked), { ...PLAIN, tier }, ALL).tiers[0];
  expect([0, 1, 2, 3, 4].map((setbacks) => tiersOf('ultra_premium', setbacks))).toEqual([
    ...['ultra_premium', 'ultra_premium', 'premium', 'premium', 'ultra_premium'],
  ]);
  expect([0, 1, 2, 3, 4].map((setbacks) => tiersOf('premium', setbacks))).toEqual(Array(5).fill('premium'));
});

test('no tier is used that was not paid for, and none that is not there', () => {
  fc.assert(
    fc.property(...anything, (attempt, history, wish, means) => {
      const paid = wish.tier === 'ultra_premium' ? ['ultra_premium', 'premium'] : [wish.tier];
      for (const tier of planAttempt(attempt, history, wish, means).tiers) {
        expect(paid).toContain(tier);
        expect(means.tiers).toContain(tier);
      }
    }),
  );
});

test('only what is installed is used, and a browser exactly where it was asked for', () => {
  fc.assert(
    fc.property(...anything, (attempt, history, wish, means) => {
      const { engine } = planAttempt(attempt, history, wish, means);
      expect(engine === 'browser').toBe(wish.isRendered);
      if (!means.canImpersonate) expect(engine).not.toBe('impersonate');
    }),
  );
});

test('a session is the same visitor all the time', () => {
  fc.assert(
    fc.property(...anything, (attempt, history, wish, means) => {
      const plan = planAttempt(attempt, history, { ...wish, isSession: true }, means);
      expect(plan).toMatchObject({ profile: 'chrome', isOtherProxy: false });
    }),
  );
});

test('the delay doubles from 2 s to 30 min', () => {
  expect([1, 2, 3, 10, 11, 60].map(backOffMs)).toEqual([1_000, 2_000, 4_000, 512_000, 1_024_000, 1_800_000]);
});

test('a challenge is passed when a vendor was in the way and an engine that can pass it brought the page', () => {
  expect(hasPassedChallenge([failed, blocked, failed], 'impersonate')).toBe(true);
  expect(hasPassedChallenge([blocked], 'browser')).toBe(true);
  expect(hasPassedChallenge([blocked], 'http')).toBe(false);
  expect(hasPassedChallenge([{ ...blocked, vendor: 'generic' }], 'browser')).toBe(false);
  expect(hasPassedChallenge([failed], 'browser')).toBe(false);
});

const reset: TriedAttempt = { kind: 'unreachable', code: 'ECONNRESET', engine: 'http' };
const asImpersonated = (tried: TriedAttempt): TriedAttempt => ({ ...tried, engine: 'impersonate' });

test.each<[why: string, history: readonly TriedAttempt[], wish?: Partial<FetchWish>, means?: Means]>([
  ['same_way', [failed]],
  ['same_way', [reset, { ...failed, engine: 'http' }]],
  ['confirmation', [{ kind: 'refused', statusCode: 451, engine: 'http' }]],
  ['proxy_trouble', [{ kind: 'unreachable', code: 'PROXY_UNREACHABLE', engine: 'http', proxy: 'http://a.example:1' }]],
  ['fresh_connection', [reset]],
  ['other_headers', times(2, reset)],
  ['session', times(2, reset), { isSession: true }],
  ['browser_tls', times(3, reset)],
  ['other_headers', [...times(3, reset), asImpersonated(reset)]],
  ['in_turn', [...times(3, reset), ...times(2, asImpersonated(reset))]],
  ['in_turn', times(3, reset), {}, NOTHING],
  ['known_protection', [blocked]],
  ['known_protection', [reset, blocked]],
  ['fresh_connection', [blocked], {}, NOTHING],
  ['other_protocol', [{ kind: 'unreachable', code: 'INVALID_RESPONSE', engine: 'http' }]],
  ['other_certificates', [{ kind: 'unreachable', code: 'CERT_HAS_EXPIRED', engine: 'http' }]],
  ['other_certificates', [{ kind: 'unreachable', code: 'CERT_HAS_EXPIRED', engine: 'impersonate' }]],
  ['browser', [{ ...reset, engine: 'browser' }], { isRendered: true }],
])('the reason %s is told after %j', (why, history, wish = {}, means = ALL) => {
  expect(planNext(history.length + 1, history, { ...PLAIN, ...wish }, means).why).toBe(why);
});

test('what is told of the next attempt is what is planned, whatever happened', () => {
  fc.assert(
    fc.property(...anything, (attempt, history, wish, means) => {
      fc.pre(history.length > 0);
      const plan = planAttempt(attempt, history, wish, means);
      const { engine, tier, isOtherProxy = false, why } = planNext(attempt, history, wish, means);
      expect({ engine, tier, isOtherProxy }).toEqual({
        ...{ engine: plan.engine, tier: plan.tiers[0], isOtherProxy: plan.isOtherProxy },
      });
      expect(Object.keys(planReasons)).toContain(why);
    }),
  );
});
