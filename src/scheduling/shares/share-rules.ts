/** A worker as the others know it. */
export interface ShareHolder {
  /** By how many it divides every limit; 0: it has joined and fetches nothing yet. */
  readonly dividesBy: number;
  /** Hosts and keys of which it has more in flight than its part. */
  readonly over: readonly string[];
}

/** What all workers together have leased of a host or a key. */
export interface Leased {
  readonly resource: string;
  readonly limit: number;
  readonly slots: number;
}

/** What a worker says of itself. */
export interface ShareReport extends ShareHolder {
  /** Whether it would divide by less, because there have been fewer workers for a while. */
  readonly mayGrow: boolean;
}

/** Where a worker stands after its report. */
export interface ShareStanding {
  /** Workers that there are, with those that have just joined. */
  readonly workers: number;
  /** By how many it divides from now on, as far as the others know. When it is less than `workers`, it is to divide by these and report so. */
  readonly dividesBy: number;
  /** Of these, others have more in flight than their part: it starts nothing there. */
  readonly closed: ReadonlySet<string>;
  /** More of these is leased than may be: who has a lease gives it back. */
  readonly overfull: ReadonlySet<string>;
}

/**
 * What a worker may have in flight of a limit without asking anybody: all when it is alone, half an equal part when there are
 * others, at least one, and nothing when there are more workers than the limit. The rest is leased to whoever needs it.
 */
export function partOf(limit: number, dividesBy: number): number {
  if (dividesBy === 1) return limit;
  if (dividesBy === 0 || dividesBy > limit) return 0;
  return Math.max(1, Math.floor(limit / (2 * dividesBy)));
}

/** How much of a limit the parts of these workers are. */
const partsOf = (limit: number, holders: Iterable<Pick<ShareHolder, 'dividesBy'>>): number => {
  let sum = 0;
  for (const { dividesBy } of holders) sum += partOf(limit, dividesBy);
  return sum;
};

/**
 * Decides by how many a worker divides. It keeps two things true at every moment, whatever workers come and go: whoever
 * fetches divides by at least as many as there are workers that fetch, and parts and leases together are never more than the limit.
 * To be called under a lock, on what is stored.
 * @param isKnown whether it was among the workers before; one that was silent for too long has been forgotten, and joins again
 */
export function judgeReport(
  report: ShareReport,
  others: readonly ShareHolder[],
  leased: readonly Leased[],
  isKnown: boolean,
): ShareStanding {
  const workers = others.length + 1;
  const dividesBy = nextDivisor(report, others, leased, isKnown);
  const all = [...others, { dividesBy }];
  const overfull = new Set(
    leased.filter(({ limit, slots }) => partsOf(limit, all) + slots > limit).map(({ resource }) => resource),
  );
  return { workers, dividesBy, overfull, closed: new Set(others.flatMap(({ over }) => over)) };
}

function nextDivisor(
  { dividesBy, mayGrow }: ShareReport,
  others: readonly ShareHolder[],
  leased: readonly Leased[],
  isKnown: boolean,
): number {
  const workers = others.length + 1;
  // A newcomer waits until all others divide by as many as there are with it.
  if (dividesBy === 0)
    return others.every((other) => other.dividesBy === 0 || other.dividesBy >= workers) ? workers : 0;
  if (!isKnown) return 0;
  if (!mayGrow || dividesBy <= workers) return dividesBy;
  const all = [...others, { dividesBy: workers }];
  return leased.every(({ limit, slots }) => partsOf(limit, all) + slots <= limit) ? workers : dividesBy;
}

/** Another worker's lease, or its wait for one (0 slots). */
export interface OtherLease {
  readonly slots: number;
  /** Whether it has waited for longer than the asker, and still does. */
  readonly isAhead: boolean;
}

export interface LeaseWish {
  readonly resource: string;
  readonly limit: number;
  /** Slots that it has leased. */
  readonly held: number;
  /** Slots that it would like to have besides. */
  readonly more: number;
}

/**
 * How many more slots a wish gets: what neither parts nor leases have taken, and nobody ahead waits for.
 * @param holders all workers, the asker too
 */
export function slotsFor(
  { limit, held, more }: LeaseWish,
  holders: readonly ShareHolder[],
  others: readonly OtherLease[],
): number {
  const leased = others.reduce((sum, { slots }) => sum + slots, held);
  const ahead = others.filter(({ slots, isAhead }) => slots === 0 && isAhead).length;
  return Math.max(0, Math.min(more, limit - partsOf(limit, holders) - leased - ahead));
}
