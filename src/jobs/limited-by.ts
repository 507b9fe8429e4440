import type { PauseReason } from './batch-object';
import type { WorkerLoad } from './worker-load';

export const limitReasons = [
  ...([
    'paused',
    'max_credits',
    'no_worker',
    'no_browser_worker',
    'host_rests',
    'host_pace',
    'per_host_limit',
  ] as const),
  ...(['retry_delays', 'key_concurrency', 'commits', 'slots', 'target_speed'] as const),
] as const;
export type LimitReason = (typeof limitReasons)[number];

/** What keeps a batch from going faster right now. */
export interface LimitedBy {
  readonly reason: LimitReason;
  /** One sentence for people. */
  readonly sentence: string;
}

/** A host of the URLs that are left. */
export interface HostOfBatch {
  readonly host: string;
  /** How many of the URLs left are of it, as far as the sample tells. */
  readonly left: number;
  /** Most fetches in flight to it, of all workers together. */
  readonly concurrency: number;
  /** Time between two requests (ms); 0 when the owner set no pace. */
  readonly intervalMs: number;
  /** End of the rest that it has asked for. */
  readonly restsUntil?: Date;
  /** Whether its turns of the next moment are taken, so that requests wait for the pace. */
  readonly isPaceFull: boolean;
}

/** A worker that is alive. */
export interface WorkerOfBatch {
  readonly hasBrowser: boolean;
  readonly load?: WorkerLoad;
}

/** What is known of a batch that has not ended. */
export interface BatchFacts {
  readonly now: Date;
  readonly createdAt: Date;
  readonly pausedBecause?: PauseReason;
  readonly maxCredits?: number;
  readonly maxPerHost?: number;
  /** Whether a browser loads the page of at least one URL. */
  readonly isRendered: boolean;
  /** Whether Temporal has acknowledged the start of its workflow. */
  readonly isStarted: boolean;
  /** URLs that have not ended. */
  readonly left: number;
  /** Fetches in flight, as of the last second. */
  readonly inFlight: number;
  /** URLs that failed before and wait for their next try. */
  readonly waiting: number;
  /** When the first of these is due. */
  readonly nextTryAt?: Date;
  readonly workers: readonly WorkerOfBatch[];
  /** Pages that one worker with a browser loads at a time. */
  readonly maxBrowserPages: number;
  /** The hosts with most URLs left, the largest first. */
  readonly hosts: readonly HostOfBatch[];
  /** Whether `hosts` are all hosts that the sample of URLs left has. */
  readonly areAllHosts: boolean;
  /** Fetches that the key may have in flight, and has in flight for its batches; undefined without such a limit. */
  readonly key?: { readonly limit: number; readonly inFlight: number };
}

type Rule = (facts: BatchFacts) => LimitedBy | undefined;

/** Time that a start may take before it is worth a word (ms). */
const STARTING_MS = 5_000;
/** A limit counts as reached from this share of it on, because the notes of what is in flight are a second old. */
const REACHED = 0.8;
/** What concerns at least this share of the URLs left is what the batch waits for. */
const MOST = 0.5;

const number = (value: number): string => Math.round(value).toLocaleString('en-US');
const fetches = (count: number): string => `${number(count)} ${count === 1 ? 'fetch is' : 'fetches are'} in flight`;
const clock = (time: Date): string => `${time.toISOString().slice(11, 19)} UTC`;

/** The rules in order of importance: what keeps everything from going on comes first. */
const RULES: readonly Rule[] = [
  paused,
  noWorker,
  hostRests,
  hostPace,
  perHostLimit,
  retryDelays,
  keyConcurrency,
  commits,
  slots,
  targetSpeed,
];

/**
 * Says what limits a batch now, derived from what is known and nothing else.
 * @returns undefined when nothing can be said, as in the first moments
 */
export function limitedBy(facts: BatchFacts): LimitedBy | undefined {
  for (const rule of RULES) {
    const found = rule(facts);
    if (found !== undefined) return found;
  }
  return undefined;
}

function paused({ pausedBecause, maxCredits, inFlight }: BatchFacts): LimitedBy | undefined {
  if (pausedBecause === undefined) return undefined;
  const rest = inFlight > 0 ? `; ${fetches(inFlight)} and may end` : '';
  if (pausedBecause === 'request')
    return { reason: 'paused', sentence: `It is paused, and nothing new is fetched until it is resumed${rest}.` };
  const cap = maxCredits === undefined ? '' : ` of ${number(maxCredits)}`;
  return {
    reason: 'max_credits',
    sentence: `Its maxCredits${cap} are spent or promised; it goes on when the number is raised and the batch resumed${rest}.`,
  };
}

function noWorker({ workers, isRendered, isStarted, now, createdAt }: BatchFacts): LimitedBy | undefined {
  if (workers.length === 0)
    return { reason: 'no_worker', sentence: 'No worker is alive, so nothing is fetched until one starts.' };
  if (isRendered && workers.every(({ hasBrowser }) => !hasBrowser))
    return {
      reason: 'no_browser_worker',
      sentence: 'Pages of it need a browser, and no worker that is alive has one.',
    };
  if (!isStarted && now.getTime() - createdAt.getTime() > STARTING_MS)
    return {
      reason: 'no_worker',
      sentence:
        'Temporal has not taken its workflow yet, so no worker knows of it; the start is tried again and again.',
    };
  return undefined;
}

/** The hosts that meet a condition, when most of the URLs left are theirs. */
function mostAre(
  { hosts, left }: BatchFacts,
  is: (host: HostOfBatch) => boolean,
): { readonly first: HostOfBatch; readonly others: number; readonly left: number } | undefined {
  const [first, ...others] = hosts.filter(is);
  if (first === undefined) return undefined;
  const theirs = others.reduce((sum, host) => sum + host.left, first.left);
  return theirs < left * MOST ? undefined : { first, others: others.length, left: Math.min(theirs, left) };
}

const andOthers = (others: number): string =>
  others === 0 ? '' : ` and ${number(others)} more ${others === 1 ? 'host' : 'hosts'}`;

function hostRests(facts: BatchFacts): LimitedBy | undefined {
  const resting = mostAre(facts, ({ restsUntil }) => restsUntil !== undefined && restsUntil > facts.now);
  if (resting?.first.restsUntil === undefined) return undefined;
  const { first, others, left } = resting;
  return {
    reason: 'host_rests',
    sentence: `${first.host}${andOthers(others)} asked to be left alone, ${first.host} until ${clock(resting.first.restsUntil)}; some ${number(left)} of the ${number(facts.left)} URLs left are there.`,
  };
}

function hostPace(facts: BatchFacts): LimitedBy | undefined {
  const paced = mostAre(facts, ({ isPaceFull }) => isPaceFull);
  if (paced === undefined) return undefined;
  const { first, others, left } = paced;
  const pace = first.intervalMs > 0 ? `at most ${paceOf(first.intervalMs)}` : 'no faster than its robots.txt wants';
  return {
    reason: 'host_pace',
    sentence: `${first.host} is asked ${pace}${others === 0 ? '' : `, and ${number(others)} more hosts have a pace`}; some ${number(left)} of the ${number(facts.left)} URLs left are there.`,
  };
}

/** A pace as `HOST_LIMITS` has it. */
const paceOf = (intervalMs: number): string =>
  intervalMs <= 1_000
    ? `${number(1_000 / intervalMs)} times a second`
    : `${number(60_000 / intervalMs)} times a minute`;

function perHostLimit({ hosts, areAllHosts, maxPerHost, inFlight, left }: BatchFacts): LimitedBy | undefined {
  if (!areAllHosts || hosts.length === 0) return undefined;
  const limitOf = ({ concurrency }: HostOfBatch): number => Math.min(concurrency, maxPerHost ?? Infinity);
  const most = hosts.reduce((sum, host) => sum + Math.min(limitOf(host), host.left), 0);
  if (inFlight < most * REACHED || most >= left) return undefined;
  const [first] = hosts;
  const limit = first === undefined ? 0 : limitOf(first);
  const whose = maxPerHost === limit ? 'maxPerHost of the batch' : 'the limit of the installation';
  const where = hosts.length === 1 ? `on one host, ${first?.host}` : `on ${number(hosts.length)} hosts`;
  return {
    reason: 'per_host_limit',
    sentence: `The URLs left are ${where}, and ${number(limit)} fetches may be in flight to one at a time (${whose}).`,
  };
}

function retryDelays({ left, waiting, inFlight, nextTryAt, now }: BatchFacts): LimitedBy | undefined {
  const isIdle = inFlight === 0 && waiting > 0;
  if (!isIdle && waiting < left * MOST) return undefined;
  const next = nextTryAt !== undefined && nextTryAt > now ? `; the next is due at ${clock(nextTryAt)}` : '';
  return {
    reason: 'retry_delays',
    sentence: `${number(waiting)} of the ${number(left)} URLs left failed before and wait for their next try${next}.`,
  };
}

function keyConcurrency({ key }: BatchFacts): LimitedBy | undefined {
  if (key === undefined || key.inFlight < key.limit * REACHED) return undefined;
  return {
    reason: 'key_concurrency',
    sentence: `The API key may have ${number(key.limit)} fetches in flight, and has ${number(key.inFlight)}.`,
  };
}

function commits({ workers }: BatchFacts): LimitedBy | undefined {
  const loads = workers.flatMap(({ load }) => (load === undefined ? [] : [load]));
  if (loads.length === 0 || !loads.every(({ isBacklogged }) => isBacklogged)) return undefined;
  return {
    reason: 'commits',
    sentence: 'Pages arrive faster than PostgreSQL and the page store take them, so fetches wait for commits.',
  };
}

function slots({ workers, isRendered, inFlight, maxBrowserPages }: BatchFacts): LimitedBy | undefined {
  const browsers = workers.filter(({ hasBrowser }) => hasBrowser).length;
  if (isRendered && inFlight >= browsers * maxBrowserPages * REACHED)
    return {
      reason: 'slots',
      sentence: `${number(inFlight)} pages are being loaded, and ${browsers === 1 ? 'the browser' : `${number(browsers)} browsers`} may load ${number(browsers * maxBrowserPages)} at a time (MAX_BROWSER_PAGES).`,
    };
  const loads = workers.flatMap(({ load }) => (load === undefined ? [] : [load]));
  if (loads.length === 0 || !loads.every(({ isFull }) => isFull)) return undefined;
  const limit = loads.reduce((sum, load) => sum + load.limit, 0);
  return {
    reason: 'slots',
    sentence: `All ${number(limit)} fetch slots of ${loads.length === 1 ? 'the worker' : `the ${number(loads.length)} workers`} are taken: as many as the machine bears, or MAX_CONCURRENT_FETCHES.`,
  };
}

function targetSpeed({ inFlight }: BatchFacts): LimitedBy | undefined {
  if (inFlight === 0) return undefined;
  return {
    reason: 'target_speed',
    sentence: `${fetches(inFlight)}, and none of our limits is reached: the targets' own speed decides.`,
  };
}
