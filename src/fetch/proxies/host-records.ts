/** How a proxy has fared on one host: a sum of marks that fade. */
interface HostRecord {
  readonly marks: number;
  readonly atMs: number;
}

const HALF_LIFE_MS = 10 * 60_000;
/** A good answer takes back half of what a bad one adds, as in Crawlee's sessions. */
const BAD_MARKS = 1;
const GOOD_MARKS = -0.5;
/** So that what is over is forgotten within the hour, however bad it was. */
const MAX_MARKS = 5;
/** Below, there is nothing left to remember. */
const MIN_MARKS = 0.05;

/** What each mark leaves of the chance to be chosen. */
const CHANCE_PER_MARK = 1 / 4;
/** Blocks are lifted some day, which only a try can tell. */
const MIN_CHANCE = 0.02;

/** The records of one proxy; of more hosts than `maxHosts`, those without news for the longest time are forgotten. */
export class HostRecords {
  readonly #maxHosts: number;
  /** Only where something is wrong. In the order of the last news. */
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

  /** From 1, nothing is known against it, down to a little above 0. */
  chanceOn(host: string, nowMs: number): number {
    const marks = this.#hosts.size === 0 ? 0 : this.#marksOf(host, nowMs);
    return marks === 0 ? 1 : Math.max(MIN_CHANCE, CHANCE_PER_MARK ** marks);
  }

  #marksOf(host: string, nowMs: number): number {
    const record = this.#hosts.get(host);
    return record === undefined ? 0 : record.marks * 2 ** -((nowMs - record.atMs) / HALF_LIFE_MS);
  }
}
