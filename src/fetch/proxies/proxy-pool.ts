import type { FetchOutcome } from '../../jobs/fetch-outcome';
import type { ProxyScore } from '../../jobs/proxy-score';
import { isOwnTrouble, isProxyFault } from '../error-codes';
import { HostRecords, ProxyHealth } from './proxy-health';
import { isCountryIn } from './proxy';
import type { Proxy, ProxyTier } from './proxy';

/** Result of an attempt, as far as it tells about the proxy. */
export type ProxyVerdict =
  /** The target answered as it would answer anybody. */
  | 'good'
  /** The target refused. This counts for this host only, and shows that the proxy works. */
  | 'bad'
  /** No answer came, and nothing shows that it is the proxy's fault. This counts for this host only. */
  | 'silent'
  /** The proxy itself failed. This counts for all hosts. */
  | 'dead'
  /** The proxy rejected our credentials. This counts for all hosts, at once and for long. */
  | 'locked-out';

export interface ProxyWish {
  /** Tiers in the order of preference: a later one is used only when all proxies of the earlier ones rest. */
  readonly tiers: readonly ProxyTier[];
  /** ISO 3166 alpha-2, or `eu` for any member state. */
  readonly country?: string | undefined;
  /** Host of the target. */
  readonly host: string;
  /** Proxy of the session, taken as long as it fits and does not rest. */
  readonly preferredId?: string | undefined;
  /** Proxy that has just failed, not taken again when there is another. */
  readonly avoidId?: string | undefined;
  /** Random number from 0 (inclusive) to 1 (exclusive). */
  readonly random: number;
}

export interface ProxyPoolOptions {
  /** Current time in milliseconds. @default Date.now */
  readonly now?: () => number;
}

interface Member {
  readonly proxy: Proxy;
  readonly health: ProxyHealth;
  readonly records: HostRecords;
}

/** Maximum number of host records of all proxies together, some 100 bytes each. */
const MAX_RECORDS = 200_000;
const MAX_HOSTS = 1_000;
/** Most pairs of host and proxy whose change is kept until somebody takes it; the oldest changes are left out. */
const MAX_NEWS = 500;
/** Stands for all hosts in a score. */
const ANY_HOST = '';

/** Chooses the next proxy by the results of earlier attempts. This is pure bookkeeping, without connections or timers. */
export class ProxyPool {
  readonly #now: () => number;
  readonly #members: ReadonlyMap<string, Member>;
  /** Members by tier and wished country, each found once. */
  readonly #fitting = new Map<string, readonly Member[]>();
  /** What has changed since the last {@link takeNews}, the oldest change first. */
  readonly #news = new Map<string, { readonly host: string; readonly member: Member }>();

  constructor(proxies: readonly Proxy[], { now = Date.now }: ProxyPoolOptions = {}) {
    this.#now = now;
    const maxHosts = Math.min(MAX_HOSTS, Math.ceil(MAX_RECORDS / proxies.length));
    this.#members = new Map(
      proxies.map((proxy) => [proxy.id, { proxy, health: new ProxyHealth(), records: new HostRecords(maxHosts) }]),
    );
  }

  /** Tells whether any proxy fits the wish, resting or not. */
  has({ tier, country }: { readonly tier?: ProxyTier | undefined; readonly country?: string | undefined }): boolean {
    return [...this.#members.values()].some(
      ({ proxy }) => (tier === undefined || proxy.tier === tier) && isCountryIn(proxy.country, country),
    );
  }

  /** Undefined when {@link has} is false for all tiers of the wish; a resting proxy is better than none. */
  choose(wish: ProxyWish): Proxy | undefined {
    const nowMs = this.#now();
    const chosen = this.#preferred(wish, nowMs) ?? this.#byChance(wish, nowMs) ?? this.#soonest(wish);
    chosen?.health.noteUse(nowMs);
    return chosen?.proxy;
  }

  /** @param host the target's, as it was when the proxy was chosen */
  report(proxyId: string, host: string, verdict: ProxyVerdict): void {
    const member = this.#members.get(proxyId);
    if (member === undefined) return;
    const { health, records } = member;
    const nowMs = this.#now();
    const [chance, chanceOnHost, closedUntilMs] = [health.chance, records.chanceOn(host, nowMs), health.closedUntilMs];
    this.#note(member, host, verdict);
    if (records.chanceOn(host, nowMs) !== chanceOnHost) this.#noteNews(host, member);
    if (health.chance !== chance || health.closedUntilMs !== closedUntilMs) this.#noteNews(ANY_HOST, member);
  }

  #noteNews(host: string, member: Member): void {
    const key = `${host} ${member.proxy.id}`;
    this.#news.delete(key);
    this.#news.set(key, { host, member });
    if (this.#news.size <= MAX_NEWS) return;
    const [oldest] = this.#news.keys();
    if (oldest !== undefined) this.#news.delete(oldest);
  }

  /** Takes the scores that have changed since it was called last, 500 at most. */
  takeNews(): readonly ProxyScore[] {
    const nowMs = this.#now();
    const news = [...this.#news.values()].map(({ host, member: { proxy, health, records } }): ProxyScore => {
      const isWhole = host === ANY_HOST;
      return {
        ...{ host, name: proxy.id, tier: proxy.tier },
        ...(proxy.country !== undefined && { country: proxy.country }),
        score: isWhole ? health.chance : records.chanceOn(host, nowMs),
        ...(isWhole && health.closedUntilMs > nowMs && { restsUntil: new Date(health.closedUntilMs) }),
      };
    });
    this.#news.clear();
    return news;
  }

  #note({ health, records }: Member, host: string, verdict: ProxyVerdict): void {
    const nowMs = this.#now();
    switch (verdict) {
      case 'good':
        health.noteGood();
        return records.note(host, 'good', nowMs);
      case 'bad':
        health.noteBad(host);
        return records.note(host, 'bad', nowMs);
      case 'silent':
        health.noteSilent(host);
        return records.note(host, 'bad', nowMs);
      case 'dead':
        return health.noteDead(nowMs);
      case 'locked-out':
        return health.noteLockedOut(nowMs);
    }
  }

  #preferred({ preferredId, avoidId, tiers, country }: ProxyWish, nowMs: number): Member | undefined {
    if (preferredId === undefined || preferredId === avoidId) return undefined;
    const member = this.#members.get(preferredId);
    if (member === undefined || member.health.closedUntilMs > nowMs) return undefined;
    const { proxy } = member;
    return tiers.includes(proxy.tier) && isCountryIn(proxy.country, country) ? member : undefined;
  }

  #byChance({ tiers, country, host, avoidId, random }: ProxyWish, nowMs: number): Member | undefined {
    let avoided: Member | undefined;
    for (const tier of tiers) {
      const members = this.#fittingTo(tier, country);
      const sums = new Float64Array(members.length);
      let sum = 0;
      let index = 0;
      for (const member of members) {
        const { proxy, health, records } = member;
        if (health.closedUntilMs <= nowMs) {
          if (proxy.id === avoidId) avoided = member;
          else sum += proxy.weight * health.chance * records.chanceOn(host, nowMs);
        }
        sums[index++] = sum;
      }
      if (sum > 0) return members[sums.findIndex((each) => each > random * sum)];
    }
    return avoided;
  }

  /** The proxy whose rest ends first, for when all of them rest. */
  #soonest({ tiers, country, avoidId }: ProxyWish): Member | undefined {
    const all = tiers.flatMap((tier) => this.#fittingTo(tier, country));
    const others = all.filter(({ proxy }) => proxy.id !== avoidId);
    const candidates = others.length > 0 ? others : all;
    return candidates.reduce<Member | undefined>(
      (best, each) => (best === undefined || each.health.closedUntilMs < best.health.closedUntilMs ? each : best),
      undefined,
    );
  }

  #fittingTo(tier: ProxyTier, country: string | undefined): readonly Member[] {
    const key = `${tier} ${country ?? ''}`;
    const known = this.#fitting.get(key);
    if (known !== undefined) return known;
    const found = [...this.#members.values()].filter(
      ({ proxy }) => proxy.tier === tier && isCountryIn(proxy.country, country),
    );
    // Empty results are not kept, because clients can send any number of different wishes.
    if (found.length > 0) this.#fitting.set(key, found);
    return found;
  }
}

/** Derives the verdict on a proxy from the outcome of an attempt through it; undefined when the outcome tells nothing. */
export function proxyVerdictOf(outcome: FetchOutcome): ProxyVerdict | undefined {
  switch (outcome.kind) {
    case 'page':
    case 'too-large':
      return 'good';
    case 'blocked':
    case 'throttled':
    case 'unsuccessful':
      return 'bad';
    case 'refused':
      return outcome.statusCode < 500 ? 'bad' : undefined; // This is the target's own trouble.
    case 'unreachable':
      if (isOwnTrouble(outcome.code)) return undefined;
      if (!isProxyFault(outcome.code)) return 'silent'; // if the target is down, all proxies lose alike
      return outcome.code === 'PROXY_AUTH_FAILED' ? 'locked-out' : 'dead';
    case 'too-many-redirects':
    case 'unconvertible':
    case 'forbidden':
    case 'disallowed':
      return undefined;
  }
}
