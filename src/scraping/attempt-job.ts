import { createHash } from 'node:crypto';
import { AttemptTimeoutError } from '../fetch/attempt-clock';
import { createSessionCookies, mergeCookies } from '../fetch/cookie-jar';
import { triedAttempt } from '../fetch/create-attempts';
import type { FetchForAttemptOptions, FetchForAttempt, FetchSession } from '../fetch/create-attempts';
import { hasPassedChallenge } from '../fetch/escalation';
import type { FetchWish } from '../fetch/escalation';
import type { ApiParams } from '../jobs/api-params';
import { tierOf } from '../jobs/features';
import type { Trouble, FetchedPage } from '../jobs/fetch-outcome';
import { needsBrowser } from '../jobs/needs-browser';
import type { TriedAttempt } from '../jobs/tried-attempt';
import type { Database } from '../store/database';
import type { StoredJob } from '../store/jobs';
import { patiently } from '../store/retry-transient';
import { findSession, saveSession } from '../store/sessions';
import { fetchRequestOf } from './fetch-request-of';
import type { FinishPage } from './finish-page';

export interface AttemptJobDeps {
  readonly database: Database;
  readonly fetchForAttempt: FetchForAttempt;
  readonly finishPage: FinishPage;
}

/** What one attempt came to, as far as the job is concerned. */
export type AttemptResult =
  | {
      readonly kind: 'page';
      readonly page: FetchedPage;
      /** A protection was in the way, and has been passed. */
      readonly hasPassedChallenge: boolean;
    }
  | { readonly kind: 'trouble'; readonly trouble: Trouble; readonly tried: TriedAttempt };

export type AttemptJob = (
  job: StoredJob,
  options: Pick<FetchForAttemptOptions, 'attempt' | 'signal' | 'onStart'>,
) => Promise<AttemptResult>;

/** One attempt of a job, single or swept: planned by what the ones before ran into, in its session, and made into what was asked for. */
export function createAttemptJob(deps: AttemptJobDeps): AttemptJob {
  return async (job, options) => {
    const params = job.options.apiParams ?? NO_PARAMS;
    const history = job.tried ?? NOTHING_TRIED;
    const number = params.session_number ?? undefined;
    const session =
      number === undefined ? undefined : await patiently(() => openSession(deps.database, job.apiKeyId, number));
    const { attempt, signal, onStart } = options;
    const wish = wishOf(params);
    const end = endInTime(job.deadlineAt, onStart);
    const fetchOptions = { attempt, signal, onStart: end.onStart, history, wish, session };
    const fetched = await deps.fetchForAttempt(fetchRequestOf(job), fetchOptions).finally(end.stop);
    const { outcome } = fetched;
    if (number !== undefined && session !== undefined) {
      try {
        await patiently(() => keepSession(deps.database, job.apiKeyId, number, session, fetched.proxy?.id));
      } catch (error) {
        if (outcome.kind === 'page') outcome.page.release();
        throw error;
      }
    }
    const finished = outcome.kind === 'page' ? await deps.finishPage(outcome.page, job, signal) : outcome;
    if (finished.kind !== 'page') return { kind: 'trouble', trouble: finished, tried: triedAttempt(finished, fetched) };
    return { kind: 'page', page: finished.page, hasPassedChallenge: hasPassedChallenge(history, fetched.engine) };
  };
}

const NO_PARAMS: ApiParams = {};
const NOTHING_TRIED: readonly TriedAttempt[] = [];
/** The URLs of a chunk have the same parameters, which are looked at once. */
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
    // Another attempt may have had to leave the proxy meanwhile: its choice stands.
    proxyId: stored?.proxyId === before ? proxyId : (stored?.proxyId ?? proxyId),
  }));

type OnStart = NonNullable<FetchForAttemptOptions['onStart']>;

/** What noting an attempt takes: so long before the job's end its last fetch is given up, at most a tenth of the time that is left. */
const MARGIN_MS = 500;
/** An attempt that begins longer than this before the end is over by then. */
const MAX_ATTEMPT_MS = 15 * 60_000;

/** Gives up a fetch just before its job's time is over, so that it can still be noted as the attempt that it was. */
export interface EndInTime {
  readonly onStart: OnStart | undefined;
  readonly stop: () => void;
}

/** @param onStart of the caller, who may want to end the fetch as well */
export function endInTime(deadlineAt: Date, onStart: OnStart | undefined): EndInTime {
  const leftMs = deadlineAt.getTime() - Date.now();
  // Nearly every job has a day: a timer for each of its fetches would never fire.
  if (leftMs > MAX_ATTEMPT_MS || leftMs <= 0) return { onStart, stop: () => undefined };
  const limitMs = leftMs - Math.min(MARGIN_MS, leftMs / 10);
  let timer: NodeJS.Timeout | undefined;
  return {
    onStart: (interrupt) => {
      timer = setTimeout(() => interrupt(new AttemptTimeoutError(limitMs)), limitMs);
      onStart?.(interrupt);
    },
    stop: () => clearTimeout(timer),
  };
}
