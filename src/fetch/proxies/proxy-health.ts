/** Failures in a row after which a proxy rests. */
const MAX_FAILURES = 3;
const FIRST_REST_MS = 30_000;
const MAX_REST_MS = 30 * 60_000;
/** Time after which a probe without a result is given up. */
const PROBE_MS = 2 * 60_000;

/** Different hosts in a row that refused the proxy, or that it could not reach, before its chance falls. */
const MAX_STRANGERS = 5;
const MIN_CHANCE = 0.05;

/** Tracks whether one proxy works at all, whatever the target. */
export class ProxyHealth {
  #failures = 0;
  /** Length of the last rest; 0 when the proxy has worked since. */
  #restMs = 0;
  #restUntilMs = 0;
  #probeUntilMs = 0;
  #strangers = 0;
  #lastStranger: string | undefined;

  /**
   * Factor from 1 down to a little above 0: a proxy that fails on each new host is hardly chosen any more. It never rests for that, because
   * targets that nobody can reach would take down one proxy after the other; so they lower all alike.
   */
  get chance(): number {
    return this.#strangers <= MAX_STRANGERS ? 1 : Math.max(MIN_CHANCE, 2 ** (MAX_STRANGERS - this.#strangers));
  }

  /** Time from which the proxy may be used; in the past if it may be used now. */
  get closedUntilMs(): number {
    return Math.max(this.#restUntilMs, this.#probeUntilMs);
  }

  /** Notes that the proxy has been chosen. After a rest one attempt is the probe, for which others wait. */
  noteUse(nowMs: number): void {
    if (this.#restMs > 0 && nowMs >= this.closedUntilMs) this.#probeUntilMs = nowMs + PROBE_MS;
  }

  noteGood(): void {
    this.#strangers = 0;
    this.#lastStranger = undefined;
    this.#noteAlive();
  }

  /** Notes that a target refused. For the proxy itself that is good news, because it delivered the answer. */
  noteBad(host: string): void {
    this.#noteStranger(host);
    this.#noteAlive();
  }

  /** Notes that no answer came, which may be the fault of either the proxy or the target. */
  noteSilent(host: string): void {
    this.#noteStranger(host);
    this.#probeUntilMs = 0; // the probe was inconclusive, so the next attempt is one
  }

  noteDead(nowMs: number): void {
    if (nowMs < this.#restUntilMs) return; // the attempt began before the rest, and says nothing new
    this.#failures += 1;
    if (this.#failures < MAX_FAILURES) return;
    this.#rest(this.#restMs === 0 ? FIRST_REST_MS : Math.min(MAX_REST_MS, this.#restMs * 2), nowMs);
  }

  /** Notes that the proxy rejected our credentials, which stay wrong until somebody changes them. */
  noteLockedOut(nowMs: number): void {
    this.#failures = MAX_FAILURES;
    this.#rest(MAX_REST_MS, nowMs);
  }

  #noteStranger(host: string): void {
    if (host !== this.#lastStranger) this.#strangers += 1;
    this.#lastStranger = host;
  }

  #noteAlive(): void {
    this.#failures = 0;
    this.#restMs = 0;
    this.#restUntilMs = 0;
    this.#probeUntilMs = 0;
  }

  #rest(restMs: number, nowMs: number): void {
    this.#restMs = restMs;
    this.#restUntilMs = nowMs + restMs;
    this.#probeUntilMs = 0;
  }
}

/** Record of a proxy on one host: a sum of marks that decays. */
interface HostRecord {
  readonly marks: number;
  readonly atMs: number;
}

const HALF_LIFE_MS = 10 * 60_000;
/** A good answer takes back half of what a bad one adds, as in Crawlee's sessions. */
const BAD_MARKS = 1;
const GOOD_MARKS = -0.5;
/** Cap of the marks, so that even a bad record is forgotten within the hour. */
const MAX_MARKS = 5;
/** Records below this are deleted. */
const MIN_MARKS = 0.05;

/** Factor by which each mark lowers the chance to be chosen. */
const CHANCE_PER_MARK = 1 / 4;
/** Lowest chance on a host. It is above 0, because only a try can tell that a block has been lifted. */
const MIN_HOST_CHANCE = 0.02;

/** The records of one proxy on up to `maxHosts` hosts; beyond that, the host without news for the longest time is forgotten. */
export class HostRecords {
  readonly #maxHosts: number;
  /** Records of the hosts with marks against the proxy, the oldest news first. */
  readonly #hosts = new Map<string, HostRecord>();

  constructor(maxHosts: number) {
    this.#maxHosts = maxHosts;
  }

  get size(): number {
    return this.#hosts.size;
  }

  note(host: string, kind: 'good' | 'bad', nowMs: number): void {
    const before = this.#marksOf(host, nowMs);
    const marks = Math.min(MAX_MARKS, before + (kind === 'good' ? GOOD_MARKS : BAD_MARKS));
    this.#hosts.delete(host);
    if (marks < MIN_MARKS) return;
    this.#hosts.set(host, { marks, atMs: nowMs });
    if (this.#hosts.size > this.#maxHosts) {
      const [oldest] = this.#hosts.keys();
      if (oldest !== undefined) this.#hosts.delete(oldest);
    }
  }

  /** Chance factor on a host: 1 when nothing is known against the proxy, down to a little above 0. */
  chanceOn(host: string, nowMs: number): number {
    const marks = this.#hosts.size === 0 ? 0 : this.#marksOf(host, nowMs);
    return marks === 0 ? 1 : Math.max(MIN_HOST_CHANCE, CHANCE_PER_MARK ** marks);
  }

  #marksOf(host: string, nowMs: number): number {
    const record = this.#hosts.get(host);
    return record === undefined ? 0 : record.marks * 2 ** -((nowMs - record.atMs) / HALF_LIFE_MS);
  }
}
