import type { ProxyTier } from '../contracts/features';
import type { FetchOutcome, FetchRequest, Trouble } from '../contracts/fetch-outcome';
import type { EngineName, TriedAttempt } from '../contracts/tried-attempt';
import type { SessionCookies } from './cookie-jar';
import type { Fetcher, FetchOptions } from './create-fetcher';
import { planAttempt } from './escalation';
import type { FetchWish } from './escalation';
import { hostOf } from './host-of';
import type { ProxyPool } from './proxies/proxy-pool';
import { proxyVerdictOf } from './proxies/proxy-verdict';
import type { Proxy } from './proxies/proxy';

export interface AttemptsDeps {
  readonly fetchPage: Fetcher['fetchPage'];
  readonly canImpersonate: boolean;
  readonly proxies?: ProxyPool | undefined;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
}

/** What a `session_number` keeps between attempts. */
export interface FetchSession {
  readonly cookies: SessionCookies;
  readonly proxyId: string | undefined;
  /** In [0, 1) and always the same: attempts that begin a session side by side come to the same proxy. */
  readonly seed: number;
}

export interface AttemptOptions extends Omit<FetchOptions, 'route' | 'session'> {
  /** What the attempts before ran into, the newest last. */
  readonly history: readonly TriedAttempt[];
  readonly wish: FetchWish;
  readonly session?: FetchSession | undefined;
}

/** What came of an attempt, and how it was made. */
export interface Attempted {
  readonly outcome: FetchOutcome;
  readonly engine: EngineName;
  /** Undefined: without one. */
  readonly proxy: Proxy | undefined;
}

export type AttemptPage = (request: FetchRequest, options: AttemptOptions) => Promise<Attempted>;

const TIERS: readonly ProxyTier[] = ['standard', 'premium', 'ultra_premium'];

/** Makes attempts as the policy plans them, and lets proxies and hosts know what came of it. */
export function createAttempts(deps: AttemptsDeps): AttemptPage {
  const { fetchPage, canImpersonate, proxies, random = Math.random } = deps;
  const tiersByCountry = new Map<string | undefined, readonly ProxyTier[]>();

  /** The pool never changes, and there are fewer than a thousand two-letter codes. */
  const tiersOf = (country: string | undefined): readonly ProxyTier[] => {
    let tiers = tiersByCountry.get(country);
    if (tiers === undefined) {
      tiers = proxies === undefined ? [] : TIERS.filter((tier) => proxies.has({ tier, country }));
      tiersByCountry.set(country, tiers);
    }
    return tiers;
  };

  return async (request, { history, wish, session, ...options }) => {
    const { country } = request;
    const tiers = tiersOf(country);
    const plan = planAttempt(options.attempt, history, wish, { canImpersonate, tiers });
    const host = hostOf(request.url);
    const proxy =
      plan.tiers.length === 0
        ? undefined
        : proxies?.choose({
            ...{ tiers: plan.tiers, country, host },
            random: session !== undefined && session.proxyId === undefined ? session.seed : random(),
            preferredId: session?.proxyId,
            avoidId: plan.isOtherProxy ? history.at(-1)?.proxy : undefined,
          });
    const { engine, profile, isFresh } = plan;
    // The proxies that were there when the job was taken are gone: from our own address is not what was paid for.
    if (proxy === undefined && (wish.tier !== 'standard' || country !== undefined))
      return { outcome: { kind: 'unreachable', code: 'NO_PROXY' }, engine, proxy };
    const through = proxy?.kind === 'direct' ? undefined : proxy;
    const route = { engine, profile, isFresh, proxy: through };
    const outcome = await fetchPage(request, { ...options, route, session: session?.cookies });
    const verdict = proxy && proxyVerdictOf(outcome);
    if (proxy !== undefined && verdict !== undefined) proxies?.report(proxy.id, host, verdict);
    return { outcome, engine, proxy };
  };
}

/** What is remembered of an attempt that did not end its job. */
export function triedAttempt(trouble: Trouble, { engine, proxy }: Omit<Attempted, 'outcome'>): TriedAttempt {
  return {
    kind: trouble.kind,
    ...('statusCode' in trouble && { statusCode: trouble.statusCode }),
    ...(trouble.kind === 'blocked' && { vendor: trouble.vendor }),
    ...(trouble.kind === 'unreachable' && { code: trouble.code }),
    engine,
    ...(proxy !== undefined && { tier: proxy.tier, proxy: proxy.id }),
  };
}
