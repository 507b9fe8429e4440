import { ConfigError } from '../config/config';
import type { Config } from '../config/config';
import { NO_FEATURES } from '../jobs/features';
import type { Features } from '../jobs/features';
import type { ProxyScore } from '../jobs/proxy-score';
import { createBrowserEngine } from '../fetch/browser/create-browser-engine';
import type { BrowserSource } from '../fetch/browser/browser-engine';
import { findBrowser } from '../fetch/browser/find-browser';
import { createFetchForAttempt } from '../fetch/create-fetch-for-attempt';
import type { FetchForAttempt } from '../fetch/create-fetch-for-attempt';
import { createFetcher } from '../fetch/create-fetcher';
import type { RobotsOptions } from '../fetch/fetched-robots';
import { createEgressProxy } from '../fetch/egress/egress-proxy';
import { createImpersonateEngine } from '../fetch/engines/impersonate';
import { FetchPool } from '../scheduling/fetch-pool';
import { OwnerLimits } from '../scheduling/owner-limits';
import type { Guard } from '../net/guard';
import { outcomeOfError } from '../fetch/outcome-of-error';
import { HostRules } from '../scheduling/pacing/host-rules';
import { Pacer } from '../scheduling/pacing/pacer';
import { parseHostRules } from '../scheduling/pacing/parse-host-rules';
import type { SharedLimits } from '../scheduling/shares/shared-limits';
import { featuresOfProxies } from '../fetch/proxies/proxy';
import { proxyVerdictOf, ProxyPool } from '../fetch/proxies/proxy-pool';
import type { Database } from '../store/database';
import { findRests, noteRests, reserveSlots } from '../store/host-pacing';
import type { Logger } from '../telemetry/logger';
import { InFlightGovernor, maxInFlight, readMaxOpenFiles } from './in-flight-governor';
import { loadProxies } from './setting-files';
import { problemsOfBrowser } from './problems-of-use';

export interface FetchingDeps {
  readonly config: Config;
  readonly guard: Guard;
  readonly database: Database;
  readonly logger: Logger;
  /** Whether commits do not keep up with what is fetched. */
  readonly isBacklogged: () => boolean;
  readonly shares: SharedLimits;
}

/** The parts of a worker that send requests to targets. */
export interface Fetching {
  readonly fetchForAttempt: FetchForAttempt;
  /** Slots for fetches over HTTP; their number follows the load of the machine. */
  readonly pool: FetchPool;
  /** Slots for pages that a browser loads; undefined without a browser. */
  readonly renderPool: FetchPool | undefined;
  readonly features: Features;
  /** Takes what has changed since the last call in how proxies do; undefined without proxies. */
  readonly takeProxyNews: (() => readonly ProxyScore[]) | undefined;
  /** Cuts all fetches in flight. */
  interruptAll(reason: unknown): void;
  /** Starts nothing new. */
  stop(): void;
  close(): Promise<void>;
}

/** Finds the browser of a setting; `auto` takes any. @throws ConfigError when the setting names one that does not exist */
function browserSource(setting: string): BrowserSource | undefined {
  const problems = problemsOfBrowser(setting);
  if (problems.length > 0) throw new ConfigError(problems);
  return findBrowser(setting);
}

/** Share of an attempt's time that a navigation may take. The rest is for selectors and steps that the caller asked for. */
const NAVIGATION_SHARE = 0.6;

/**
 * Puts engines, proxies, pacing and pools together as the configuration says.
 * @throws ConfigError, or a TypeError that names every problem of `HOST_LIMITS`
 */
export async function createFetching({
  config,
  guard,
  database,
  logger,
  isBacklogged,
  shares,
}: FetchingDeps): Promise<Fetching> {
  const { fetching, outbound } = config;
  const proxies = await loadProxies(outbound);
  const proxyPool = proxies.length === 0 ? undefined : new ProxyPool(proxies);
  const rules = new HostRules(parseHostRules(fetching.hostLimits));
  const pacer = new Pacer({
    rules,
    shares,
    store: {
      reserve: (wishes) => reserveSlots(database, wishes),
      noteRests: (rests) => noteRests(database, rests),
      findRests: (withinMs) => findRests(database, withinMs),
    },
  });
  const egress = await createEgressProxy({ guard });
  const source = browserSource(outbound.browser);
  const browser =
    source &&
    createBrowserEngine({
      source,
      egress,
      guard,
      maxPages: outbound.maxBrowserPages,
      navigationTimeoutMs: fetching.attemptTimeoutMs * NAVIGATION_SHARE,
      onWarning: (message) => logger.warn({ engine: 'browser' }, message),
    });
  const robots: RobotsOptions | undefined =
    fetching.respectRobotsTxt || rules.mentionsRobots
      ? {
          isObeyed: (host) => rules.of(host).obeysRobots ?? fetching.respectRobotsTxt,
          onCrawlDelay: (host, delayMs) => pacer.setCrawlDelay(host, delayMs),
          proxyFor: (host, avoidId) => {
            const proxy = proxyPool?.choose({ tiers: ['standard'], host, avoidId, random: Math.random() });
            return proxy?.kind === 'direct' ? undefined : proxy;
          },
          onProxyUsed: (proxy, host, error) => {
            const outcome = error === undefined ? undefined : outcomeOfError(error);
            const verdict = error === undefined ? 'good' : outcome && proxyVerdictOf(outcome);
            if (verdict !== undefined) proxyPool?.report(proxy.id, host, verdict);
          },
        }
      : undefined;
  const fetcher = createFetcher({
    guard,
    attemptTimeoutMs: fetching.attemptTimeoutMs,
    connectionsPerHost: fetching.maxPerHost,
    browser,
    pacer,
    shares,
    robots,
    createImpersonateEngine:
      outbound.impersonate === 'off'
        ? undefined
        : (plain) =>
            createImpersonateEngine({
              egress,
              plain,
              attemptTimeoutMs: fetching.attemptTimeoutMs,
              onStartFailure: (error) =>
                logger.warn({ err: String(error), engine: 'impersonate' }, 'it does not start'),
            }),
  });
  const { canImpersonate } = fetcher;
  const max = maxInFlight(fetching.maxConcurrent, readMaxOpenFiles());
  if (max < fetching.maxConcurrent)
    logger.warn(
      { max_concurrent_fetches: max },
      `this process may open too few files for MAX_CONCURRENT_FETCHES=${fetching.maxConcurrent} (ulimit -n): at most ${max} fetches will be in flight`,
    );
  const { maxPerHost: perHost } = fetching;
  const limitOfHost = (host: string) => pacer.concurrencyOf(host, perHost);
  const common = { perHost, gate: pacer, shares, limitOfHost, owners: new OwnerLimits(shares) };
  const pool = new FetchPool({ ...common, capacity: max });
  const isShortOfMemory = () => fetcher.isShortOfMemory;
  const governor = new InFlightGovernor({ pool, max, isBacklogged, isShortOfMemory, logger });
  governor.run();
  const fetchForAttempt = createFetchForAttempt({
    fetchPage: fetcher.fetchPage,
    canImpersonate,
    proxies: proxyPool,
    onOutcome: (outcome) => governor.note(outcome),
  });
  const renderPool = browser && new FetchPool({ ...common, capacity: outbound.maxBrowserPages });
  return {
    fetchForAttempt,
    pool,
    renderPool,
    takeProxyNews: proxyPool && (() => proxyPool.takeNews()),
    features: { ...NO_FEATURES, hasBrowser: browser !== undefined, proxies: featuresOfProxies(proxies) },
    interruptAll: fetcher.interruptAll,
    stop() {
      pool.stop();
      renderPool?.stop();
      pacer.stop();
    },
    async close() {
      await governor.stop();
      await fetcher.close();
      await egress.close();
    },
  };
}
