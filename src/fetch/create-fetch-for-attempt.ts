import { proxyTiers } from '../jobs/features';
import type { FetchOutcome, FetchRequest, Trouble } from '../jobs/fetch-outcome';
import type { EngineName, TriedAttempt } from '../jobs/tried-attempt';
import type { SessionCookies } from './cookie-jar';
import type { Fetcher, FetchOptions } from './create-fetcher';
import { planAttempt } from './escalation';
import type { FetchWish, Means } from './escalation';
import { hostOf } from '../net/host-of';
import { proxyVerdictOf } from './proxies/proxy-pool';
import type { ProxyPool } from './proxies/proxy-pool';
import type { Proxy } from './proxies/proxy';

export interface AttemptsDeps {
  readonly fetchPage: Fetcher['fetchPage'];
  readonly canImpersonate: boolean;
  readonly proxies?: ProxyPool | undefined;
  /** Returns numbers that are uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
  /** Receives what every fetch came to. */
  readonly onOutcome?: (outcome: FetchOutcome) => void;
}

/** The state of a `session_number` between attempts. */
export interface FetchSession {
  readonly cookies: SessionCookies;
  readonly proxyId: string | undefined;
  /** A number in [0, 1), always the same for a session, so that attempts that begin it side by side choose the same proxy. */
  readonly seed: number;
}

export interface FetchForAttemptOptions extends Omit<FetchOptions, 'route' | 'session' | 'wasThrottledBefore'> {
  /** What the attempts before ran into, the newest last. */
  readonly history: readonly TriedAttempt[];
  readonly wish: FetchWish;
  readonly session?: FetchSession | undefined;
}

/** What came of an attempt, and how it was made. */
export interface FetchedForAttempt {
  readonly outcome: FetchOutcome;
  readonly engine: EngineName;
  /** Undefined: the attempt was made without a proxy. */
  readonly proxy: Proxy | undefined;
  /** What the next attempt may be planned with. */
  readonly means: Means;
}

export type FetchForAttempt = (request: FetchRequest, options: FetchForAttemptOptions) => Promise<FetchedForAttempt>;

/** Makes attempts as the policy plans them, and lets proxies and hosts know what came of it. */
export function createFetchForAttempt(deps: AttemptsDeps): FetchForAttempt {
  const { fetchPage, canImpersonate, proxies, random = Math.random, onOutcome } = deps;
  const meansByCountry = new Map<string | undefined, Means>();

  /** The result is kept without a limit: the pool never changes, and there are fewer than a thousand two-letter codes. */
  const meansOf = (country: string | undefined): Means => {
    let means = meansByCountry.get(country);
    if (means === undefined) {
      const tiers = proxies === undefined ? [] : proxyTiers.filter((tier) => proxies.has({ tier, country }));
      means = { canImpersonate, tiers };
      meansByCountry.set(country, means);
    }
    return means;
  };

  return async (request, { attempt, signal, onStart, history, wish, session }) => {
    const { country } = request;
    const means = meansOf(country);
    const plan = planAttempt(attempt, history, wish, means);
    const host = proxies === undefined ? '' : hostOf(request.url);
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
    // The proxies that were there when the job was accepted are gone. Our own address is not what was paid for.
    if (proxy === undefined && (wish.tier !== 'standard' || country !== undefined))
      return { outcome: { kind: 'unreachable', code: 'NO_PROXY' }, engine, proxy, means };
    const through = proxy?.kind === 'direct' ? undefined : proxy;
    const route = { engine, profile, isFresh, proxy: through };
    const wasThrottledBefore = history.at(-1)?.kind === 'throttled';
    const outcome = await fetchPage(request, {
      attempt,
      signal,
      onStart,
      route,
      wasThrottledBefore,
      session: session?.cookies,
    });
    onOutcome?.(outcome);
    const verdict = proxy && proxyVerdictOf(outcome);
    if (proxy !== undefined && verdict !== undefined) proxies?.report(proxy.id, host, verdict);
    return { outcome, engine, proxy, means };
  };
}

type Made = Pick<FetchedForAttempt, 'engine' | 'proxy'>;

/** What is remembered of an attempt that brought no page. */
export function triedAttempt(trouble: Trouble, made: Made): TriedAttempt {
  return {
    kind: trouble.kind,
    ...('statusCode' in trouble && { statusCode: trouble.statusCode }),
    ...(trouble.kind === 'blocked' && { vendor: trouble.vendor }),
    ...(trouble.kind === 'unreachable' && { code: trouble.code }),
    ...madeBy(made),
  };
}

/** What is remembered of the attempt that brought the page at last. */
export const triedPage = (statusCode: number, made: Made): TriedAttempt => ({
  ...{ kind: 'page', statusCode },
  ...madeBy(made),
});

const madeBy = ({ engine, proxy }: Made): Pick<TriedAttempt, 'engine' | 'tier' | 'proxy'> => ({
  engine,
  ...(proxy !== undefined && { tier: proxy.tier, proxy: proxy.id }),
});
