import type { FetchOutcome, FetchRequest } from '../contracts/fetch-outcome';
import { startAttemptClock } from './attempt-clock';
import type { AttemptClock } from './attempt-clock';
import { ByteBudget } from './byte-budget';
import { createHttpEngine } from './engines/http';
import type { Route } from './engines/engine';
import { canonicalHost } from './allow-list';
import { createGuard } from './guard';
import { HostLimiter } from './host-limiter';
import { firstRequest } from './next-request';
import { outcomeOfError } from './outcome-of-error';
import { readAnswer } from './read-answer';
import { followRedirects } from './redirects';
import type { RedirectDeps } from './redirects';
import { callerHeaders, headersOf } from './request-headers';

export interface FetcherOptions {
  /** What the owner opens besides public addresses; see `parseAllowList`. */
  readonly allowPrivateTargets: readonly string[];
  /** Of all hops of one attempt together, without the time that it waits for a slot or for memory. */
  readonly attemptTimeoutMs: number;
  /** One page, as received and unpacked. @default 50 MB */
  readonly maxBodyBytes?: number;
  /** All bodies in memory together. @default 128 MB */
  readonly byteBudgetBytes?: number;
  /** Requests in flight to one host. @default 16 */
  readonly connectionsPerHost?: number;
}

export interface FetchOptions {
  /** The how many-th attempt of its job this is, from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Is given what ends this attempt alone, while attempts share a signal: then it rejects with the reason. */
  readonly onStart?: (interrupt: (reason: unknown) => void) => void;
}

export interface Fetcher {
  /** Makes one attempt. Rejects with the signal's own reason when that aborts, and otherwise only when something is broken in here. */
  readonly fetchPage: (request: FetchRequest, options: FetchOptions) => Promise<FetchOutcome>;
  /** Cuts every connection; attempts in flight end as unreachable. */
  readonly close: () => Promise<void>;
  /** Attempts that have begun and not ended, those that wait included. */
  readonly inFlight: number;
  /** Hosts with at least one request in flight. */
  readonly hostsInFlight: number;
  /** Of the byte budget; includes pages that have not been released. */
  readonly bytesInFlight: number;
}

const MEGABYTE = 1024 * 1024;
const ROUTE: Route = { proxy: undefined, isFresh: false, profile: 'chrome' };

/** One per worker: connections, host limits and memory are shared between its attempts, cookies and credentials never are. */
export function createFetcher(options: FetcherOptions): Fetcher {
  const { attemptTimeoutMs, maxBodyBytes = 50 * MEGABYTE, connectionsPerHost = 16 } = options;
  const guard = createGuard(options.allowPrivateTargets);
  const engine = createHttpEngine({ lookup: guard.lookup, attemptTimeoutMs, connectionsPerHost });
  const limiter = new HostLimiter(connectionsPerHost);
  const budget = new ByteBudget({
    capacityBytes: options.byteBudgetBytes ?? 128 * MEGABYTE,
    largestClaimBytes: maxBodyBytes,
  });
  let inFlight = 0;

  const depsOf = (request: FetchRequest, clock: AttemptClock): RedirectDeps => ({
    assertUrl: guard.assertUrl,
    async open(hop, cookie) {
      const host = canonicalHost(hop.url.hostname);
      const leave = limiter.tryAcquire(host) ?? (await clock.paused(() => limiter.acquire(host, clock.signal)));
      try {
        const headers = headersOf(hop, request.deviceType, cookie);
        const answer = await engine.send(
          { url: hop.url, method: hop.method, body: hop.body, headers, deviceType: request.deviceType },
          clock,
          ROUTE,
        );
        const close = () => {
          answer.body.abandon();
          leave();
        };
        return { answer, close };
      } catch (error) {
        leave();
        throw error;
      }
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

  const fetchPage = async (request: FetchRequest, { signal, onStart }: FetchOptions): Promise<FetchOutcome> => {
    signal.throwIfAborted();
    const clock = startAttemptClock(attemptTimeoutMs, signal);
    inFlight += 1;
    onStart?.((reason) => clock.end(reason));
    try {
      const { url, method, body } = request;
      const first = firstRequest({ method, body, callerHeaders: callerHeaders(request) }, url);
      const outcome = await followRedirects(first, request.followRedirects, depsOf(request, clock));
      if (signal.aborted && outcome.kind === 'page') outcome.page.release();
      signal.throwIfAborted();
      return outcome;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const outcome = outcomeOfError(error);
      if (outcome === undefined) throw error;
      return outcome;
    } finally {
      inFlight -= 1;
      clock.stop();
    }
  };

  return {
    fetchPage,
    close: () => engine.close(),
    get inFlight() {
      return inFlight;
    },
    get hostsInFlight() {
      return limiter.busyHosts;
    },
    get bytesInFlight() {
      return budget.takenBytes;
    },
  };
}
