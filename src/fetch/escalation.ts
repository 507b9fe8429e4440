import type { ProxyTier } from '../jobs/features';
import type { PlanReason } from '../jobs/plan-reasons';
import { confirmedReasonOf } from '../jobs/tried-attempt';
import type { EngineName, NextAttempt, TriedAttempt } from '../jobs/tried-attempt';
import { isMisunderstanding, isOwnTrouble, isProxyFault } from './error-codes';
import { isCertificateCode } from '../net/tls/certificate-codes';
import type { HeaderProfileName } from './engines/engine';

/** How the next attempt of a job is made. */
export interface AttemptPlan {
  readonly engine: EngineName;
  readonly profile: HeaderProfileName;
  /** Whether a connection that was used before must not be used again. */
  readonly isFresh: boolean;
  /** Proxy pools in order of preference; none: the machine's own address. */
  readonly tiers: readonly ProxyTier[];
  /** Whether to avoid the proxy of the attempt before, where there is another one. */
  readonly isOtherProxy: boolean;
  /** Pause since the attempt before, without jitter and `Retry-After`: {@link backOffMs}. */
  readonly delayMs: number;
}

/** How a job may be fetched, by its parameters. */
export interface FetchWish {
  readonly isRendered: boolean;
  /** The tier that the parameters pay for. */
  readonly tier: ProxyTier;
  /** Whether the job has a `session_number`: the target must then see the same visitor again. */
  readonly isSession: boolean;
}

/** The means that this worker has for the job. Only tiers with a proxy in the job's country are listed. */
export interface Means {
  readonly canImpersonate: boolean;
  readonly tiers: readonly ProxyTier[];
}

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30 * 60_000;

/** Milliseconds between an attempt and the next: 1 s, doubling up to 30 min. @param attempts fetches so far, at least 1 */
export const backOffMs = (attempts: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 20), MAX_DELAY_MS);

/**
 * Plans an attempt. Each retry is to be smarter than the last: fresh connection, other headers, a browser's TLS, other proxy, other tier
 * if the parameters pay for it. The function is pure; docs/escalation.md describes the whole policy.
 * @param attempt number of the attempt, from 1
 * @param history the troubles of the attempts before, the newest last
 */
export function planAttempt(
  attempt: number,
  history: readonly TriedAttempt[],
  wish: FetchWish,
  means: Means,
): AttemptPlan {
  const tiers = payable(wish, means);
  const delayMs = attempt > 1 ? backOffMs(attempt - 1) : 0;
  // Nearly every attempt is the first one.
  if (history.length === 0 && !wish.isRendered) return { ...FIRST_RUNG, tiers, isOtherProxy: false, delayMs };
  const last = history.at(-1);
  const isProxyInDoubt = last?.proxy !== undefined && (isUnreachable(last) || speaksAgainstUs(last));
  const plan = { tiers: inTurn(tiers, history), isOtherProxy: isProxyInDoubt && !wish.isSession, delayMs };
  if (wish.isRendered) return { ...plan, engine: 'browser', profile: 'chrome', isFresh: true };
  const { rung } = stepOf(history, rungsOf(means));
  // Another browser with the cookies of the one before would be stranger than a block.
  const profile = wish.isSession ? 'chrome' : rung.profile;
  return { ...plan, ...rung, profile };
}

/**
 * How the attempt after these is going to be made, with the reason, as the job's row keeps it.
 * @param attempt number of that attempt
 * @param history what the attempts before ran into, at least one, the newest last
 */
export function planNext(
  attempt: number,
  history: readonly TriedAttempt[],
  wish: FetchWish,
  means: Means,
): NextAttempt {
  const { engine, tiers, isOtherProxy } = planAttempt(attempt, history, wish, means);
  const [tier] = tiers;
  return {
    engine,
    ...(tier !== undefined && { tier }),
    ...(isOtherProxy && { isOtherProxy }),
    why: reasonOfNext(history, wish, means),
  };
}

function reasonOfNext(history: readonly TriedAttempt[], wish: FetchWish, means: Means): PlanReason {
  const last = history.at(-1);
  if (last !== undefined && confirmedReasonOf(last) !== undefined) return 'confirmation';
  if (wish.isRendered) return 'browser';
  const { why } = stepOf(history, rungsOf(means));
  return wish.isSession && why === 'other_headers' ? 'session' : why;
}

type Rung = Pick<AttemptPlan, 'engine' | 'profile' | 'isFresh'>;

const FIRST_RUNG: Rung = { engine: 'http', profile: 'chrome', isFresh: false };
const FRESH_RUNG: Rung = { engine: 'http', profile: 'chrome', isFresh: true };

/** The ordinary way comes first: most failures are the target's own trouble, and a connection that is kept open costs least. */
const PLAIN_RUNGS: readonly Rung[] = [FIRST_RUNG, FRESH_RUNG, { engine: 'http', profile: 'firefox', isFresh: true }];

const IMPERSONATING_RUNGS: readonly Rung[] = [
  { engine: 'impersonate', profile: 'chrome', isFresh: true },
  { engine: 'impersonate', profile: 'firefox', isFresh: true },
];

const rungsOf = ({ canImpersonate }: Means): readonly Rung[] =>
  canImpersonate ? [...PLAIN_RUNGS, ...IMPERSONATING_RUNGS] : PLAIN_RUNGS;

/** Goes up one rung for each attempt that failed because of who we seem to be. Past the last rung, the last two take turns. */
function stepOf(
  history: readonly TriedAttempt[],
  rungs: readonly Rung[],
): { readonly rung: Rung; readonly why: PlanReason } {
  const last = history.at(-1);
  // Each engine accepts certificates that the other does not: `http` finds those that the target does not send, `impersonate` trusts the
  // authorities of a browser.
  if (last?.engine === 'impersonate' && isAboutCertificates(last))
    return { rung: FRESH_RUNG, why: 'other_certificates' };
  const setbacks = history.filter(speaksAgainstUs);
  const isPlainHopeless = setbacks.some((setback) => isKnownProtection(setback) || isMisunderstood(setback));
  const skipped = isPlainHopeless && rungs.length > PLAIN_RUNGS.length ? PLAIN_RUNGS.length - 1 : 0;
  const step = setbacks.length === 0 ? 0 : skipped + setbacks.length;
  const top = rungs.length - 1;
  const at = step <= top ? step : top - ((step - top) % 2);
  const rung = rungs[at] ?? FIRST_RUNG;
  return { rung, why: last === undefined ? 'same_way' : reasonFor(rung, last, step > top) };
}

/** Why the next attempt is made on this rung. @param isInTurn whether the last rung has been passed */
function reasonFor(rung: Rung, last: TriedAttempt, isInTurn: boolean): PlanReason {
  if (!speaksAgainstUs(last)) return isProxyFault(last.code ?? '') ? 'proxy_trouble' : 'same_way';
  if (rung.engine === 'impersonate' && isAboutCertificates(last)) return 'other_certificates';
  if (isInTurn) return 'in_turn';
  if (rung.engine === 'impersonate' && last.engine === 'http') {
    if (isKnownProtection(last)) return 'known_protection';
    return isMisunderstood(last) ? 'other_protocol' : 'browser_tls';
  }
  return rung.profile === 'chrome' ? 'fresh_connection' : 'other_headers';
}

/** Statuses that reject the visitor rather than the page: unauthorised, payment required, forbidden, not acceptable, teapot, legal reasons, and what firewalls answer. */
const AGAINST_VISITOR: ReadonlySet<number> = new Set([401, 402, 403, 405, 406, 407, 409, 418, 421, 423, 444, 451, 999]);

/** Codes of hosts that do not exist. As far as this machine can tell, they do not exist for anybody. */
const NOT_THERE: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Whether the two sides do not speak the same protocol (TLS, HTTP/2 only and the like). Fresh connections and other headers do not help. */
const isMisunderstood = ({ kind, code = '' }: TriedAttempt): boolean =>
  kind === 'unreachable' && isMisunderstanding(code);

/** Whether a vendor's protection showed itself. Other headers do not help against one that recognises browsers by their TLS. */
const isKnownProtection = ({ vendor }: TriedAttempt): boolean => vendor !== undefined && vendor !== 'generic';

const isAboutCertificates = ({ kind, code }: TriedAttempt): boolean =>
  kind === 'unreachable' && isCertificateCode(code);

/** Whether the target could not be reached, for a reason that is not our own. */
const isUnreachable = ({ kind, code = '' }: TriedAttempt): boolean => kind === 'unreachable' && !isOwnTrouble(code);

/** Whether another visitor might have got the page. A server's own trouble (5xx, a wrong page) says nothing about us, nor does a failing proxy. */
function speaksAgainstUs({ kind, statusCode = 0, code = '' }: TriedAttempt): boolean {
  switch (kind) {
    case 'blocked':
      return true;
    case 'unreachable':
      return !NOT_THERE.has(code) && !isProxyFault(code) && !isOwnTrouble(code);
    case 'refused':
      return AGAINST_VISITOR.has(statusCode);
    case 'throttled':
      return statusCode === 429;
    default:
      return false;
  }
}

/** Tiers in order of preference. A job that pays for the best tier may get the next best, never the other way round. */
function payable({ tier }: FetchWish, { tiers }: Means): readonly ProxyTier[] {
  if (tiers.length === 0) return tiers;
  const paid: readonly ProxyTier[] = tier === 'ultra_premium' ? ['ultra_premium', 'premium'] : [tier];
  return paid.filter((each) => tiers.includes(each));
}

/** After this many setbacks in a row on one tier, the other one goes first, and so on in turn. */
const SETBACKS_PER_TIER = 2;

function inTurn(tiers: readonly ProxyTier[], history: readonly TriedAttempt[]): readonly ProxyTier[] {
  if (tiers.length < 2) return tiers;
  const turn = Math.floor(history.filter(speaksAgainstUs).length / SETBACKS_PER_TIER) % tiers.length;
  return [...tiers.slice(turn), ...tiers.slice(0, turn)];
}

/** Whether the page was protected before, and has now been fetched by an engine that can pass the protection. */
export function hasPassedChallenge(history: readonly TriedAttempt[], engine: EngineName): boolean {
  return engine !== 'http' && history.some(({ kind, vendor }) => kind === 'blocked' && vendor !== 'generic');
}
