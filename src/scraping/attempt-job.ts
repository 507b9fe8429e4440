import { createHash } from 'node:crypto';
import { AttemptTimeoutError } from '../fetch/attempt-clock';
import { createSessionCookies, mergeCookies } from '../fetch/cookie-jar';
import { triedAttempt, triedPage } from '../fetch/create-fetch-for-attempt';
import type { FetchForAttemptOptions, FetchForAttempt, FetchSession } from '../fetch/create-fetch-for-attempt';
import { hasPassedChallenge, planNext } from '../fetch/escalation';
import type { FetchWish } from '../fetch/escalation';
import type { ApiParams } from '../jobs/api-params';
import { tierOf } from '../jobs/features';
import type { Trouble, FetchedPage } from '../jobs/fetch-outcome';
import { needsBrowser } from '../jobs/needs-browser';
import type { TriedAttempt } from '../jobs/tried-attempt';
import type { Database } from '../store/database';
import type { StoredJob } from '../store/jobs';
import { retryTransient } from '../store/retry-transient';
import { findSession, saveSession } from '../store/sessions';
import { fetchRequestOf } from './fetch-request-of';
import type { FinishPage } from './finish-page';

export interface AttemptJobDeps {
  readonly database: Database;
  readonly fetchForAttempt: FetchForAttempt;
  readonly finishPage: FinishPage;
}

/** The result of one attempt, as far as the job is concerned. */
export type AttemptResult =
  | {
      readonly kind: 'page';
      readonly page: FetchedPage;
      /** True when an earlier attempt was blocked and this one has passed the challenge. */
      readonly hasPassedChallenge: boolean;
      /** How it was made; only when others had failed before, because nobody asks otherwise. */
      readonly tried?: TriedAttempt;
    }
  | {
      readonly kind: 'trouble';
      readonly trouble: Trouble;
      readonly tried: TriedAttempt;
      /** True when the attempt was given up because the time of its job was nearly over: no other can follow. */
      readonly isLast?: boolean;
    };

export type AttemptJob = (
  job: StoredJob,
  options: Pick<FetchForAttemptOptions, 'attempt' | 'signal' | 'onStart'>,
) => Promise<AttemptResult>;

/**
 * Makes one attempt of a job, single or swept: fetches in its session, in a way that depends on earlier attempts, and finishes the
 * page.
 */
export function createAttemptJob(deps: AttemptJobDeps): AttemptJob {
  return async (job, options) => {
    const params = job.options.apiParams ?? NO_PARAMS;
    const history = job.tried ?? NOTHING_TRIED;
    const number = params.session_number ?? undefined;
    const session =
      number === undefined ? undefined : await retryTransient(() => openSession(deps.database, job.apiKeyId, number));
    const { attempt, signal, onStart } = options;
    const wish = wishOf(params);
    const end = endInTime(job.deadlineAt, wish.isRendered ? RENDERED_MARGIN : MARGIN, onStart);
    const fetchOptions = { attempt, signal, onStart: end.onStart, history, wish, session };
    const fetched = await deps.fetchForAttempt(fetchRequestOf(job), fetchOptions).finally(end.stop);
    const { outcome } = fetched;
    if (number !== undefined && session !== undefined) {
      try {
        await retryTransient(() => keepSession(deps.database, job.apiKeyId, number, session, fetched.proxy?.id));
      } catch (error) {
        if (outcome.kind === 'page') outcome.page.release();
        throw error;
      }
    }
    const finished = outcome.kind === 'page' ? await deps.finishPage(outcome.page, job, signal) : outcome;
    if (finished.kind !== 'page') {
      const last = triedAttempt(finished, fetched);
      const next = planNext(attempt + 1, [...history, last], wish, fetched.means);
      return { kind: 'trouble', trouble: finished, tried: { ...last, next }, ...(end.hasCome() && { isLast: true }) };
    }
    const { page } = finished;
    const passed = hasPassedChallenge(history, fetched.engine);
    if (history.length === 0) return { kind: 'page', page, hasPassedChallenge: passed };
    return { kind: 'page', page, hasPassedChallenge: passed, tried: triedPage(page.statusCode, fetched) };
  };
}

const NO_PARAMS: ApiParams = {};
const NOTHING_TRIED: readonly TriedAttempt[] = [];
/** Cached, because all URLs of a chunk share one object of parameters. */
const wishes = new WeakMap<ApiParams, FetchWish>();

function wishOf(params: ApiParams): FetchWish {
  let wish = wishes.get(params);
  if (wish === undefined) {
    const isSession = (params.session_number ?? undefined) !== undefined;
    wish = { isRendered: needsBrowser(params), tier: tierOf(params), isSession };
    wishes.set(params, wish);
  }
  return wish;
}

async function openSession(db: Database, apiKeyId: string, number: number): Promise<FetchSession> {
  const stored = await findSession(db, apiKeyId, number);
  const seed = createHash('sha256').update(`${apiKeyId} ${number}`).digest().readUInt32BE() / 2 ** 32;
  return { cookies: createSessionCookies(stored?.cookies), proxyId: stored?.proxyId, seed };
}

const keepSession = (
  db: Database,
  apiKeyId: string,
  number: number,
  { cookies, proxyId: before }: FetchSession,
  proxyId: string | undefined,
): Promise<void> =>
  saveSession(db, apiKeyId, number, (stored) => ({
    cookies: mergeCookies(stored?.cookies, cookies.changes),
    // Another attempt of the session may have changed the proxy meanwhile; its choice stands.
    proxyId: stored?.proxyId === before ? proxyId : (stored?.proxyId ?? proxyId),
  }));

type OnStart = NonNullable<FetchForAttemptOptions['onStart']>;

/**
 * How long before the deadline the last fetch is given up, so that the attempt can still be recorded: a time in ms, or that share of
 * the time left when it is less.
 */
interface Margin {
  readonly ms: number;
  readonly share: number;
}
const MARGIN: Margin = { ms: 500, share: 0.1 };
/** A browser has to close the page first. */
const RENDERED_MARGIN: Margin = { ms: 1_500, share: 0.25 };
/** An attempt that begins earlier than this before the deadline has ended by then. */
const MAX_ATTEMPT_MS = 15 * 60_000;

/** Gives up a fetch just before the deadline of its job, so that the attempt can still be recorded. */
interface EndInTime {
  readonly onStart: OnStart | undefined;
  readonly stop: () => void;
  /** Whether it has given up the fetch. */
  readonly hasCome: () => boolean;
}

/** @param onStart callback of the caller, which may end the fetch as well */
function endInTime(deadlineAt: Date, margin: Margin, onStart: OnStart | undefined): EndInTime {
  const leftMs = deadlineAt.getTime() - Date.now();
  // Nearly every job has a day left; the timers of its fetches would never fire.
  if (leftMs > MAX_ATTEMPT_MS || leftMs <= 0) return { onStart, stop: () => undefined, hasCome: () => false };
  const limitMs = leftMs - Math.min(margin.ms, leftMs * margin.share);
  let timer: NodeJS.Timeout | undefined;
  let hasCome = false;
  return {
    onStart: (interrupt) => {
      timer = setTimeout(() => {
        hasCome = true;
        interrupt(new AttemptTimeoutError(limitMs));
      }, limitMs);
      onStart?.(interrupt);
    },
    stop: () => clearTimeout(timer),
    hasCome: () => hasCome,
  };
}
