import type { FetchOutcome, FetchRequest } from '../jobs/fetch-outcome';
import { canonicalHost } from '../net/allow-list';
import { startAttemptClock } from './attempt-clock';
import type { AttemptClock } from './attempt-clock';
import type { BrowserEngine } from './browser/browser-engine';
import { ByteBudget } from './byte-budget';
import type { SessionCookies } from './cookie-jar';
import type { FetchEngine } from './engines/engine';
import { createHttpEngine } from './engines/http';
import { createFetchedRobots } from './fetched-robots';
import type { RobotsOptions } from './fetched-robots';
import { PLAIN_ROUTE, openHop } from './open-hop';
import type { FetchRoute, HopDeps, RunningAttempt } from './open-hop';
import { createGuard } from '../net/guard';
import type { Guard } from '../net/guard';
import { createSharedLimiter } from '../scheduling/host-limiter';
import type { HostShares } from '../scheduling/host-limiter';
import { HostVisit } from './host-visit';
import type { HostVisitDeps } from './host-visit';
import { firstRequest } from './next-request';
import type { HopRequest } from './next-request';
import { outcomeOfError } from './outcome-of-error';
import type { Pacer } from '../scheduling/pacing/pacer';
import { readAnswer } from './read-answer';
import { followRedirects } from './redirects';
import { renderPage } from './render-page';
import { callerHeaders } from './request-headers';
import { RobotsDisallowedError } from './robots';
import { Authorities } from '../net/tls/authorities';
import { ChainCompleter } from '../net/tls/chain-completer';

export interface FetcherOptions {
  /** Targets that the owner opens besides public addresses; see `parseAllowList`. */
  readonly allowPrivateTargets?: readonly string[];
  /** Time limit for all hops of one attempt together, without the time that it waits for a slot or for memory. */
  readonly attemptTimeoutMs: number;
  /** Largest page, as received and also unpacked. @default 50 MB */
  readonly maxBodyBytes?: number;
  /** Limit of all bodies in memory together. @default 128 MB */
  readonly byteBudgetBytes?: number;
  /** Most requests in flight to one host. @default 16 */
  readonly connectionsPerHost?: number;
  /** @default one that opens `allowPrivateTargets` */
  readonly guard?: Guard;
  /** Creates the engine that speaks HTTP as a browser does, if there is one. It gets the plain engine, and closes it. */
  readonly createImpersonateEngine?: ((plain: FetchEngine) => FetchEngine | undefined) | undefined;
  readonly browser?: BrowserEngine | undefined;
  /** PEM certificates of the authorities that plain HTTPS trusts. @default those that Node trusts */
  readonly authorities?: readonly string[] | undefined;
  readonly pacer?: Pick<Pacer, 'pass' | 'note' | 'concurrencyOf'> | undefined;
  /** The limits of hosts that all workers share. @default this worker has them whole */
  readonly shares?: HostShares | undefined;
  /** Undefined: no host's robots.txt is obeyed. */
  readonly robots?: RobotsOptions | undefined;
}

export interface FetchOptions {
  /** Number of this attempt in its job, from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** @default over HTTP, from the machine's own address */
  readonly route?: FetchRoute;
  /** The cookies of a `session_number`. */
  readonly session?: SessionCookies | undefined;
  /** Whether the attempt before at the same page had been throttled. @default false */
  readonly wasThrottledBefore?: boolean;
  /** Called with a function that ends this attempt alone, because attempts share a signal. The attempt then rejects with the reason. */
  readonly onStart?: ((interrupt: (reason: unknown) => void) => void) | undefined;
}

export interface Fetcher {
  /** Makes one attempt. Rejects with the signal's own reason when that aborts, and otherwise only because of a bug. */
  readonly fetchPage: (request: FetchRequest, options: FetchOptions) => Promise<FetchOutcome>;
  /** Cuts every connection; attempts in flight end as unreachable. */
  readonly close: () => Promise<void>;
  /** Ends all attempts in flight; they reject with the reason. */
  readonly interruptAll: (reason: unknown) => void;
  readonly canImpersonate: boolean;
  /** Attempts that have begun and not ended, those that wait included. */
  readonly inFlight: number;
  /** Hosts with at least one request in flight. */
  readonly hostsInFlight: number;
  /** Bytes taken of the byte budget, with those of pages that have not been released. */
  readonly bytesInFlight: number;
  /** Whether responses wait for bytes of the budget. */
  readonly isShortOfMemory: boolean;
}

const MEGABYTE = 1024 * 1024;
const MAX_CONNECTIONS = 4_096;

/** Creates the fetcher of a worker. Its attempts share connections, host limits and memory, but never cookies and credentials. */
export function createFetcher(options: FetcherOptions): Fetcher {
  const { attemptTimeoutMs, maxBodyBytes = 50 * MEGABYTE, connectionsPerHost = 16, pacer } = options;
  const guard = options.guard ?? createGuard(options.allowPrivateTargets ?? []);
  // The limiter decides how many connections there are at a time, because the owner may have a rule for a host.
  const engine = createHttpEngine({
    ...{ lookup: guard.lookup, attemptTimeoutMs, connectionsPerHost: MAX_CONNECTIONS },
    chains: new ChainCompleter(new Authorities(options.authorities), guard),
  });
  const limitOf = (host: string) => pacer?.concurrencyOf(host, connectionsPerHost) ?? connectionsPerHost;
  const limiter = createSharedLimiter(connectionsPerHost, limitOf, options.shares);
  const visits: HostVisitDeps = {
    limiter,
    pass: (host, signal, isSameVisit) => pacer?.pass(host, signal, isSameVisit),
  };
  const budget = new ByteBudget({
    capacityBytes: options.byteBudgetBytes ?? 128 * MEGABYTE,
    largestClaimBytes: maxBodyBytes,
  });
  const impersonate = options.createImpersonateEngine?.(engine);
  const engines: Partial<Record<FetchRoute['engine'], FetchEngine>> = {
    http: engine,
    ...(impersonate && { impersonate }),
  };
  const { robots: obeyed } = options;
  const robots = obeyed && createFetchedRobots(obeyed, { guard, engine, pass: visits.pass });
  const hops: HopDeps = {
    guard,
    engineOf: (name) => engines[name] ?? fail(`there is no engine called ${name}`),
  };
  const running = new Set<AttemptClock>();

  const fetchByHttp = (request: FetchRequest, first: HopRequest, attempt: RunningAttempt): Promise<FetchOutcome> => {
    const { clock, session } = attempt;
    const { deviceType } = request;
    return followRedirects(first, request.followRedirects, {
      assertUrl: guard.assertUrl,
      cookies: session,
      throwIfOver: () => clock.throwIfOver(),
      open: (hop, cookie) => {
        const open = () => openHop(hop, attempt, { deviceType, cookie }, hops);
        const obeying = hop === first ? undefined : obey(hop.url, attempt);
        return obeying === undefined ? open() : obeying.then(open);
      },
      readAnswer: (answer, hop) =>
        readAnswer(answer, {
          request,
          method: hop.method,
          finalUrl: hop.url.href,
          budget,
          maxBodyBytes,
          reserve: (claim, bytes) => clock.paused(() => claim.reserve(bytes, clock.signal)),
          throwIfOver: () => clock.throwIfOver(),
        }),
    });
  };

  const fetchByBrowser = async (request: FetchRequest, first: HopRequest, attempt: RunningAttempt) => {
    const { clock, route, session, visit } = attempt;
    const browser = options.browser ?? fail('there is no browser');
    if (route.proxy !== undefined) await guard.checkName(first.url.hostname);
    await visit.takeTurn(clock);
    const deps = { browser, budget, maxBodyBytes, clock };
    return renderPage({ request, first, proxy: route.proxy, session }, deps);
  };

  /** Checks the site's robots.txt. Rejects with a RobotsDisallowedError; undefined when the owner does not obey it for this host. */
  const obey = (url: URL, attempt: RunningAttempt): Promise<void> | undefined => {
    if (robots === undefined) return undefined;
    const host = canonicalHost(url.hostname);
    if (obeyed?.isObeyed(host) !== true) return undefined;
    guard.assertUrl(url);
    const isAllowed = robots.isAllowed(url, attempt.clock.signal);
    if (typeof isAllowed !== 'boolean') attempt.visit.loseTurn();
    return attempt.clock.paused(async () => {
      if (!(await isAllowed)) throw new RobotsDisallowedError(host);
    });
  };

  const run = async (request: FetchRequest, first: HopRequest, attempt: RunningAttempt): Promise<FetchOutcome> => {
    const obeying = obey(first.url, attempt);
    if (obeying !== undefined) await obeying;
    return attempt.route.engine === 'browser'
      ? fetchByBrowser(request, first, attempt)
      : fetchByHttp(request, first, attempt);
  };

  const fetchPage = async (request: FetchRequest, fetching: FetchOptions): Promise<FetchOutcome> => {
    const { signal, onStart, route = PLAIN_ROUTE, session } = fetching;
    signal.throwIfAborted();
    const clock = startAttemptClock(attemptTimeoutMs, signal);
    running.add(clock);
    onStart?.((reason) => clock.end(reason));
    try {
      const { url, method, body } = request;
      const first = firstRequest({ method, body, callerHeaders: callerHeaders(request) }, url);
      const visit = new HostVisit(canonicalHost(first.url.hostname), visits);
      const attempt: RunningAttempt = { clock, route, session, visit };
      const outcome = await run(request, first, attempt);
      // A site throttles the proxy's address, which says nothing about the next attempt's.
      if (route.proxy === undefined) pacer?.note(visit.host, outcome, fetching.wasThrottledBefore);
      if (signal.aborted && outcome.kind === 'page') outcome.page.release();
      signal.throwIfAborted();
      return outcome;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const outcome = outcomeOfError(error);
      if (outcome === undefined) throw error;
      return outcome;
    } finally {
      running.delete(clock);
      clock.stop();
    }
  };

  return {
    fetchPage,
    close: async () => {
      robots?.stop();
      await Promise.all([(impersonate ?? engine).close(), options.browser?.close()]);
    },
    interruptAll: (reason) => running.forEach((clock) => clock.end(reason)),
    canImpersonate: impersonate !== undefined,
    get inFlight() {
      return running.size;
    },
    get hostsInFlight() {
      return visits.limiter.busyHosts;
    },
    get bytesInFlight() {
      return budget.takenBytes;
    },
    get isShortOfMemory() {
      return budget.waiting > 0;
    },
  };
}

function fail(message: string): never {
  throw new Error(message);
}
